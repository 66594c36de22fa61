//! The terminal: what was printed, and the line one types in.

use std::collections::VecDeque;
use std::rc::Rc;

use web_sys::{Element, HtmlInputElement, InputEvent, KeyboardEvent, SubmitEvent};
use yew::{
    Callback, Html, NodeRef, Properties, TargetCast, component, html, use_effect_with, use_mut_ref,
    use_node_ref, use_state,
};
use yurt_workbench::view::LineCompletionView;

use super::LineText;
use crate::host::storage;
use crate::screen::NumberedLine;
use crate::ui::{Button, Weight};

/// Commands that the history keeps.
const HISTORY_MAX: usize = 200;

/// How near to its end the log must be scrolled to follow what is printed, in pixels.
const FOLLOW_WITHIN_PX: i32 = 40;

/// The properties.
#[derive(Clone, PartialEq, Properties)]
pub struct TerminalProps {
    /// The lines.
    pub lines: Rc<VecDeque<Rc<NumberedLine>>>,
    /// A monitor is followed.
    pub following: bool,
    /// The line that Tab completed last, and what it may go on with.
    pub completed: Option<Rc<LineCompletionView>>,
    /// Tab was pressed in a line.
    pub on_complete: Callback<String>,
    /// The text box, for who wants to put the focus there.
    pub input: NodeRef,
    /// A line was entered.
    pub on_command: Callback<String>,
    /// Ctrl-C.
    pub on_interrupt: Callback<()>,
    /// The log is to be emptied.
    pub on_clear: Callback<()>,
}

#[derive(Default)]
struct History {
    lines: Vec<String>,
    /// How far back one has gone; 0 is the line being typed.
    back: usize,
    draft: String,
}

impl History {
    /// What the browser kept.
    fn load() -> Self {
        let kept = storage::load(storage::key::HISTORY).unwrap_or_default();
        Self {
            lines: kept.lines().map(String::from).collect(),
            ..Self::default()
        }
    }

    fn save(&self) {
        storage::save(storage::key::HISTORY, Some(&self.lines.join("\n")));
    }

    fn push(&mut self, line: &str) {
        if self.lines.last().is_none_or(|last| last != line) {
            self.lines.push(line.into());
        }
        let surplus = self.lines.len().saturating_sub(HISTORY_MAX);
        self.lines.drain(..surplus);
        self.back = 0;
    }

    /// Goes one line back or forth; the line to show, unless there is none.
    fn step(&mut self, older: bool, current: &str) -> Option<String> {
        if self.back == 0 {
            self.draft = current.into();
        }
        let back = if older {
            (self.back < self.lines.len()).then(|| self.back + 1)?
        } else {
            self.back.checked_sub(1)?
        };
        self.back = back;
        match back {
            0 => Some(self.draft.clone()),
            _ => self.lines.get(self.lines.len() - back).cloned(),
        }
    }
}

/// The terminal.
#[component]
pub fn Terminal(props: &TerminalProps) -> Html {
    let history = use_mut_ref(History::load);
    let typed = use_state(String::new);
    let onsubmit = {
        let (typed, history) = (typed.clone(), history.clone());
        let on_command = props.on_command.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let line = typed.trim().to_string();
            if !line.is_empty() {
                history.borrow_mut().push(&line);
                history.borrow().save();
                on_command.emit(line);
                typed.set(String::new());
            }
        })
    };
    let oninput = {
        let typed = typed.setter();
        Callback::from(move |event: InputEvent| {
            typed.set(event.target_unchecked_into::<HtmlInputElement>().value());
        })
    };
    let onkeydown = key_handler(props, history, typed.clone());
    {
        let typed = typed.clone();
        use_effect_with(props.completed.clone(), move |completed| {
            // An answer about a line that is no longer there comes too late.
            if let Some(completed) = completed.as_ref().filter(|it| it.before == *typed) {
                typed.set(completed.after.clone());
            }
        });
    }
    let completed = props.completed.as_ref().filter(|it| it.after == *typed);
    html! {
        <section class="panel terminal" aria-label="Terminal">
            <header class="panel-head">
                <h2>{ "Terminal" }</h2>
                if props.following {
                    <p class="panel-note following">{ "following" }</p>
                    { (Button {
                        label: "Stop following".into(),
                        weight: Weight::Quiet,
                        title: Some("Ctrl+C".into()),
                        on_press: props.on_interrupt.clone(),
                        ..Button::default()
                    }).view() }
                }
            </header>
            <Log lines={props.lines.clone()} following={props.following} />
            { choices(completed) }
            <form class="prompt" {onsubmit}>
                <label for="command" aria-hidden="true">{ "$" }</label>
                <input id="command" aria-label="Command" autocomplete="off" autocapitalize="off"
                    autocorrect="off" spellcheck="false" enterkeyhint="send"
                    placeholder="nomad job status docs" ref={props.input.clone()}
                    value={(*typed).clone()} {oninput} {onkeydown} />
            </form>
        </section>
    }
}

