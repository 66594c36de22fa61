//! Single keys that work anywhere but in a text box; they can be switched off in the help.

use gloo::events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};
use yew::{UseReducerHandle, UseStateHandle, hook, use_effect, use_state};

use super::{Controls, Local};
use crate::bridge::Pace;
use crate::host::storage;
use crate::screen::Screen;

/// Listens for single keys; the state says whether they do anything.
#[hook]
pub fn use_single_keys(
    screen: &UseReducerHandle<Screen>,
    controls: &Controls,
    local: &Local,
) -> UseStateHandle<bool> {
    let on = use_state(|| storage::load(storage::key::SINGLE_KEYS).as_deref() != Some("off"));
    let (enabled, screen) = (*on, screen.clone());
    let (controls, local) = (controls.clone(), local.clone());
    use_effect(move || {
        let listener = EventListener::new_with_options(
            &gloo::utils::document(),
            "keydown",
            gloo::events::EventListenerOptions::enable_prevent_default(),
            move |event| {
                let Some(event) = event.dyn_ref::<KeyboardEvent>() else {
                    return;
                };
                if enabled && is_free(event) && press(&event.key(), &screen, &controls, &local) {
                    event.prevent_default();
                }
            },
        );
        move || drop(listener)
    });
    on
}

/// No text box, list or open dialog wants the key.
fn is_free(event: &KeyboardEvent) -> bool {
    if event.ctrl_key() || event.alt_key() || event.meta_key() || event.default_prevented() {
        return false;
    }
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    target.is_none_or(|target| {
        let busy = "input:not([type=checkbox]), textarea, select, [contenteditable=true], dialog";
        !matches!(target.closest(busy), Ok(Some(_)))
    })
}

fn press(key: &str, screen: &Screen, controls: &Controls, local: &Local) -> bool {
    match key {
        "p" if screen.ready => controls.plan.emit(()),
        "r" if screen.ready => controls.run.emit(()),
        "k" => controls.pace.emit(Pace {
            playing: !local.pace.playing,
            ..*local.pace
        }),
        "." => controls.step.emit(()),
        "m" => {
            let promote = screen
                .deployment
                .as_ref()
                .and_then(|view| view.promote.command.clone());
            let Some(command) = promote else {
                return false;
            };
            controls.command.emit(command);
        }
        "e" => return focus(".cm-content, .plain-editor"),
        "t" => {
            if let Some(input) = local.input.cast::<HtmlElement>() {
                // An element in the page takes the focus.
                let _ = input.focus();
            }
        }
        "w" => controls.worlds.emit(true),
        "?" => controls.help.emit(true),
        _ => return false,
    }
    true
}

fn focus(selector: &str) -> bool {
    let found = gloo::utils::document()
        .query_selector(selector)
        .ok()
        .flatten();
    let element = found.and_then(|element| element.dyn_into::<HtmlElement>().ok());
    element.is_some_and(|element| element.focus().is_ok())
}
