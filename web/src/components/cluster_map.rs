//! The cluster as a picture.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};
use yew::{AttrValue, Callback, Html, Properties, classes, component, html};
use yurt_workbench::view::{AllocationView, ClusterView, MeterView, NodeView, VersionView};

use super::AllocationMark;
use super::allocation_mark::{role_class, shape};

/// Allocations in the picture above which marks shrink and lose their numbers.
const DENSE_ABOVE: usize = 80;

/// The properties.
#[derive(Clone, PartialEq, Properties)]
pub struct ClusterMapProps {
    /// What to draw; absent while the engine starts.
    pub cluster: Option<Rc<ClusterView>>,
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
            { legend(&cluster.versions) }
        </section>
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
    node: NodeView,
    on_command: Callback<String>,
}

/// A node; memoised, so that a change elsewhere does not draw it again.
#[component]
fn Node(props: &NodeProps) -> Html {
    let node = &props.node;
    let state = if node.draining {
        "draining"
    } else if node.status != "ready" {
        &node.status
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
                    title={node.status_command.clone()}>{ &node.name }</button>
                if !state.is_empty() {
                    <span class="node-state">{ state }</span>
                }
            </div>
            <ul class="marks" aria-label={format!("Allocations on {}", node.name)}
                onkeydown={Callback::from(move_focus)}>
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
                aria-description={&description} title={&description}
                tabindex={if first { "0" } else { "-1" }}
                onclick={command_click(on_command, &allocation.status_command)}>
                <AllocationMark allocation={allocation.clone()} />
            </button>
        </li>
    }
}

fn command_click(on_command: &Callback<String>, command: &str) -> Callback<yew::MouseEvent> {
    let (on_command, command) = (on_command.clone(), command.to_string());
    Callback::from(move |_| on_command.emit(command.clone()))
}

/// The arrow keys move between the allocations of a node; Tab goes to the next node.
fn move_focus(event: KeyboardEvent) {
    let step = match &*event.key() {
        "ArrowRight" | "ArrowDown" => 1,
        "ArrowLeft" | "ArrowUp" => -1,
        _ => return,
    };
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<HtmlElement>().ok());
    let item = target.and_then(|target| target.closest("li").ok().flatten());
    let next = item.and_then(|item| {
        if step > 0 {
            item.next_element_sibling()
        } else {
            item.previous_element_sibling()
        }
    });
    let button = next.and_then(|item| item.query_selector("button").ok().flatten());
    if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
        event.prevent_default();
        // An element in the page takes the focus.
        let _ = button.focus();
    }
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
