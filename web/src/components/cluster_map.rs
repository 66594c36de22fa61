//! The cluster as a picture.

use std::rc::Rc;

use web_sys::KeyboardEvent;
use yew::{AttrValue, Callback, Html, Properties, classes, component, html};
use yurt_workbench::view::{AllocationView, MeterView, NodeView, UsageView, VersionView};

use super::allocation_mark::{allocation_mark, role_class, shape};
use super::field::Field;
use crate::host::focus::rove;
use crate::screen::Cluster;

/// Allocations in the picture above which marks shrink and lose their numbers.
const DENSE_ABOVE: usize = 80;

/// Allocations, and nodes, above which the picture is drawn rather than built of elements.
const FIELD_ABOVE: (usize, usize) = (400, 60);

/// The properties.
#[derive(Clone, PartialEq, Properties)]
pub struct ClusterMapProps {
    /// What to draw; absent while the engine starts.
    pub cluster: Option<Rc<Cluster>>,
    /// What the allocation uses that was looked at last.
    #[prop_or_default]
    pub usage: Option<Rc<UsageView>>,
    /// Runs a command line.
    pub on_command: Callback<String>,
}

/// The cluster.
#[component]
pub fn ClusterMap(props: &ClusterMapProps) -> Html {
    let Some(cluster) = &props.cluster else {
        return html! {
            <section class="panel cluster" aria-label="Cluster">
                <header class="panel-head"><h2>{ "Cluster" }</h2></header>
                <p class="empty" role="status">{ "Starting five nodes…" }</p>
            </section>
        };
    };
    let count: usize = cluster
        .nodes
        .iter()
        .map(|node| node.allocations.len())
        .sum();
    let dense = (count > DENSE_ABOVE).then_some("dense");
    if count > FIELD_ABOVE.0 || cluster.nodes.len() > FIELD_ABOVE.1 {
        return html! {
            <section class="panel cluster drawn" aria-label="Cluster">
                <header class="panel-head">
                    <h2>{ "Cluster" }</h2>
                    <p class="panel-note">{ &cluster.sentence }</p>
                </header>
                <Field cluster={cluster.clone()} on_command={props.on_command.clone()} />
                { for props.usage.as_deref().map(usage) }
                { legend(&cluster.versions) }
            </section>
        };
    }
    html! {
        <section class={classes!("panel", "cluster", dense)} aria-label="Cluster">
            <header class="panel-head">
                <h2>{ "Cluster" }</h2>
                <p class="panel-note">{ &cluster.sentence }</p>
            </header>
            <ul class="nodes">
                { for cluster.nodes.iter().map(|node| html! {
                    <Node key={node.id.clone()} node={node.clone()}
                        on_command={&props.on_command} />
                }) }
            </ul>
            { for props.usage.as_deref().map(usage) }
            { legend(&cluster.versions) }
        </section>
    }
}

/// What an allocation uses: a line over time, which says nothing that its text does not.
fn usage(usage: &UsageView) -> Html {
    html! {
        <ul class="usage" aria-label={format!("Use of {}", usage.name)}>
            <li>{ &usage.name }</li>
            { for usage.lines.iter().map(|line| html! {
                <li>
                    <svg viewBox="0 0 60 16" aria-hidden="true">
                        <polyline points={line.points.clone()} />
                    </svg>
                    { &line.text }
                </li>
            }) }
        </ul>
    }
}

