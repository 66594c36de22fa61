//! A large cluster on a canvas: only what is in sight is drawn. A button lies over what is pointed
//! at, another over what the keyboard is on, so that all of it can be reached, read and pressed.

mod layout;

use std::cell::RefCell;
use std::rc::Rc;

use gloo::events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{CustomEvent, HtmlCanvasElement, HtmlElement, KeyboardEvent, PointerEvent};
use yew::{
    Callback, Html, NodeRef, Properties, UseStateHandle, component, hook, html, use_effect_with,
    use_memo, use_mut_ref, use_node_ref, use_state,
};
use yurt_workbench::view::{AllocationView, Health, NodeView, VersionRole};

use crate::host::field::{SizeWatch, draw};
use crate::screen::Cluster;
use layout::{Layout, MARK, Place};

/// The button that the keyboard is on.
const SPOT: &str = ".spot[tabindex='0']";

/// The properties.
#[derive(Clone, PartialEq, Properties)]
pub struct FieldProps {
    /// What to draw.
    pub cluster: Rc<Cluster>,
    /// Runs a command line.
    pub on_command: Callback<String>,
}

/// What stays lit: short ids and a group.
#[derive(Clone, PartialEq, Default)]
struct Lit {
    ids: Vec<String>,
    group: String,
}

impl Lit {
    /// As `js/lit.ts` says it: `id id|group`.
    fn of(text: &str) -> Self {
        let (ids, group) = text.split_once('|').unwrap_or((text, ""));
        Self {
            ids: ids.split_whitespace().map(String::from).collect(),
            group: group.into(),
        }
    }

    fn shines_on(&self, allocation: &AllocationView) -> bool {
        if !self.ids.is_empty() {
            return self.ids.contains(&allocation.short_id);
        }
        let group = self.group.split_once('.');
        group.is_some_and(|(job, group)| job == allocation.job_id && group == allocation.group)
    }
}

/// The canvas with its scroll.
#[component]
pub fn Field(props: &FieldProps) -> Html {
    let scroller = use_node_ref();
    let canvas = use_node_ref();
    let size = use_state(|| (0, 0));
    let top = use_state(|| 0);
    use_size(&scroller, &size);
    let lit = use_lit();
    let layout = use_layout(&props.cluster, size.0);
    let pointed = use_state(|| None::<Place>);
    let chosen = use_state(|| Place {
        node: 0,
        allocation: None,
    });
    let moved = use_mut_ref(|| false);
    use_drawing(&canvas, props, &layout, (*size, *top), lit);
    let onscroll = {
        let (scroller, top) = (scroller.clone(), top.setter());
        Callback::from(move |_| {
            if let Some(element) = scroller.cast::<HtmlElement>() {
                top.set(element.scroll_top());
            }
        })
    };
    let onpointermove = pointing(&scroller, &layout, &pointed);
    let onpointerleave = {
        let pointed = pointed.setter();
        Callback::from(move |_| pointed.set(None))
    };
    let onkeydown = {
        let (scroller, layout) = (scroller.clone(), layout.clone());
        let (chosen, moved) = (chosen.clone(), moved.clone());
        Callback::from(move |event: KeyboardEvent| {
            let Some(next) = layout.step(*chosen, &event.key()) else {
                return;
            };
            event.prevent_default();
            if let Some(element) = scroller.cast::<HtmlElement>() {
                show(&element, &layout, next);
            }
            *moved.borrow_mut() = true;
            chosen.set(next);
        })
    };
    let spot = |place, keyboard| spot(props, &layout, place, keyboard);
    use_focus_on_spot(&scroller, *chosen, moved);
    html! {
        <div class="field" ref={scroller} {onscroll} {onpointermove} {onpointerleave} {onkeydown}
            role="group" aria-label="Nodes and allocations"
            aria-description="Arrow keys go from one to the next.">
            <canvas ref={canvas} aria-hidden="true"
                style={format!("width:{}px;height:{}px", size.0, size.1)} />
            <div class="extent"
                style={format!("height:{}px;margin-top:-{}px", layout.height(), size.1)}>
                { spot(*chosen, true) }
                if let Some(place) = *pointed {
                    { spot(place, false) }
                }
            </div>
        </div>
    }
}

