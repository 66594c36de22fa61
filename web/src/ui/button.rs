//! A button.

use yew::{AttrValue, Callback, Html, MouseEvent, Properties, classes, component, html};

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

/// A button's properties.
#[derive(Clone, PartialEq, Properties)]
pub struct ButtonProps {
    /// Its name. Shown, unless there is an icon alone.
    pub label: AttrValue,
    /// How loud.
    #[prop_or(Weight::Normal)]
    pub weight: Weight,
    /// Its icon.
    #[prop_or_default]
    pub icon: Option<Icon>,
    /// Shows the icon only; the label is its accessible name.
    #[prop_or_default]
    pub icon_only: bool,
    /// It cannot be pressed.
    #[prop_or_default]
    pub disabled: bool,
    /// What hovering says.
    #[prop_or_default]
    pub title: Option<AttrValue>,
    /// More classes.
    #[prop_or_default]
    pub class: Option<AttrValue>,
    /// What it does.
    pub on_press: Callback<()>,
}

/// A button.
#[component]
pub fn Button(props: &ButtonProps) -> Html {
    let weight = match props.weight {
        Weight::Next => "next",
        Weight::Normal => "normal",
        Weight::Quiet => "quiet",
    };
    let onclick = props.on_press.reform(|_: MouseEvent| ());
    let title = props
        .title
        .clone()
        .or_else(|| props.icon_only.then(|| props.label.clone()));
    html! {
        <button type="button" class={classes!("button", weight, props.class.clone())}
            disabled={props.disabled} {title} {onclick}
            aria-label={props.icon_only.then(|| props.label.clone())}>
            { props.icon.map(Icon::view) }
            if !props.icon_only {
                <span>{ &props.label }</span>
            }
        </button>
    }
}
