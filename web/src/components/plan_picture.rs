//! The allocations of a plan as small squares, now and after; each run of squares has its words
//! below it.

use yew::{Html, classes, html};
use yurt_workbench::view::{FateView, Occasion, PlanGroupView, PlanView};

/// Squares drawn for one fate; a number says the rest.
const SQUARES_MAX: u64 = 24;

/// One group: its sentence, and its allocations now and after. The sentence of a group that stands
/// alone is the plan's.
pub fn group(group: &PlanGroupView, plan: &PlanView) -> Html {
    let now = &group.picture.now;
    // A job that only starts others has no allocations of its own.
    let starts_now = plan.occasion == Occasion::Now || !now.is_empty();
    html! {
        <li key={group.name.clone()} data-group={format!("{}.{}", plan.job_id, group.name)}>
            <p>
                <span class="group-name">{ &group.name }</span>
                if plan.groups.len() > 1 {
                    { format!(" {}", group.sentence) }
                }
            </p>
            if starts_now {
                { row("Now", now) }
            }
            { row(plan.occasion.after(), &group.picture.after) }
        </li>
    }
}

/// Allocations by what becomes of them.
pub fn row(label: &'static str, fates: &[FateView]) -> Html {
    html! {
        <div class="fates">
            <span class="muted">{ label }</span>
            <ul aria-label={label}>
                if fates.is_empty() {
                    <li class="muted">{ "none" }</li>
                }
                { for fates.iter().map(run) }
            </ul>
        </div>
    }
}

fn run(fate: &FateView) -> Html {
    let shown = fate.count.min(SQUARES_MAX);
    html! {
        <li class={classes!("fate", fate.fate.as_str())}>
            <span class="squares" aria-hidden="true">
                { for (0..shown).map(|_| html! { <i>{ fate.fate.sign() }</i> }) }
                if fate.count > shown {
                    <b>{ format!("+{}", fate.count - shown) }</b>
                }
            </span>
            <span>{ &fate.text }</span>
        </li>
    }
}
