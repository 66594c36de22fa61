//! The bar at the top: what this is, the clock, and the page's own switches.

use std::rc::Rc;

use yew::{Callback, Html, html};

use super::clock_bar::clock_bar;
use crate::bridge::Pace;
use crate::host::theme::Theme;
use crate::ui::{Button, Icon, Weight};

/// What the bar shows and does.
pub struct TopBar {
    /// How fast time passes.
    pub pace: Pace,
    /// Simulated nanoseconds since the simulation began.
    pub elapsed_ns: i64,
    /// The time of day.
    pub now_text: Rc<str>,
    /// The world's title.
    pub world: &'static str,
    /// The colours.
    pub theme: Theme,
    /// Another pace is wanted.
    pub on_pace: Callback<Pace>,
    /// To the next event.
    pub on_step: Callback<()>,
    /// Other colours are wanted.
    pub on_theme: Callback<()>,
    /// Another world is wanted.
    pub on_worlds: Callback<()>,
    /// Help is wanted.
    pub on_help: Callback<()>,
}

/// The bar at the top.
pub fn top_bar(props: &TopBar) -> Html {
    let theme_icon = match props.theme {
        Theme::System => Icon::HalfMoon,
        Theme::Light => Icon::Sun,
        Theme::Dark => Icon::Moon,
    };
    html! {
        <header class="top-bar">
            <h1 class="brand">
                <svg viewBox="0 0 16 16" aria-hidden="true">
                    <path class="roof" d="M1 9 8 3l7 6v5H1z" />
                    <path class="door" d="M6 14v-3a2 2 0 0 1 4 0v3z" />
                </svg>
                { "Yurt" }
            </h1>
            { clock_bar(props) }
            <div class="switches">
                <button type="button" class="button quiet world-name" aria-haspopup="dialog"
                    title="Start another world (w)" onclick={props.on_worlds.reform(|_| ())}>
                    { "Worlds" }<span class="muted" aria-hidden="true">{ props.world }</span>
                </button>
                { (Button {
                    label: format!("Colours: {}", props.theme.name()).into(),
                    icon: Some(theme_icon),
                    icon_only: true,
                    weight: Weight::Quiet,
                    on_press: props.on_theme.clone(),
                    ..Button::default()
                }).view() }
                <button type="button" class="button quiet" aria-label="Help"
                    title="Help and keys (?)"
                    onclick={props.on_help.reform(|_| ())}>{ "?" }</button>
            </div>
        </header>
    }
}
