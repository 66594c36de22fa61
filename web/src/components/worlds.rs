//! The choice of a world, and the way back to the one before.

use yew::{Callback, Html, classes, html};
use yurt_workbench::view::{WORLDS, WorldView};

use crate::ui::{Button, Dialog};

/// The choice: `here` is the world that is there.
pub fn worlds(
    open: bool,
    here: &'static WorldView,
    on_world: &Callback<&'static WorldView>,
    on_close: Callback<()>,
) -> Html {
    html! {
        <Dialog title="Worlds" {open} {on_close}>
            <p>
                { "A world is how a simulation starts. Going to one starts a fresh cluster, with \
                   the guide's job running. Your job file stays in the editor, and you can go back \
                   to the cluster that you have now." }
            </p>
            <ul class="worlds">
                { for WORLDS.iter().map(|it| choice(it, *it == *here, on_world)) }
            </ul>
        </Dialog>
    }
}

fn choice(it: &'static WorldView, here: bool, on_world: &Callback<&'static WorldView>) -> Html {
    let (label, name) = match here {
        true => ("Start afresh", format!("Start afresh: {}", it.title)),
        false => ("Go", format!("Go to {}", it.title)),
    };
    let onclick = on_world.reform(move |_| it);
    html! {
        <li class={classes!("world", here.then_some("here"))} key={it.name}>
            <div>
                <p><b>{ it.title }</b>
                    if here { <span class="muted">{ " you are here" }</span> }</p>
                <p class="muted">{ it.about }</p>
            </div>
            <button type="button" class="button" aria-label={name} {onclick}>{ label }</button>
        </li>
    }
}

/// Says that the cluster is a fresh one, and how to get the old one back.
pub fn world_notice(
    here: &'static WorldView,
    on_back: &Callback<()>,
    on_close: &Callback<()>,
) -> Html {
    let title = here.title;
    html! {
        <section class="notice" aria-label="World">
            <p>{ format!("A fresh cluster: {title}. Your job file is still in the editor.") }</p>
            { (Button {
                label: "Back to the cluster before".into(),
                on_press: on_back.clone(),
                ..Button::default()
            }).view() }
            { Button::close("Close this notice", on_close.clone()).view() }
        </section>
    }
}