/// Keeps what the pointer is on.
fn pointing(
    scroller: &NodeRef,
    layout: &Rc<Layout>,
    pointed: &UseStateHandle<Option<Place>>,
) -> Callback<PointerEvent> {
    let (scroller, layout, pointed) = (scroller.clone(), layout.clone(), pointed.clone());
    Callback::from(move |event: PointerEvent| {
        if let Some(element) = scroller.cast::<HtmlElement>() {
            let rect = element.get_bounding_client_rect();
            let x = event.client_x() - rect.left() as i32;
            let y = event.client_y() - rect.top() as i32 + element.scroll_top();
            let place = layout.at(x, y);
            if place != *pointed {
                pointed.set(place);
            }
        }
    })
}

/// Once the keyboard has moved to another place, the button that comes there takes the focus.
#[hook]
fn use_focus_on_spot(scroller: &NodeRef, chosen: Place, moved: Rc<RefCell<bool>>) {
    let scroller = scroller.clone();
    use_effect_with(chosen, move |_| {
        let element = scroller
            .cast::<HtmlElement>()
            .filter(|_| moved.replace(false));
        let spot = element.and_then(|it| it.query_selector(SPOT).ok().flatten());
        if let Some(spot) = spot.and_then(|spot| spot.dyn_into::<HtmlElement>().ok()) {
            // An element in the page takes the focus.
            let _ = spot.focus();
        }
    });
}

/// Scrolls until a place is in sight.
fn show(element: &HtmlElement, layout: &Layout, place: Place) {
    let rect = layout.rect(Place {
        allocation: None,
        ..place
    });
    let (top, height) = (element.scroll_top(), element.client_height());
    let room = MARK;
    let wanted = if rect.y - room < top {
        rect.y - room
    } else if rect.y + rect.height + room > top + height {
        rect.y + rect.height + room - height
    } else {
        return;
    };
    element.set_scroll_top(wanted.max(0));
}

#[hook]
fn use_size(scroller: &NodeRef, size: &UseStateHandle<(i32, i32)>) {
    let size = size.setter();
    use_effect_with(scroller.clone(), move |scroller| {
        let watch = scroller.cast::<HtmlElement>().map(|element| {
            SizeWatch::start(&element, move |width, height| size.set((width, height)))
        });
        move || drop(watch)
    });
}

/// What is pointed at anywhere on the page.
#[hook]
fn use_lit() -> Lit {
    let lit = use_state(Lit::default);
    let setter = lit.setter();
    use_effect_with((), move |()| {
        let listener = EventListener::new(&gloo::utils::document(), "yurt-lit", move |event| {
            let event = event.dyn_ref::<CustomEvent>();
            let text = event.and_then(|event| event.detail().as_string());
            setter.set(Lit::of(&text.unwrap_or_default()));
        });
        move || drop(listener)
    });
    (*lit).clone()
}

#[hook]
fn use_layout(cluster: &Rc<Cluster>, width: i32) -> Rc<Layout> {
    let nodes = cluster.nodes.iter();
    let counts: Vec<usize> = nodes.map(|node| node.allocations.len()).collect();
    use_memo((counts, width), |(counts, width)| {
        Layout::new(counts.clone(), *width)
    })
}

