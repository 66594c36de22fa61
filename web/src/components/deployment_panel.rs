//! The deployment: what is happening, and the buttons for what can be done now.

use std::rc::Rc;

use yew::{Callback, Html, Properties, classes, component, html};
use yurt_workbench::view::{DeploymentGroupView, DeploymentView, Health, left_text};

use super::command_button;
use crate::ui::Weight;

/// Segments of a bar up to which each allocation has one of its own.
const SEGMENTS_MAX: i64 = 40;

/// Groups that need no scrolling; with more, the panel takes the focus to be scrolled.
const GROUPS_IN_SIGHT: usize = 2;

/// Deadlines shown.
const DEADLINES_SHOWN: usize = 2;

/// The properties.
#[derive(Clone, PartialEq, Properties)]
pub struct DeploymentPanelProps {
    /// What to draw; absent where the job has none.
    pub deployment: Option<Rc<DeploymentView>>,
    /// The simulated time; deadlines count down to it. Whole seconds are enough.
    pub now_ns: i64,
    /// Runs a command line.
    pub on_command: Callback<String>,
}

/// The deployment panel.
#[component]
pub fn DeploymentPanel(props: &DeploymentPanelProps) -> Html {
    let Some(view) = &props.deployment else {
        return html! {
            <section class="panel deployment" aria-label="Deployment">
                <header class="panel-head"><h2>{ "Deployment" }</h2></header>
                <p class="empty">
                    { "No deployment yet. Run a job that has an update block, and its rollout \
                       shows here." }
                </p>
            </section>
        };
    };
    let waiting = view.waiting_for_person.then_some("waiting");
    html! {
        <section class={classes!("panel", "deployment", waiting)} aria-label="Deployment"
            tabindex={(view.groups.len() > GROUPS_IN_SIGHT).then_some("0")}>
            <header class="panel-head">
                <h2>{ "Deployment" }</h2>
                <code data-id={view.short_id.clone()}>{ &view.short_id }</code>
                <span class="muted">{ format!("version {}", view.job_version) }</span>
                <span class={classes!("status", view.status.clone())}
                    title={view.description.clone()}>
                    { &view.status }
                </span>
            </header>
            <p class="sentence">{ &view.sentence }</p>
            <ul class="groups">
                { for view.groups.iter().map(|row| group(row, &view.job_id)) }
            </ul>
            <div class="actions">
                { command_button("Promote", &view.promote, next_weight(view), &props.on_command) }
                { command_button("Fail", &view.fail, Weight::Normal, &props.on_command) }
                if view.resume.command.is_some() {
                    { command_button(
                        "Resume", &view.resume, resume_weight(view), &props.on_command,
                    ) }
                }
                if view.pause.command.is_some() {
                    <details class="more-actions">
                        <summary>{ "More" }</summary>
                        { command_button("Pause", &view.pause, Weight::Normal, &props.on_command) }
                    </details>
                }
                if !view.promote.why_not.is_empty() && view.active {
                    <span class="why-not">{ &view.promote.why_not }</span>
                }
                { deadlines(view, props.now_ns) }
            </div>
        </section>
    }
}

fn deadlines(view: &DeploymentView, now_ns: i64) -> Html {
    if !view.active || view.deadlines.is_empty() {
        return Html::default();
    }
    html! {
        <ul class="deadlines" aria-label="Deadlines">
            { for view.deadlines.iter().take(DEADLINES_SHOWN).map(|deadline| html! {
                <li key={deadline.label.clone()}>
                    <span class="muted" data-id={deadline.allocation.clone()}>
                        { format!("{} in ", deadline.label) }
                    </span>
                    <span class="countdown">{ left_text(deadline.due_ns, now_ns) }</span>
                </li>
            }) }
        </ul>
    }
}

