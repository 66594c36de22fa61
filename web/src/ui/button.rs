//! A button.

use yew::{AttrValue, Callback, Html, MouseEvent, classes, html};

use super::Icon;

/// How loud a button is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The one next action: filled.
    Next,
    /// An action: outlined.
    Normal,
    /// A tool: no outline.
    Quiet,
}

/// A button.
pub struct Button {
    /// Its name. Shown, unless there is an icon alone.
    pub label: AttrValue,
    /// How loud.
    pub weight: Weight,
    /// Its icon.
    pub icon: Option<Icon>,
    /// Shows the icon only; the label is its accessible name.
    pub icon_only: bool,
    /// It cannot be pressed.
    pub disabled: bool,
    /// What hovering says.
    pub title: Option<AttrValue>,
    /// More classes.
    pub class: Option<AttrValue>,
    /// What it does.
    pub on_press: Callback<()>,
}

impl Default for Button {
    fn default() -> Self {
        Self {
            label: AttrValue::default(),
            weight: Weight::Normal,
            icon: None,
            icon_only: false,
            disabled: false,
            title: None,
            class: None,
            on_press: Callback::noop(),
        }
    }
}

impl Button {
    /// What takes something off the screen: a cross, with a name for ears.
    pub fn close(label: &'static str, on_press: Callback<()>) -> Self {
        Self {
            label: label.into(),
            icon: Some(Icon::Cross),
            icon_only: true,
            weight: Weight::Quiet,
            on_press,
            ..Self::default()
        }
    }

    /// What is drawn. A function, not a component: it has no state, and components weigh more.
    pub fn view(self) -> Html {
        let weight = match self.weight {
            Weight::Next => "next",
            Weight::Normal => "normal",
            Weight::Quiet => "quiet",
        };
        let onclick = self.on_press.reform(|_: MouseEvent| ());
        let name = self.icon_only.then(|| self.label.clone());
        html! {
            <button type="button" class={classes!("button", weight, self.class)}
                disabled={self.disabled} title={self.title.or_else(|| name.clone())} {onclick}
                aria-label={name}>
                { self.icon.map(Icon::view) }
                if !self.icon_only {
                    <span>{ self.label }</span>
                }
            </button>
        }
    }
}
