//! Help: what one sees, and every key.

use web_sys::{HtmlInputElement, InputEvent};
use yew::{Callback, Html, Properties, TargetCast, component, html};

use crate::ui::{Button, Dialog};

/// Keys that work anywhere but in a text box, with what they do.
pub const SINGLE_KEYS: [(&str, &str); 9] = [
    ("p", "Plan the file"),
    ("r", "Run the file"),
    ("m", "Promote the canaries"),
    ("k", "Pause or play"),
    (".", "Step to the next event"),
    ("e", "To the editor"),
    ("t", "To the terminal"),
    ("w", "To another world"),
    ("?", "This help"),
];

const OTHER_KEYS: [(&str, &str); 12] = [
    ("Ctrl+Enter", "In the editor: run the file"),
    ("Ctrl+Shift+Enter", "In the editor: plan the file"),
    ("Ctrl+Space", "In the editor: what may stand here"),
    (
        "Ctrl+K, Ctrl+I",
        "In the editor: what the word at the cursor means",
    ),
    ("Shift+Alt+F", "In the editor: lay the file out"),
    ("Esc, then Tab", "Leave the editor"),
    ("↑ ↓", "In the terminal: earlier commands"),
    ("Tab", "In the terminal: complete what is typed"),
    ("Ctrl+C", "In the terminal: stop following"),
    ("Ctrl+L", "In the terminal: empty the log"),
    ("↑ ↓", "In the plan: from line to line; Enter shows it"),
    ("← →", "In the cluster: from allocation to allocation"),
];

/// The properties.
#[derive(Clone, PartialEq, Properties)]
pub struct HelpProps {
    /// It is open.
    pub open: bool,
    /// Single keys do something.
    pub single_keys: bool,
    /// Someone closes it.
    pub on_close: Callback<()>,
    /// Everything that was done is to be copied.
    pub on_journal: Callback<()>,
    /// Single keys are switched.
    pub on_single_keys: Callback<bool>,
}

/// The help.
#[component]
pub fn Help(props: &HelpProps) -> Html {
    let oninput = props
        .on_single_keys
        .reform(|event: InputEvent| event.target_unchecked_into::<HtmlInputElement>().checked());
    html! {
        <Dialog title="Help and keys" open={props.open} on_close={props.on_close.clone()}>
            <p>
                { "A whole Nomad cluster is simulated in this tab. Edit the job file, plan it, run \
                   it, and watch what the scheduler does. Every button is a command: the terminal \
                   shows which. Time is simulated too: pause it, step it, or let it run faster." }
            </p>
            { keys(&OTHER_KEYS) }
            <label class="switch">
                <input type="checkbox" checked={props.single_keys} {oninput} />
                { " Single keys, anywhere but in a text box" }
            </label>
            if props.single_keys {
                { keys(&SINGLE_KEYS) }
            }
            { (Button {
                label: "Copy journal".into(),
                title: Some("Everything you did, as text that can be played again".into()),
                on_press: props.on_journal.clone(),
                ..Button::default()
            }).view() }
        </Dialog>
    }
}

fn keys(list: &[(&'static str, &'static str)]) -> Html {
    html! {
        <dl class="keys">
            { for list.iter().map(|(key, what)| html! {
                <div><dt><kbd>{ *key }</kbd></dt><dd>{ *what }</dd></div>
            }) }
        </dl>
    }
}
