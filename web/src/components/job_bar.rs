//! The job of the file in one row: how it is, and what can be done with it beside its rollout.

use std::rc::Rc;

use web_sys::{HtmlInputElement, HtmlTextAreaElement, InputEvent, SubmitEvent};
use yew::{
    AttrValue, Callback, Html, Properties, TargetCast, UseStateHandle, component, html, use_state,
};
use yurt_workbench::view::{ButtonView, DispatchView, JobGroupView, JobView};

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
                    { plain("Launch now", force, &run) }
                }
                if !job.groups.is_empty() {
                    { tool("Scale…", &job.scale, opens(Open::Scale)) }
                }
                if job.stopped {
                    { plain("Start job", &job.start, &run) }
                } else {
                    { plain("Stop job", &job.stop, &run) }
                }
            </div>
            <Dialog title={format!("Scale {}", job.id)} open={*open == Open::Scale}
                on_close={close.clone()}>
                <p>{ "How many allocations each group wants. It is a new version of the job." }</p>
                { for job.groups.iter().map(|group| html! {
                    <ScaleForm key={group.name.clone()} job={job.clone()} group={group.clone()}
                        on_command={run.reform({
                            let close = close.clone();
                            move |line| { close.emit(()); line }
                        })} />
                }) }
            </Dialog>
            if let Some(dispatch) = &job.dispatch {
                <Dialog title={format!("Dispatch {}", job.id)} open={*open == Open::Dispatch}
                    on_close={close.clone()}>
                    <DispatchForm job={job.clone()} dispatch={dispatch.clone()}
                        on_command={props.on_command.reform(move |filed| {
                            close.emit(());
                            filed
                        })} />
                </Dialog>
            }
        </section>
    }
}

/// A button that opens something.
fn tool(label: &'static str, view: &ButtonView, on_press: Callback<()>) -> Html {
    let title = (!view.why_not.is_empty()).then(|| AttrValue::from(view.why_not.clone()));
    html! {
        <Button {label} weight={Weight::Quiet} {title} disabled={view.command.is_none()}
            {on_press} />
    }
}

/// A button that is a command.
fn plain(label: &'static str, view: &ButtonView, run: &Callback<String>) -> Html {
    let (command, run) = (view.command.clone(), run.clone());
    let title = command.clone().unwrap_or_else(|| view.why_not.clone());
    let on_press = Callback::from(move |()| {
        if let Some(command) = &command {
            run.emit(command.clone());
        }
    });
    html! {
        <Button {label} weight={Weight::Quiet} {title} disabled={view.command.is_none()}
            {on_press} />
    }
}

#[derive(Clone, PartialEq, Properties)]
struct ScaleFormProps {
    job: Rc<JobView>,
    group: JobGroupView,
    on_command: Callback<String>,
}

/// The count of one group.
#[component]
fn ScaleForm(props: &ScaleFormProps) -> Html {
    let typed = use_state(|| None::<String>);
    let text = (*typed)
        .clone()
        .unwrap_or_else(|| props.group.count.to_string());
    let line = text
        .parse()
        .ok()
        .map(|count: i64| props.job.scale_line(&props.group.name, count));
    let oninput = typing(&typed, |value| Some(value));
    let onsubmit = {
        let (line, on_command, typed) = (line.clone(), props.on_command.clone(), typed.setter());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(line) = &line {
                typed.set(None);
                on_command.emit(line.clone());
            }
        })
    };
    let name = props.group.name.clone();
    html! {
        <form class="fields" {onsubmit}>
            <label>
                <span>{ format!("Count of {name}") }</span>
                <input type="number" min="0" required=true value={text} {oninput} />
            </label>
            { preview(line.as_deref()) }
            <button type="submit" class="button" aria-label={format!("Scale {name}")}>
                { "Scale" }
            </button>
        </form>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct DispatchFormProps {
    job: Rc<JobView>,
    dispatch: DispatchView,
    on_command: Callback<Filed>,
}

/// Meta and payload of a dispatch.
#[component]
fn DispatchForm(props: &DispatchFormProps) -> Html {
    let meta = use_state(Vec::<(String, String)>::new);
    let payload = use_state(String::new);
    let dispatch = &props.dispatch;
    let file = (!payload.is_empty()).then_some(PAYLOAD_FILE);
    let line = props.job.dispatch_line(&meta, file);
    let onsubmit = {
        let (line, on_command) = (line.clone(), props.on_command.clone());
        let text = file.map(|file| (file, (*payload).clone()));
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            on_command.emit((line.clone(), text.clone()));
        })
    };
    let field = |key: &String, required: bool| {
        let known = meta.iter().find(|(other, _)| other == key);
        let value = known.map_or(String::new(), |(_, value)| value.clone());
        let (meta, name) = (meta.clone(), key.clone());
        let oninput = Callback::from(move |event: InputEvent| {
            let value = event.target_unchecked_into::<HtmlInputElement>().value();
            let others = meta.iter().filter(|(other, _)| *other != name).cloned();
            meta.set(others.chain([(name.clone(), value)]).collect());
        });
        let note = if required { "" } else { " (optional)" };
        html! {
            <label key={key.clone()}>
                <span>{ format!("Meta {key}{note}") }</span>
                <input type="text" autocomplete="off" spellcheck="false" {required} {value}
                    {oninput} />
            </label>
        }
    };
    let on_payload = {
        let payload = payload.setter();
        Callback::from(move |event: InputEvent| {
            payload.set(event.target_unchecked_into::<HtmlTextAreaElement>().value());
        })
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
                    <textarea rows="3" spellcheck="false" required={dispatch.needs_payload}
                        value={(*payload).clone()} oninput={on_payload} />
                </label>
            }
            { preview(Some(&line)) }
            <button type="submit" class="button next">{ "Dispatch" }</button>
        </form>
    }
}

/// The command that a form stands for.
fn preview(line: Option<&str>) -> Html {
    html! { <code class="preview">{ line.map_or("", |line| line) }</code> }
}

fn typing<T: 'static>(state: &UseStateHandle<T>, read: fn(String) -> T) -> Callback<InputEvent> {
    let state = state.setter();
    Callback::from(move |event: InputEvent| {
        state.set(read(
            event.target_unchecked_into::<HtmlInputElement>().value(),
        ));
    })
}