fn legend(versions: &[VersionView]) -> Html {
    // One job needs no name here; several do.
    let several = versions
        .windows(2)
        .any(|pair| pair[0].job_id != pair[1].job_id);
    let name = |version: &VersionView| match several {
        true => format!("{} version {}", version.job_id, version.version),
        false => format!("version {}", version.version),
    };
    html! {
        <div class="legend">
            <ul aria-label="Versions">
                { for versions.iter().map(|version| html! {
                    <li key={format!("{} {}", version.job_id, version.version)}>
                        <svg class={classes!("mark", "swatch", role_class(version.role), "healthy")}
                            viewBox="0 0 32 32" aria-hidden="true">
                            { shape(version.role, false) }
                        </svg>
                        <span>{ name(version) }</span>
                        <span class="muted">{ &version.image }</span>
                    </li>
                }) }
            </ul>
            <ul aria-label="Marks">
                <li><svg class="mark swatch key" viewBox="0 0 32 32" aria-hidden="true">
                    <path class="shape" d="M16 2 30 16 16 30 2 16z" /></svg>{ "canary" }</li>
                <li><svg class="mark swatch key dashed" viewBox="0 0 32 32" aria-hidden="true">
                    <circle class="shape" cx="16" cy="16" r="12" /></svg>{ "starting" }</li>
                <li><svg class="mark swatch key solid" viewBox="0 0 32 32" aria-hidden="true">
                    <circle class="shape" cx="16" cy="16" r="12" />
                    <path class="tick" d="M9 16.5l5 5 9-10" /></svg>{ "healthy" }</li>
                <li><svg class="mark swatch key bad" viewBox="0 0 32 32" aria-hidden="true">
                    <circle class="shape" cx="16" cy="16" r="12" />
                    <path class="tick" d="M11 11l10 10M21 11 11 21" /></svg>{ "failed" }</li>
                <li><svg class="mark swatch key gone" viewBox="0 0 32 32" aria-hidden="true">
                    <circle class="shape" cx="16" cy="16" r="12" /></svg>{ "stopped" }</li>
            </ul>
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct NodeProps {
    node: Rc<NodeView>,
    on_command: Callback<String>,
}

/// A node; memoised, so that a change elsewhere does not draw it again.
#[component]
fn Node(props: &NodeProps) -> Html {
    let node = &props.node;
    let state = if node.draining {
        "draining"
    } else if node.status != "ready" {
        &*node.status
    } else if node.eligibility != "eligible" {
        &node.eligibility
    } else {
        ""
    };
    let status = command_click(&props.on_command, &node.status_command);
    html! {
        <li class={classes!("node", (!node.ready).then_some("away"))}>
            <div class="node-head">
                <button type="button" class="node-name" onclick={status}
                    data-id={node.short_id.clone()}
                    title={node.status_command.clone()}>{ &node.name }</button>
                if !state.is_empty() {
                    <span class="node-state">{ state }</span>
                }
            </div>
            <ul class="marks" aria-label={format!("Allocations on {}", node.name)}
                onkeydown={Callback::from(|event: KeyboardEvent| rove(&event, ".marks", "button"))}>
                { for node.allocations.iter().enumerate().map(|(index, allocation)| {
                    allocation_item(allocation, index == 0, &props.on_command)
                }) }
                if node.hidden_terminal > 0 {
                    <li class="more-terminal">{ format!("+{} stopped", node.hidden_terminal) }</li>
                }
            </ul>
            <div class="meters">
                { meter("cpu", "MHz", node.cpu_mhz) }
                { meter("memory", "MiB", node.memory_mb) }
            </div>
        </li>
    }
}

fn allocation_item(
    allocation: &AllocationView,
    first: bool,
    on_command: &Callback<String>,
) -> Html {
    let description = AttrValue::from(allocation.description.clone());
    html! {
        <li key={allocation.id.clone()}>
            <button type="button" class="allocation" aria-label={allocation.name.clone()}
                data-group={format!("{}.{}", allocation.job_id, allocation.group)}
                data-id={allocation.short_id.clone()}
                aria-description={&description} title={&description}
                tabindex={if first { "0" } else { "-1" }}
                onclick={command_click(on_command, &allocation.status_command)}>
                { allocation_mark(allocation) }
            </button>
        </li>
    }
}

fn command_click(on_command: &Callback<String>, command: &str) -> Callback<yew::MouseEvent> {
    let (on_command, command) = (on_command.clone(), command.to_string());
    Callback::from(move |_| on_command.emit(command.clone()))
}

fn meter(name: &str, unit: &str, meter: MeterView) -> Html {
    let text = format!("{name}: {} of {} {unit} taken", meter.used, meter.total);
    let percent = (meter.used * 100)
        .checked_div(meter.total)
        .unwrap_or(0)
        .clamp(0, 100);
    html! {
        <div class="meter" role="img" aria-label={text.clone()} title={text}>
            <span style={format!("width:{percent}%")}></span>
        </div>
    }
}
