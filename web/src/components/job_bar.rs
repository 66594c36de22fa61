//! The job of the file in one row: how it is, and what can be done with it beside its rollout.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, HtmlTextAreaElement, SubmitEvent};
use yew::{AttrValue, Callback, Html, Properties, TargetCast, component, html, use_state};
use yurt_workbench::view::{ButtonView, DispatchView, JobGroupView, JobView};

use super::command_button;
use crate::ui::{Button, Dialog, Weight};

/// The file of the working folder that holds the payload of a dispatch.
const PAYLOAD_FILE: &str = "payload";

/// A command line, and a file to write before it: its name and its text.
pub type Filed = (String, Option<(&'static str, String)>);

/// The properties.
#[derive(Clone, PartialEq, Properties)]
pub struct JobBarProps {
    /// The job; absent where the servers do not know it.
    pub job: Option<Rc<JobView>>,
    /// Runs a command line, after writing a file.
    pub on_command: Callback<Filed>,
}

/// What is open over the row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    Scale,
    Dispatch,
}

/// The row.
#[component]
pub fn JobBar(props: &JobBarProps) -> Html {
    let open = use_state(|| Open::Nothing);
    let Some(job) = &props.job else {
        return Html::default();
    };
    let run = props.on_command.reform(|line: String| (line, None));
    let opens = |what: Open| {
        let open = open.setter();
        Callback::from(move |()| open.set(what))
    };
    let close = opens(Open::Nothing);
    html! {
        <section class="panel job-bar" aria-label="Job">
            <h2>{ "Job" }</h2>
            <p><code>{ &job.id }</code>{ " " }
                <span class="muted">{ format!("{}, {}", job.kind, job.sentence) }</span></p>
            <div class="actions">
                if let Some(dispatch) = &job.dispatch {
                    { tool("Dispatch…", &dispatch.button, opens(Open::Dispatch)) }
                }
                if let Some(force) = &job.force {
                    { command_button("Launch now", force, Weight::Quiet, &run) }
                }
                if !job.groups.is_empty() {
                    { tool("Scale…", &job.scale, opens(Open::Scale)) }
                }
                if job.stopped {
                    { command_button("Start job", &job.start, Weight::Quiet, &run) }
                } else {
                    { command_button("Stop job", &job.stop, Weight::Quiet, &run) }
                }
            </div>
            <Dialog title={format!("Scale {}", job.id)} open={*open == Open::Scale}
                on_close={close.clone()}>
                <p>{ "How many allocations each group wants. It is a new version of the job." }</p>
                { for job.groups.iter().map(|group| {
                    scale_form(job, group, run.reform(closing(&close)))
                }) }
            </Dialog>
            if let Some(dispatch) = &job.dispatch {
                <Dialog title={format!("Dispatch {}", job.id)} open={*open == Open::Dispatch}
                    on_close={close.clone()}>
                    { dispatch_form(job, dispatch, props.on_command.reform(closing(&close))) }
                </Dialog>
            }
        </section>
    }
}

/// Closes what is open on the way.
fn closing<T>(close: &Callback<()>) -> impl Fn(T) -> T + 'static {
    let close = close.clone();
    move |said| {
        close.emit(());
        said
    }
}

/// A button that opens something.
fn tool(label: &'static str, view: &ButtonView, on_press: Callback<()>) -> Html {
    let title = (!view.why_not.is_empty()).then(|| AttrValue::from(view.why_not.clone()));
    html! {
        { (Button {
            label: label.into(),
            weight: Weight::Quiet,
            title,
            disabled: view.command.is_none(),
            on_press,
            ..Button::default()
        }).view() }
    }
}

/// The count of one group.
fn scale_form(job: &Rc<JobView>, group: &JobGroupView, run: Callback<String>) -> Html {
    let name = group.name.clone();
    let onsubmit = {
        let (job, name) = (job.clone(), name.clone());
        run.reform(move |event: SubmitEvent| {
            // The field takes numbers alone.
            let count = fields(&event)
                .first()
                .and_then(|(_, value)| value.parse().ok());
            job.scale_line(&name, count.unwrap_or_default())
        })
    };
    html! {
        <form class="fields" key={name.clone()} {onsubmit}>
            <label>
                <span>{ format!("Count of {name}") }</span>
                <input type="number" name="count" min="0" required=true
                    value={group.count.to_string()} />
            </label>
            <button type="submit" class="button" aria-label={format!("Scale {name}")}>
                { "Scale" }
            </button>
        </form>
    }
}

/// Meta and payload of a dispatch.
fn dispatch_form(job: &Rc<JobView>, dispatch: &DispatchView, run: Callback<Filed>) -> Html {
    let onsubmit = {
        let job = job.clone();
        run.reform(move |event: SubmitEvent| {
            let (payload, meta): (Vec<_>, Vec<_>) = fields(&event)
                .into_iter()
                .partition(|(name, _)| name.is_empty());
            let mut payload = payload.into_iter().map(|(_, text)| text);
            let payload = payload.rfind(|text| !text.is_empty());
            let line = job.dispatch_line(&meta, payload.as_ref().map(|_| PAYLOAD_FILE));
            (line, payload.map(|text| (PAYLOAD_FILE, text)))
        })
    };
    let field = |key: &String, required: bool| {
        let note = if required { "" } else { " (optional)" };
        html! {
            <label key={key.clone()}>
                <span>{ format!("Meta {key}{note}") }</span>
                <input type="text" name={key.clone()} autocomplete="off" spellcheck="false"
                    {required} />
            </label>
        }
    };
    let note = if dispatch.needs_payload {
        ""
    } else {
        " (optional)"
    };
    html! {
        <form class="fields" {onsubmit}>
            <p>{ "Starts a child of this job with what you give it." }</p>
            { for dispatch.required.iter().map(|key| field(key, true)) }
            { for dispatch.optional.iter().map(|key| field(key, false)) }
            if dispatch.takes_payload {
                <label>
                    <span>{ format!("Payload{note}") }</span>
                    <textarea rows="3" spellcheck="false" required={dispatch.needs_payload} />
                </label>
            }
            <button type="submit" class="button next">{ "Dispatch" }</button>
        </form>
    }
}

/// What was typed into the fields of a form, by their names; the payload has none.
fn fields(event: &SubmitEvent) -> Vec<(String, String)> {
    event.prevent_default();
    let form: Element = event.target_unchecked_into();
    let Ok(all) = form.query_selector_all("input, textarea") else {
        return Vec::new();
    };
    let all = (0..all.length()).filter_map(|at| all.get(at));
    all.map(|node| match node.dyn_into::<HtmlInputElement>() {
        Ok(input) => (input.name(), input.value()),
        Err(node) => (
            String::new(),
            node.unchecked_into::<HtmlTextAreaElement>().value(),
        ),
    })
    .collect()
}
