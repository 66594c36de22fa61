//! The job file: the editor, what is wrong with the text, and the buttons for it.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use web_sys::{HtmlElement, HtmlTextAreaElement, InputEvent};
use yew::{
    AttrValue, Callback, Html, NodeRef, Properties, TargetCast, component, hook, html,
    use_callback, use_effect_with, use_mut_ref, use_node_ref, use_state,
};
use yurt_workbench::view::{CompletionsView, DiagnosticView, FixView, HoverView, Severity};

use crate::host::editor::{Ask, EditorEvents, MountedEditor};
use crate::ui::{Button, Weight};

/// Problems listed under the editor; the rest are counted.
const PROBLEMS_SHOWN: usize = 20;

/// The accessible name of the text box.
const LABEL: &str = "Job file";

/// The id of the element that holds [`LEAVE_HINT`].
const HINT_ID: &str = "job-file-hint";

/// What leaving the editor takes; the editor's accessible description.
const LEAVE_HINT: &str = "Tab indents. To leave the editor, press Esc and then Tab.";

/// The properties.
#[derive(Clone, PartialEq, Properties)]
pub struct JobFileProps {
    /// The file's name.
    pub name: AttrValue,
    /// The text.
    pub text: Rc<str>,
    /// What is wrong with it.
    pub diagnostics: Rc<Vec<DiagnosticView>>,
    /// A fix leads to another world, by its name.
    pub on_world: Callback<String>,
    /// The text is not the guide's.
    pub edited: bool,
    /// The text was brought back from the last visit.
    pub restored: bool,
    /// How loud Plan is.
    pub plan_weight: Weight,
    /// How loud Run is.
    pub run_weight: Weight,
    /// The engine is there.
    pub ready: bool,
    /// The text changed.
    pub on_change: Callback<Rc<str>>,
    /// Plan was pressed.
    pub on_plan: Callback<()>,
    /// Run was pressed.
    pub on_run: Callback<()>,
    /// The guide's text is wanted back.
    pub on_reset: Callback<()>,
    /// Format was pressed.
    pub on_format: Callback<()>,
    /// The editor asks about a place of its text.
    pub on_ask: Callback<Ask>,
    /// The answer to its last question about what may stand there.
    pub completions: Option<Rc<CompletionsView>>,
    /// The answer to its last question about a word.
    pub hover: Option<Rc<HoverView>>,
    /// How often a place was asked for, and the byte of the last one.
    pub reveal: (u32, u32),
}

/// The editor in its place.
struct Editor {
    parent: NodeRef,
    /// The browser cannot: a plain text box must do.
    plain: bool,
    /// Puts the cursor at a byte of the text.
    reveal: Callback<u32>,
}

/// Mounts the editor and keeps its text and underlines those of the properties.
#[hook]
fn use_editor(props: &JobFileProps) -> Editor {
    let parent = use_node_ref();
    let mounted = use_mut_ref(|| None::<MountedEditor>);
    let plain = use_state(|| false);
    {
        let (mounted, plain, parent) = (mounted.clone(), plain.setter(), parent.clone());
        let events = EditorEvents {
            on_change: props.on_change.reform(Rc::from),
            on_run: use_latest(&props.on_run),
            on_plan: use_latest(&props.on_plan),
            on_format: use_latest(&props.on_format),
            on_ask: props.on_ask.clone(),
        };
        let text = props.text.clone();
        use_effect_with((), move |()| {
            if let Some(parent) = parent.cast::<HtmlElement>() {
                let editor = MountedEditor::mount(&parent, &text, LABEL, HINT_ID, events);
                plain.set(editor.is_none());
                *mounted.borrow_mut() = editor;
            }
            move || drop(mounted.borrow_mut().take())
        });
    }
    let reveal = {
        let (mounted, text) = (mounted.clone(), props.text.clone());
        Callback::from(move |byte: u32| {
            if let Some(editor) = mounted.borrow().as_ref() {
                editor.reveal(&text, byte);
            }
        })
    };
    {
        let mounted = mounted.clone();
        use_effect_with(props.text.clone(), move |text| {
            if let Some(editor) = mounted.borrow().as_ref() {
                editor.set_text(text);
            }
        });
    }
    use_answers(props, &mounted);
    {
        let reveal = reveal.clone();
        use_effect_with(props.reveal, move |(times, byte)| {
            if *times > 0 {
                reveal.emit(*byte);
            }
        });
    }
    let text = props.text.clone();
    use_effect_with(props.diagnostics.clone(), move |diagnostics| {
        // In a moment of its own: CodeMirror may be in the middle of an update that led here.
        let diagnostics = diagnostics.clone();
        let timeout = Timeout::new(0, move || {
            if let Some(editor) = mounted.borrow().as_ref() {
                editor.set_problems(&text, &diagnostics);
            }
        });
        move || drop(timeout)
    });
    Editor {
        parent,
        plain: *plain,
        reveal,
    }
}

/// Hands the engine's answers to the editor that asked.
#[hook]
fn use_answers(props: &JobFileProps, mounted: &Rc<RefCell<Option<MountedEditor>>>) {
    {
        let mounted = mounted.clone();
        use_effect_with(props.completions.clone(), move |completions| {
            if let (Some(editor), Some(view)) = (mounted.borrow().as_ref(), completions) {
                editor.offer(view);
            }
        });
    }
    let mounted = mounted.clone();
    use_effect_with(props.hover.clone(), move |hover| {
        if let (Some(editor), Some(view)) = (mounted.borrow().as_ref(), hover) {
            editor.explain(view);
        }
    });
}