/// Promoting is the next action when the deployment waits for it.
fn next_weight(view: &DeploymentView) -> Weight {
    if view.waiting_for_person && view.promote.command.is_some() {
        Weight::Next
    } else {
        Weight::Normal
    }
}

/// A paused deployment waits for nothing but this.
fn resume_weight(view: &DeploymentView) -> Weight {
    if view.waiting_for_person {
        Weight::Next
    } else {
        Weight::Normal
    }
}

fn group(row: &DeploymentGroupView, job_id: &str) -> Html {
    let yes_no = |value: Option<bool>| value.map(|value| if value { "yes" } else { "no" });
    html! {
        <li class="group" key={row.name.clone()}
            data-group={format!("{job_id}.{}", row.name)}>
            <div class="group-head">
                <span class="group-name">{ &row.name }</span>
                { bar(row) }
                <span class="group-sum">{ format!("{}/{}", row.healthy, row.desired) }</span>
            </div>
            <dl class="counters">
                { counter("Desired", Some(row.desired)) }
                { counter("Canaries", row.canaries) }
                { counter("Placed", Some(row.placed)) }
                { counter("Healthy", Some(row.healthy)) }
                { counter("Unhealthy", Some(row.unhealthy)) }
                { counter("Promoted", yes_no(row.promoted)) }
                { counter("Auto revert", yes_no(row.auto_revert)) }
            </dl>
        </li>
    }
}

fn counter<T: ToString>(name: &str, value: Option<T>) -> Html {
    let Some(value) = value else {
        return Html::default();
    };
    html! { <div><dt>{ name.to_string() }</dt><dd>{ value.to_string() }</dd></div> }
}

/// Which allocation each segment of the bar stands for: counts outlive allocations, so some have
/// none.
fn ids(row: &DeploymentGroupView) -> Vec<Option<String>> {
    let of = |health: Health, count: i64| {
        let known = row.allocations.iter().filter(move |(_, it)| *it == health);
        let known = known.map(|(id, _)| Some(id.clone()));
        known
            .chain(std::iter::repeat(None))
            .take(usize::try_from(count).unwrap_or(0))
    };
    let starting = row.placed - row.healthy - row.unhealthy;
    of(Health::Healthy, row.healthy)
        .chain(of(Health::Unhealthy, row.unhealthy))
        .chain(of(Health::Unknown, starting))
        .collect()
}

fn bar(row: &DeploymentGroupView) -> Html {
    let text = format!(
        "{} of {} healthy, {} unhealthy, {} placed",
        row.healthy, row.desired, row.unhealthy, row.placed
    );
    let starting = (row.placed - row.healthy - row.unhealthy).max(0);
    let segments = if row.desired <= SEGMENTS_MAX {
        let kinds = [
            ("good", row.healthy),
            ("bad", row.unhealthy),
            ("starting", starting),
        ];
        let mut drawn: Vec<&str> = kinds
            .iter()
            .flat_map(|(kind, count)| (0..*count).map(|_| *kind))
            .take(usize::try_from(row.desired.max(0)).unwrap_or(0))
            .collect();
        drawn.resize(usize::try_from(row.desired.max(0)).unwrap_or(0), "");
        let ids = ids(row);
        drawn
            .into_iter()
            .enumerate()
            .map(|(at, kind)| {
                let id = ids.get(at).filter(|_| !kind.is_empty()).cloned().flatten();
                html! { <span class={kind} data-id={id}></span> }
            })
            .collect::<Html>()
    } else {
        let part = |kind: &'static str, count: i64| {
            let percent = (count * 100)
                .checked_div(row.desired)
                .unwrap_or(0)
                .clamp(0, 100);
            html! { <span class={kind} style={format!("flex:0 0 {percent}%")}></span> }
        };
        html! { <>
            { part("good", row.healthy) }
            { part("bad", row.unhealthy) }
            { part("starting", starting) }
        </> }
    };
    html! { <div class="bar" role="img" aria-label={text}>{ segments }</div> }
}
