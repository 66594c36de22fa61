//! The plan: what running the file would change.

use std::rc::Rc;

use yew::{Html, Properties, classes, component, html};
use yurt_workbench::view::{DiffKind, DiffLineView, PlanGroupView, PlanView};

use super::LineText;

/// The properties.
#[derive(Clone, PartialEq, Properties)]
pub struct PlanPanelProps {
    /// What to draw; absent before the first plan.
    pub plan: Option<Rc<PlanView>>,
    /// The file has changed since it was planned.
    pub stale: bool,
    /// The file is refused as it is.
    pub broken: bool,
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
    let stale = props.stale.then_some("stale");
    html! {
        <section class={classes!("panel", "plan", stale)} aria-label="Plan">
            <header class="panel-head">
                <h2>{ "Plan" }</h2>
                if props.stale {
                    <p class="panel-note">{ "The file has changed since." }</p>
                }
            </header>
            <p class="sentence">{ &plan.sentence }</p>
            <ul class="plan-groups">{ for plan.groups.iter().map(group) }</ul>
            if !plan.warnings.is_empty() {
                <ul class="warnings" aria-label="Warnings">
                    { for plan.warnings.iter().map(|warning| html! { <li>{ warning }</li> }) }
                </ul>
            }
            if !plan.diff.is_empty() {
                <div class="diff" role="group" aria-label="Difference" tabindex="0">
                    { for plan.diff.iter().map(diff_line) }
                </div>
            }
            if !plan.failures.is_empty() {
                <div class="failures" role="group" aria-label="Placement failures">
                    { for plan.failures.iter().map(|line| html! {
                        <div class="line">{ LineText::view(line) }</div>
                    }) }
                </div>
            }
            <p class="tail muted">
                { "Holds at job modify index " }<code>{ plan.job_modify_index }</code>{ "." }
            </p>
        </section>
    }
}

fn group(group: &PlanGroupView) -> Html {
    html! {
        <li key={group.name.clone()}>
            <span class="group-name">{ &group.name }</span>
            { for group.counters.iter().map(|counter| html! {
                <span class={classes!("chip", chip_class(&counter.name))}>
                    <b>{ counter.count }</b>{ format!(" {}", counter.name) }
                </span>
            }) }
        </li>
    }
}

fn chip_class(counter: &str) -> &'static str {
    match counter {
        "create" | "canary" => "added",
        "destroy" | "stop" => "removed",
        "ignore" => "same",
        _ => "edited",
    }
}

fn diff_line(line: &DiffLineView) -> Html {
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
    html! {
        <div class={classes!("line", class)} style={format!("--indent:{indent}ch")}>
            if let Some(word) = word {
                <span class="visually-hidden">{ word }</span>
            }
            { LineText::view(&line.line) }
        </div>
    }
}
