//! A dialog over the page; Esc closes it.

use wasm_bindgen::JsCast;
use web_sys::HtmlDialogElement;
use yew::{
    AttrValue, Callback, Children, Html, Properties, component, html, use_effect_with, use_node_ref,
};

use super::Button;

/// A dialog's properties.
#[derive(Clone, PartialEq, Properties)]
pub struct DialogProps {
    /// Its title and accessible name.
    pub title: AttrValue,
    /// It is open.
    pub open: bool,
    /// Someone closes it.
    pub on_close: Callback<()>,
    /// What is in it.
    pub children: Children,
}

/// A dialog.
#[component]
pub fn Dialog(props: &DialogProps) -> Html {
    let node = use_node_ref();
    use_effect_with((node.clone(), props.open), |(node, open)| {
        let Some(dialog) = node.get().and_then(|node| node.dyn_into().ok()) else {
            return;
        };
        let dialog: HtmlDialogElement = dialog;
        if *open && !dialog.open() {
            // Fails only when it is open already.
            let _ = dialog.show_modal();
        } else if !*open && dialog.open() {
            dialog.close();
        }
    });
    let onclose = props.on_close.reform(|_| ());
    html! {
        <dialog ref={node} aria-label={&props.title} {onclose}>
            <header class="dialog-head">
                <h2>{ &props.title }</h2>
                { Button::close("Close", props.on_close.clone()).view() }
            </header>
            <div class="dialog-body">{ props.children.clone() }</div>
        </dialog>
    }
}