/// What a line may go on with.
fn choices(completed: Option<&Rc<LineCompletionView>>) -> Html {
    let choices = completed.map_or(&[][..], |it| &it.choices);
    let more = completed
        .map_or(0, |it| it.count as usize)
        .saturating_sub(choices.len().max(1));
    html! {
        <p class="choices" role="status" aria-label="Completions">
            { for choices.iter().map(|choice| html! { <span>{ choice }</span> }) }
            if more > 0 {
                <span class="muted">{ format!("and {more} more") }</span>
            }
        </p>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct LogProps {
    lines: Rc<VecDeque<Rc<NumberedLine>>>,
    following: bool,
}

/// What was printed. It follows its end, unless one has scrolled up to read.
#[component]
fn Log(props: &LogProps) -> Html {
    let log = use_node_ref();
    let at_end = use_mut_ref(|| true);
    {
        let (log, at_end) = (log.clone(), at_end.clone());
        let last = props.lines.back().map(|line| line.number);
        use_effect_with(last, move |_| {
            if let Some(log) = log.cast::<Element>().filter(|_| *at_end.borrow()) {
                log.set_scroll_top(log.scroll_height());
            }
        });
    }
    let onscroll = Callback::from(move |event: yew::Event| {
        let log: Element = event.target_unchecked_into();
        let below = log.scroll_height() - log.client_height() - log.scroll_top();
        *at_end.borrow_mut() = below <= FOLLOW_WITHIN_PX;
    });
    // A monitor prints faster than anybody speaks; what matters of it is said by the page.
    let live = if props.following { "off" } else { "polite" };
    html! {
        <div class="log" role="log" aria-label="Output" aria-live={live} tabindex="0" ref={log}
            {onscroll}>
            if props.lines.is_empty() {
                <p class="empty">
                    { "Every button here is a command, and shows up as one. Try " }
                    <code>{ "nomad job status docs" }</code>{ "." }
                </p>
            }
            { for props.lines.iter().map(|line| html! {
                <LogLine key={line.number} line={line.clone()} />
            }) }
        </div>
    }
}

fn key_handler(
    props: &TerminalProps,
    history: Rc<std::cell::RefCell<History>>,
    typed: yew::UseStateHandle<String>,
) -> Callback<KeyboardEvent> {
    let (completed, on_complete) = (props.completed.clone(), props.on_complete.clone());
    let (on_interrupt, on_clear) = (props.on_interrupt.clone(), props.on_clear.clone());
    Callback::from(move |event: KeyboardEvent| {
        let plain = !event.ctrl_key() && !event.alt_key() && !event.meta_key();
        match &*event.key() {
            "ArrowUp" | "ArrowDown" if plain => {
                let older = event.key() == "ArrowUp";
                if let Some(line) = history.borrow_mut().step(older, &typed) {
                    typed.set(line);
                }
                event.prevent_default();
            }
            // With nothing more to complete, Tab goes where Tab goes.
            "Tab" if plain && !event.shift_key() => {
                let told = |it: &Rc<LineCompletionView>| it.before == *typed && it.after == *typed;
                if !typed.trim().is_empty() && !completed.as_ref().is_some_and(told) {
                    on_complete.emit((*typed).clone());
                    event.prevent_default();
                }
            }
            "c" if event.ctrl_key() && !has_selection(&event) => {
                typed.set(String::new());
                on_interrupt.emit(());
                event.prevent_default();
            }
            "l" if event.ctrl_key() => {
                on_clear.emit(());
                event.prevent_default();
            }
            _ => (),
        }
    })
}

/// Ctrl-C copies when there is something to copy.
fn has_selection(event: &KeyboardEvent) -> bool {
    let input: HtmlInputElement = event.target_unchecked_into();
    let selected = |at: Result<Option<u32>, _>| at.ok().flatten();
    selected(input.selection_start()) != selected(input.selection_end())
}

#[derive(Clone, PartialEq, Properties)]
struct LogLineProps {
    line: Rc<NumberedLine>,
}

/// A line of the log; memoised, so that a new line does not draw the old ones again.
#[component]
fn LogLine(props: &LogLineProps) -> Html {
    html! { <div class="line">{ LineText::view(&props.line.line) }</div> }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn the_history_goes_back_and_forth_and_keeps_the_draft() {
        let mut history = History::default();
        assert_eq!(history.step(true, "x"), None);
        history.push("one");
        history.push("two");
        history.push("two");
        assert_eq!(history.step(true, "dra"), Some("two".into()));
        assert_eq!(history.step(true, "two"), Some("one".into()));
        assert_eq!(history.step(true, "one"), None);
        assert_eq!(history.step(false, "one"), Some("two".into()));
        assert_eq!(history.step(false, "two"), Some("dra".into()));
        assert_eq!(history.step(false, "dra"), None);
    }
}
