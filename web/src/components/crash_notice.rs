//! What the page says when its engine died.

use std::rc::Rc;

use yew::{Callback, Html, Properties, component, html, use_state};

use crate::host::clipboard;
use crate::screen::Crash;
use crate::ui::Button;

/// The properties.
#[derive(Clone, PartialEq, Properties)]
pub struct CrashNoticeProps {
    /// What happened.
    pub crash: Rc<Crash>,
    /// It was read.
    pub on_close: Callback<()>,
}

#[derive(Clone, Copy, PartialEq)]
enum Copied {
    NotYet,
    Yes,
    /// The browser forbids it: the journal is shown, to be copied by hand.
    Refused,
}

/// The notice.
#[component]
pub fn CrashNotice(props: &CrashNoticeProps) -> Html {
    let copied = use_state(|| Copied::NotYet);
    let crash = &props.crash;
    let next = if crash.hopeless {
        "It could not be started again. Your text is kept in this browser; reload the page to try \
         anew."
    } else if crash.afresh {
        "Replaying the journal stopped it again, so the cluster was started afresh. Your text is \
         still in the editor."
    } else if crash.lost.is_empty() {
        "It was started again and replayed up to the moment before. The clock is paused, and your \
         text is still in the editor."
    } else {
        "It was started again and replayed up to the moment before. Your text is still in the \
         editor."
    };
    let on_copy = {
        let (setter, journal) = (copied.setter(), crash.journal.clone());
        Callback::from(move |()| {
            let setter = setter.clone();
            clipboard::copy(journal.clone(), move |worked| {
                setter.set(if worked { Copied::Yes } else { Copied::Refused });
            });
        })
    };
    html! {
        <div class="crash" role="alert">
            <div class="crash-text">
                <p><b>{ "A bug of ours stopped the engine. " }</b>{ next }</p>
                <p class="muted">{ &crash.why }</p>
                if *copied == Copied::Refused {
                    <textarea aria-label="Journal" readonly=true value={crash.journal.clone()} />
                }
            </div>
            <div class="actions">
                { (Button {
                    label: if *copied == Copied::Yes { "Copied" } else { "Copy journal" }.into(),
                    title: Some("Everything you did, as text: attach it to a bug report".into()),
                    on_press: on_copy,
                    ..Button::default()
                }).view() }
                { Button::close("Close this notice", props.on_close.clone()).view() }
            </div>
        </div>
    }
}
