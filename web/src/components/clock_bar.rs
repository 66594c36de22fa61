//! The clock: pause, step, speed, and how much simulated time has passed.

use web_sys::HtmlSelectElement;
use yew::{Callback, Event, Html, Properties, TargetCast, component, html};
use yurt_workbench::view::clock_text;

use crate::bridge::Pace;
use crate::ui::{Button, Icon, Weight};

/// The speeds to choose from: simulated seconds in a second.
pub const SPEEDS: [u32; 6] = [1, 10, 60, 600, 3600, 10_000];

/// The properties.
#[derive(Clone, PartialEq, Properties)]
pub struct ClockBarProps {
    /// How fast time passes.
    pub pace: Pace,
    /// Simulated nanoseconds since the simulation began.
    pub elapsed_ns: i64,
    /// The time of day, for hovering.
    pub now_text: std::rc::Rc<str>,
    /// Another pace is wanted.
    pub on_pace: Callback<Pace>,
    /// To the next event.
    pub on_step: Callback<()>,
}

/// The clock.
#[component]
pub fn ClockBar(props: &ClockBarProps) -> Html {
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
            <Button {label} {icon} icon_only=true weight={Weight::Quiet} on_press={toggle} />
            <Button label="Step" icon={Icon::Step} icon_only=true weight={Weight::Quiet}
                title="To the next event" on_press={props.on_step.clone()} />
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
            <Button label="Play time" icon={Icon::Play} on_press={on_play} />
            <Button label="One step" icon={Icon::Step} on_press={on_step.clone()} />
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
