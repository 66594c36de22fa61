//! A button that is a command: pressing it is as good as typing the line, and where there is none
//! it says why.

use yew::{Callback, Html, html};
use yurt_workbench::view::ButtonView;

use crate::ui::{Button, Weight};

/// The button, of the view that holds its command.
pub fn command_button(
    label: &'static str,
    button: &ButtonView,
    weight: Weight,
    on_command: &Callback<String>,
) -> Html {
    let (command, on_command) = (button.command.clone(), on_command.clone());
    let title = command.clone().unwrap_or_else(|| button.why_not.clone());
    let on_press = Callback::from(move |()| {
        if let Some(command) = &command {
            on_command.emit(command.clone());
        }
    });
    html! {
        { (Button {
            label: label.into(),
            weight,
            title: Some(title.into()),
            disabled: button.command.is_none(),
            on_press,
            ..Button::default()
        }).view() }
    }
}