/// A callback that stays the same and calls the last one it was given: the editor is mounted once.
#[hook]
fn use_latest(callback: &Callback<()>) -> Callback<()> {
    let latest = use_mut_ref(|| callback.clone());
    latest.replace(callback.clone());
    use_callback((), move |(), ()| {
        let callback = latest.borrow().clone();
        callback.emit(());
    })
}

/// The job file.
#[component]
pub fn JobFile(props: &JobFileProps) -> Html {
    let Editor {
        parent,
        plain,
        reveal,
    } = use_editor(props);
    let oninput = props.on_change.reform(|event: InputEvent| {
        let text_box: HtmlTextAreaElement = event.target_unchecked_into();
        text_box.value().into()
    });
    html! {
        <section class="panel job-file" aria-label="Editor">
            <header class="panel-head">
                <h2 class="file-name">{ &props.name }</h2>
                if props.edited {
                    if props.restored {
                        <p class="panel-note">{ "Your text from last time." }</p>
                    }
                    { (Button {
                        label: "Back to the guide's job".into(),
                        weight: Weight::Quiet,
                        class: Some("reset".into()),
                        on_press: props.on_reset.clone(),
                        ..Button::default()
                    }).view() }
                }
            </header>
            <p id={HINT_ID} class="visually-hidden">{ LEAVE_HINT }</p>
            <div class="editor" ref={parent} key="editor" hidden={plain}></div>
            if plain {
                <textarea class="plain-editor" aria-label={LABEL} spellcheck="false"
                    value={props.text.to_string()} {oninput} />
            }
            { problems(props, &reveal) }
            { buttons(props) }
        </section>
    }
}

fn buttons(props: &JobFileProps) -> Html {
    html! {
        <div class="actions">
            { (Button {
                label: "Plan".into(),
                weight: props.plan_weight,
                disabled: !props.ready,
                title: Some("Show what running this file would change (Ctrl+Shift+Enter)".into()),
                on_press: props.on_plan.clone(),
                ..Button::default()
            }).view() }
            { (Button {
                label: "Run".into(),
                weight: props.run_weight,
                disabled: !props.ready,
                title: Some("Submit this file to the cluster (Ctrl+Enter)".into()),
                on_press: props.on_run.clone(),
                ..Button::default()
            }).view() }
            { (Button {
                label: "Format".into(),
                weight: Weight::Quiet,
                disabled: !props.ready,
                title: Some("Lay the file out as nomad fmt does (Shift+Alt+F)".into()),
                on_press: props.on_format.clone(),
                ..Button::default()
            }).view() }
            <span class="hint">{ "Esc, Tab: leave" }</span>
        </div>
    }
}

fn problems(props: &JobFileProps, reveal: &Callback<u32>) -> Html {
    if props.diagnostics.is_empty() {
        return Html::default();
    }
    let more = props.diagnostics.len().saturating_sub(PROBLEMS_SHOWN);
    html! {
        <ul class="problems" aria-label="Problems">
            { for props.diagnostics.iter().take(PROBLEMS_SHOWN).map(|diagnostic| {
                problem(diagnostic, props, reveal)
            }) }
            if more > 0 {
                <li class="muted">{ format!("and {more} more") }</li>
            }
        </ul>
    }
}

fn problem(diagnostic: &DiagnosticView, props: &JobFileProps, reveal: &Callback<u32>) -> Html {
    let (class, word) = match diagnostic.severity {
        Severity::Error => ("error", "Error"),
        Severity::Warning => ("warning", "Warning"),
    };
    let (reveal, byte) = (reveal.clone(), diagnostic.start_byte);
    let onclick = Callback::from(move |_| reveal.emit(byte));
    html! {
        <li class={class} key={format!("{byte} {}", diagnostic.summary)}>
            <button type="button" class="problem" {onclick} title="Go there">
                <b>{ word }</b>
                { format!(" {}:{} ", diagnostic.line, diagnostic.column) }
                <span>{ &diagnostic.summary }</span>
            </button>
            if !diagnostic.detail.is_empty() {
                <p class="detail">{ &diagnostic.detail }</p>
            }
            { for diagnostic.fixes.iter().map(|fix| fix_button(fix, props)) }
        </li>
    }
}

fn fix_button(fix: &FixView, props: &JobFileProps) -> Html {
    let (fix, text) = (fix.clone(), props.text.clone());
    let label = AttrValue::from(fix.label.clone());
    let on_press = match &fix.world {
        Some(world) => props.on_world.reform({
            let world = world.clone();
            move |()| world.clone()
        }),
        None => props.on_change.reform(move |()| apply(&fix, &text)),
    };
    html! { { (Button {
        label: label.into(),
        class: Some("fix".into()),
        on_press,
        ..Button::default()
    }).view() } }
}

/// The text with a fix in it; a fix for a text that is gone by now changes nothing.
fn apply(fix: &FixView, text: &Rc<str>) -> Rc<str> {
    let (start, end) = (fix.start_byte as usize, fix.end_byte as usize);
    match (text.get(..start), text.get(start..end), text.get(end..)) {
        (Some(before), Some(_), Some(after)) => format!("{before}{}{after}", fix.text).into(),
        _ => text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn a_fix_replaces_its_range_or_nothing() {
        let fix = |start_byte, end_byte| FixView {
            label: String::new(),
            start_byte,
            end_byte,
            text: "X".into(),
            world: None,
        };
        let text: Rc<str> = "aéb".into();
        assert_eq!(&*apply(&fix(1, 3), &text), "aXb");
        assert_eq!(&*apply(&fix(4, 4), &text), "aébX");
        assert_eq!(&*apply(&fix(2, 3), &text), "aéb");
        assert_eq!(&*apply(&fix(9, 12), &text), "aéb");
    }
}
