//! The clock: pause, step, speed, and how much simulated time has passed.

use web_sys::HtmlSelectElement;
use yew::{Callback, Event, Html, TargetCast, html};
use yurt_workbench::view::clock_text;

use super::TopBar;
use crate::bridge::Pace;
use crate::ui::{Button, Icon, Weight};

/// The speeds to choose from: simulated seconds in a second.
pub const SPEEDS: [u32; 6] = [1, 10, 60, 600, 3600, 10_000];

/// The clock.
pub fn clock_bar(props: &TopBar) -> Html {
    let pace = props.pace;
    let toggle = props.on_pace.reform(move |()| Pace {
        playing: !pace.playing,
        ..pace
    });
    let onchange = props.on_pace.reform(move |event: Event| {
        let value = event.target_unchecked_into::<HtmlSelectElement>().value();
        Pace {
            speed: value.parse().unwrap_or(pace.speed),
            ..pace
        }
    });
    let (label, icon) = if pace.playing {
        ("Pause", Icon::Pause)
    } else {
        ("Play", Icon::Play)
    };
    html! {
        <div class="clock" role="group" aria-label="Clock">
            { (Button {
                label: label.into(),
                icon: Some(icon),
                icon_only: true,
                weight: Weight::Quiet,
                on_press: toggle,
                ..Button::default()
            }).view() }
            { (Button {
                label: "Step".into(),
                icon: Some(Icon::Step),
                icon_only: true,
                weight: Weight::Quiet,
                title: Some("To the next event".into()),
                on_press: props.on_step.clone(),
                ..Button::default()
            }).view() }
            if !pace.playing {
                <span class="paused">{ "paused" }</span>
            }
            <time class="elapsed" title={format!("Simulated time: {}", props.now_text)}>
                { clock_text(props.elapsed_ns) }
            </time>
            <select aria-label="Speed" {onchange}>
                { for SPEEDS.iter().map(|speed| html! {
                    <option value={speed.to_string()} selected={*speed == pace.speed}>
                        { speed_text(*speed) }
                    </option>
                }) }
            </select>
        </div>
    }
}

/// Says that something waits for a clock that is paused: what, in a sentence, or nothing where only
/// the command that is followed does.
pub fn stands_still(waiting: &str, on_play: Callback<()>, on_step: &Callback<()>) -> Html {
    let waiting = match waiting.is_empty() {
        true => "What was started goes on when the clock does.",
        false => waiting,
    };
    html! {
        <section class="stands-still" aria-label="Time stands still">
            <p>{ format!("Time stands still. {waiting}") }</p>
            { (Button {
                label: "Play time".into(),
                icon: Some(Icon::Play),
                on_press: on_play,
                ..Button::default()
            }).view() }
            { (Button {
                label: "One step".into(),
                icon: Some(Icon::Step),
                on_press: on_step.clone(),
                ..Button::default()
            }).view() }
        </section>
    }
}

fn speed_text(speed: u32) -> String {
    if speed >= 10_000 {
        format!("{},{:03}x", speed / 1000, speed % 1000)
    } else {
        format!("{speed}x")
    }
}
