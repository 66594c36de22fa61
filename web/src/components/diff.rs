//! The difference that a plan shows, line by line: one Tab stop, arrows inside, Enter leads to the
//! file.

use std::rc::Rc;

use web_sys::KeyboardEvent;
use yew::{Callback, Html, Properties, classes, component, html, use_effect_with, use_state};
use yurt_workbench::view::{DiffKind, DiffLineView, PlanView};

use super::LineText;
use crate::host::focus::rove;

/// What the arrows go through.
const STOPS: &str = ".go, summary";

/// The properties.
#[derive(Clone, PartialEq, Properties)]
pub struct DiffProps {
    /// The plan.
    pub plan: Rc<PlanView>,
    /// A byte of the file is to be shown.
    pub on_reveal: Callback<u32>,
}

/// Which line is the Tab stop, and whether its explanation is.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stop {
    line: usize,
    why: bool,
}

const FIRST: Stop = Stop {
    line: 0,
    why: false,
};

/// The difference.
#[component]
pub fn Diff(props: &DiffProps) -> Html {
    let stop = use_state(|| FIRST);
    {
        let stop = stop.setter();
        use_effect_with(props.plan.clone(), move |_| stop.set(FIRST));
    }
    let lines = props.plan.diff.iter().enumerate().map(|(at, line)| {
        let focused = {
            let stop = stop.setter();
            move |why: bool| {
                let stop = stop.clone();
                Callback::from(move |_| stop.set(Stop { line: at, why }))
            }
        };
        let tab = |why: bool| match *stop == (Stop { line: at, why }) {
            true => "0",
            false => "-1",
        };
        html! {
            <li class={classes!("line", class(line.kind))} style={indent(line)}>
                if line.line.text().is_empty() {
                    <br />
                } else {
                <button type="button" class="go" tabindex={tab(false)} onfocus={focused(false)}
                    title={line.place.map(|place| format!("Go to line {}", place.line))}
                    aria-disabled={line.place.is_none().then_some("true")}
                    onclick={go(line, &props.on_reveal)}>
                    { words(line) }
                </button>
                }
                if !line.notes.is_empty() {
                    <details class="why">
                        <summary tabindex={tab(true)} onfocus={focused(true)}>{ "why?" }</summary>
                        { for line.notes.iter().map(|note| html! {
                            <p><b>{ &note.term }</b>{ format!(": {}", note.text) }</p>
                        }) }
                    </details>
                }
            </li>
        }
    });
    let onkeydown = Callback::from(|event: KeyboardEvent| rove(&event, ".diff", STOPS));
    html! {
        <ul class="diff" aria-label="Difference"
            aria-description="Arrow keys go from line to line; Enter shows it in the file."
            {onkeydown}>
            { for lines }
        </ul>
    }
}

fn go(line: &DiffLineView, on_reveal: &Callback<u32>) -> Callback<yew::MouseEvent> {
    let (place, on_reveal) = (line.place, on_reveal.clone());
    Callback::from(move |_| {
        if let Some(place) = place {
            on_reveal.emit(place.byte);
        }
    })
}

/// The sign is in the text for eyes; a word is there for ears.
fn words(line: &DiffLineView) -> Html {
    let word = match line.kind {
        DiffKind::Same => "",
        DiffKind::Added => "added: ",
        DiffKind::Removed => "removed: ",
        DiffKind::Edited => "edited: ",
    };
    html! { <>
        if !word.is_empty() {
            <span class="visually-hidden">{ word }</span>
        }
        { LineText::view(&line.line) }
    </> }
}

const fn class(kind: DiffKind) -> &'static str {
    match kind {
        DiffKind::Same => "same",
        DiffKind::Added => "added",
        DiffKind::Removed => "removed",
        DiffKind::Edited => "edited",
    }
}

/// Wrapped, a line stays under itself.
fn indent(line: &DiffLineView) -> String {
    let text = line.line.text();
    format!("--indent:{}ch", text.len() - text.trim_start().len())
}
