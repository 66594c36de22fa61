//! The plan: what running the file would change.

use std::rc::Rc;

use yew::{Callback, Html, Properties, classes, component, html};
use yurt_workbench::view::{Line, Occasion, PlanView};

use super::LineText;
use super::diff::Diff;
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
            if let Occasion::Launch(next) = &plan.occasion {
                <p class="next-launch">{ match next {
                    Some(next) => format!("Next launch {next}."),
                    None => "No launch is due.".to_string(),
                } }</p>
            }
            <ul class="plan-groups">
                { for plan.groups.iter().map(|it| group(it, plan)) }
                { for plan.preempted.iter().map(|(name, fate)| html! {
                    <li key={format!("preempted {name}")} data-group={name.clone()}>
                        <p><span class="group-name">{ name }</span>{ " makes room." }</p>
                        { row("Now", std::slice::from_ref(fate)) }
                        { row("After", &[]) }
                    </li>
                }) }
            </ul>
            if !plan.warnings.is_empty() {
                <ul class="warnings" aria-label="Warnings">
                    { for plan.warnings.iter().map(|warning| html! { <li>{ warning }</li> }) }
                </ul>
            }
            if !plan.diff.is_empty() {
                <Diff plan={plan.clone()} on_reveal={props.on_reveal.clone()} />
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
        { (Button {
            label: "Plan again".into(),
            weight: Weight::Quiet,
            class: Some("again".into()),
            disabled: props.broken,
            on_press: props.on_plan.clone(),
            ..Button::default()
        }).view() }
    </> }
}

fn printed(lines: &[Line]) -> Html {
    let line = |line| html! { <div class="line">{ LineText::view(line) }</div> };
    lines.iter().map(line).collect()
}
