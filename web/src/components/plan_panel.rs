//! The plan: what running the file would change.

use std::rc::Rc;

use yew::{Callback, Html, Properties, classes, component, html};
use yurt_workbench::view::{DiffKind, DiffLineView, Line, PlanView};

use super::LineText;
use super::plan_picture::{group, row};
use crate::ui::{Button, Weight};

/// Why a plan no longer says what a run would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stale {
    /// The file has another text now.
    FileChanged,
    /// It was run.
    Applied,
    /// The job or the cluster is another now.
    ClusterChanged,
}

/// The properties.
#[derive(Clone, PartialEq, Properties)]
pub struct PlanPanelProps {
    /// What to draw; absent before the first plan.
    pub plan: Option<Rc<PlanView>>,
    /// It holds no more.
    pub stale: Option<Stale>,
    /// The file is refused as it is.
    pub broken: bool,
    /// A fresh plan is wanted.
    pub on_plan: Callback<()>,
    /// A byte of the file is to be shown.
    pub on_reveal: Callback<u32>,
}

/// The plan.
#[component]
pub fn PlanPanel(props: &PlanPanelProps) -> Html {
    let Some(plan) = &props.plan else {
        let text = if props.broken {
            "The file has errors; mend them to plan it."
        } else {
            "Plan shows what a run would change, before anything does."
        };
        return html! {
            <section class="panel plan" aria-label="Plan">
                <header class="panel-head"><h2>{ "Plan" }</h2></header>
                <p class="empty">{ text }</p>
            </section>
        };
    };
    html! {
        <section class={classes!("panel", "plan", props.stale.map(|_| "stale"))} aria-label="Plan">
            <header class="panel-head">
                <h2>{ "Plan" }</h2>
                { stale(props) }
            </header>
            <p class="sentence">{ &plan.sentence }</p>
            <ul class="plan-groups">
                { for plan.groups.iter().map(|it| group(it, &plan.job_id)) }
                { for plan.preempted.iter().map(|(name, fate)| html! {
                    <li key={format!("preempted {name}")}>
                        <p><span class="group-name">{ name }</span>{ " makes room." }</p>
                        { row("Now", std::slice::from_ref(fate)) }
                    </li>
                }) }
            </ul>
            if !plan.warnings.is_empty() {
                <ul class="warnings" aria-label="Warnings">
                    { for plan.warnings.iter().map(|warning| html! { <li>{ warning }</li> }) }
                </ul>
            }
            if !plan.diff.is_empty() {
                <div class="diff" role="group" aria-label="Difference">
                    { for plan.diff.iter().map(|line| diff_line(line, &props.on_reveal)) }
                </div>
            }
            <div class={if plan.failed { "outcome failed" } else { "outcome" }} role="group"
                aria-label="Dry run">
                { printed(&plan.outcome) }
            </div>
            <details class="as-printed">
                <summary>{ "As the command prints it" }</summary>
                <div class="outcome" role="group" aria-label="Output of nomad job plan"
                    tabindex="0">
                    { printed(&plan.text) }
                </div>
            </details>
            <p class="tail muted">
                { "Holds at job modify index " }<code>{ plan.job_modify_index }</code>{ "." }
            </p>
        </section>
    }
}

fn stale(props: &PlanPanelProps) -> Html {
    let text = match props.stale {
        None => return Html::default(),
        Some(Stale::FileChanged) => "The file has changed since.",
        Some(Stale::Applied) => "Applied: this is done or on its way.",
        Some(Stale::ClusterChanged) => "The job or the cluster has changed since.",
    };
    html! { <>
        <p class="panel-note">{ text }</p>
        <Button label="Plan again" weight={Weight::Quiet} class="again" disabled={props.broken}
            on_press={props.on_plan.clone()} />
    </> }
}

fn printed(lines: &[Line]) -> Html {
    let line = |line| html! { <div class="line">{ LineText::view(line) }</div> };
    lines.iter().map(line).collect()
}

fn diff_line(line: &DiffLineView, on_reveal: &Callback<u32>) -> Html {
    // The sign is in the text for eyes; a word is there for ears.
    let (class, word) = match line.kind {
        DiffKind::Same => ("same", None),
        DiffKind::Added => ("added", Some("added: ")),
        DiffKind::Removed => ("removed", Some("removed: ")),
        DiffKind::Edited => ("edited", Some("edited: ")),
    };
    // Wrapped, a line stays under itself.
    let text = line.line.text();
    let indent = text.len() - text.trim_start().len();
    let content = html! { <>
        if let Some(word) = word {
            <span class="visually-hidden">{ word }</span>
        }
        { LineText::view(&line.line) }
    </> };
    let content = match line.place {
        None => html! { <span class="go">{ content }</span> },
        Some(place) => {
            let on_reveal = on_reveal.clone();
            let onclick = Callback::from(move |_| on_reveal.emit(place.byte));
            html! {
                <button type="button" class="go" title={format!("Go to line {}", place.line)}
                    {onclick}>
                    { content }
                </button>
            }
        }
    };
    html! {
        <div class={classes!("line", class)} style={format!("--indent:{indent}ch")}>
            { content }
            if !line.notes.is_empty() {
                <details class="why">
                    <summary>{ "why?" }</summary>
                    { for line.notes.iter().map(|note| html! {
                        <p><b>{ &note.term }</b>{ format!(": {}", note.text) }</p>
                    }) }
                </details>
            }
        </div>
    }
}