#[hook]
fn use_drawing(
    canvas: &NodeRef,
    props: &FieldProps,
    layout: &Rc<Layout>,
    view: ((i32, i32), i32),
    lit: Lit,
) {
    let canvas = canvas.clone();
    let deps = (props.cluster.clone(), layout.clone(), view, lit);
    use_effect_with(deps, move |(cluster, layout, (size, top), lit)| {
        let Some(canvas) = canvas.cast::<HtmlCanvasElement>() else {
            return;
        };
        let (mut nodes, mut marks) = (Vec::new(), Vec::new());
        let seen = layout.visible(*top, top + size.1);
        for (at, node) in cluster
            .nodes
            .iter()
            .enumerate()
            .take(seen.end)
            .skip(seen.start)
        {
            let rect = layout.rect(Place {
                node: at,
                allocation: None,
            });
            let is_lit = lit.ids.contains(&node.short_id);
            let bits = u8::from(!node.ready) | u8::from(is_lit) << 1;
            let corners = [rect.x, rect.y - top, rect.width, rect.height];
            nodes.extend(corners.map(|number| number as f32));
            nodes.push(f32::from(bits));
            for (index, allocation) in node.allocations.iter().enumerate() {
                let rect = layout.rect(Place {
                    node: at,
                    allocation: Some(index),
                });
                let bits = u8::from(allocation.canary) | u8::from(lit.shines_on(allocation)) << 1;
                let corners = [rect.x, rect.y - top, rect.width];
                marks.extend(corners.map(|number| number as f32));
                marks.extend([role(allocation.role), state(allocation), bits].map(f32::from));
            }
        }
        draw(&canvas, *size, &nodes, &marks);
    });
}

fn role(role: VersionRole) -> u8 {
    match role {
        VersionRole::Stable => 0,
        VersionRole::Newest => 1,
        VersionRole::Other(other) => 2 + other.min(3),
    }
}

/// The numbers of `js/field.ts`.
fn state(allocation: &AllocationView) -> u8 {
    if allocation.failed || allocation.health == Health::Unhealthy && !allocation.terminal {
        3
    } else if allocation.terminal {
        4
    } else if allocation.stopping {
        5
    } else if allocation.client_status == "pending" {
        1
    } else if allocation.health == Health::Healthy || allocation.role == VersionRole::Stable {
        0
    } else {
        2
    }
}

/// The button over a place.
fn spot(props: &FieldProps, layout: &Layout, place: Place, keyboard: bool) -> Html {
    let Some(node) = props.cluster.nodes.get(place.node) else {
        return Html::default();
    };
    let allocation = place.allocation.and_then(|at| node.allocations.get(at));
    let place = Place {
        allocation: place.allocation.filter(|_| allocation.is_some()),
        ..place
    };
    let (id, text, command) = match allocation {
        Some(it) => (&it.short_id, it.description.clone(), &it.status_command),
        None => (&node.short_id, describe(node), &node.status_command),
    };
    let rect = layout.rect(place);
    let room = if allocation.is_some() { 2 } else { 0 };
    let style = format!(
        "left:{}px;top:{}px;width:{}px;height:{}px",
        rect.x - room,
        rect.y - room,
        rect.width + 2 * room,
        rect.height + 2 * room
    );
    let group = allocation.map(|it| format!("{}.{}", it.job_id, it.group));
    let (on_command, command) = (props.on_command.clone(), command.clone());
    let onclick = Callback::from(move |_| on_command.emit(command.clone()));
    html! {
        <button type="button" class="spot" key={format!("{keyboard} {id}")} {style} {onclick}
            data-id={id.clone()} data-group={group} title={text.clone()} aria-label={text}
            tabindex={if keyboard { "0" } else { "-1" }}
            aria-hidden={(!keyboard).then_some("true")} />
    }
}

fn describe(node: &NodeView) -> String {
    let count = node.allocations.len();
    let noun = if count == 1 {
        "allocation"
    } else {
        "allocations"
    };
    let eligible = match node.ready {
        true => &*node.status,
        false => &*node.eligibility,
    };
    let draining = if node.draining { ", draining" } else { "" };
    format!("{}, {eligible}{draining}, {count} {noun}", node.name)
}
