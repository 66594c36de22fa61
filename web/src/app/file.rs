//! The job file as the page keeps it: the text, what of it the engine knows, and the way back to
//! the guide's job.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use yew::{Callback, hook, use_callback, use_effect_with, use_mut_ref, use_state};
use yurt_workbench::protocol::Action;
use yurt_workbench::view::{FormattedView, WORLDS, WorldView};

use crate::bridge::Bridge;
use crate::guide;
use crate::host::editor::{About, Ask};
use crate::host::storage;

/// How long typing must rest before the text is checked, in milliseconds.
const CHECK_AFTER_MS: u32 = 100;

/// What the engine was told about the file.
struct Told {
    /// The text that the engine's folder has.
    written: Rc<str>,
    /// The text of the last plan.
    planned: Option<Rc<str>>,
    /// The text of the last run.
    run: Rc<str>,
}

impl Told {
    fn in_world(world: &WorldView) -> Self {
        Self {
            written: world.job.into(),
            planned: None,
            run: world.job.into(),
        }
    }
}

/// The job file.
#[derive(Clone)]
pub struct File {
    /// The text in the editor.
    pub text: Rc<str>,
    /// The page opened with a text of the last visit.
    pub restored: bool,
    /// The text changed.
    pub on_change: Callback<Rc<str>>,
    /// The guide's job is wanted back.
    pub on_reset: Callback<()>,
    /// The text is to be laid out.
    pub on_format: Callback<()>,
    /// The editor asks about a place of its text.
    pub on_ask: Callback<Ask>,
    told: Rc<RefCell<Told>>,
}

impl PartialEq for File {
    fn eq(&self, other: &Self) -> bool {
        // `told` is the same cell for the life of the page.
        self.text == other.text
            && self.restored == other.restored
            && self.on_change == other.on_change
            && self.on_reset == other.on_reset
            && self.on_format == other.on_format
            && self.on_ask == other.on_ask
    }
}

impl File {
    /// The text to write to the engine's folder before a command, if it has another.
    pub fn to_write(&self) -> Option<String> {
        let mut told = self.told.borrow_mut();
        if told.written == self.text {
            return None;
        }
        told.written = self.text.clone();
        Some(self.text.to_string())
    }

    /// Keeps in mind that the text was planned or run, by button or by hand.
    pub fn note_command(&self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let verb = match words.as_slice() {
            ["nomad", "job", verb, ..] | ["nomad", verb, ..] => *verb,
            _ => return,
        };
        if !words.contains(&guide::FILE_NAME) {
            return;
        }
        let mut told = self.told.borrow_mut();
        match verb {
            "plan" => told.planned = Some(self.text.clone()),
            "run" => told.run = self.text.clone(),
            _ => (),
        }
    }

    /// Another world is there: its folder has its own job file. A text that nobody has touched
    /// becomes the one of that world.
    pub fn enter(&self, old: &WorldView, new: &WorldView) {
        *self.told.borrow_mut() = Told::in_world(new);
        if *self.text == *old.job {
            self.on_change.emit(new.job.into());
        }
    }

    /// Nobody knows what the engine's folder has: the next command writes the file.
    pub fn forget_told(&self) {
        *self.told.borrow_mut() = Told {
            written: "".into(),
            planned: None,
            run: "".into(),
        };
    }

    /// The last plan is of this very text.
    pub fn is_planned(&self) -> bool {
        self.told.borrow().planned.as_ref() == Some(&self.text)
    }

    /// The last run was of this very text.
    pub fn is_run(&self) -> bool {
        self.told.borrow().run == self.text
    }
}

/// The job file of the page.
#[hook]
pub fn use_file(bridge: &Bridge, here: &'static WorldView) -> File {
    let text = use_state(|| -> Rc<str> {
        let kept = storage::load(storage::key::JOB_FILE);
        kept.as_deref().unwrap_or(here.job).into()
    });
    let restored = use_state(|| **text != *here.job);
    let told = use_mut_ref(|| Told::in_world(here));
    let on_change = use_callback(text.setter(), |new: Rc<str>, text| {
        let own = WORLDS.iter().all(|world| *new != *world.job);
        storage::save(storage::key::JOB_FILE, own.then_some(&*new));
        text.set(new);
    });
    let on_reset = use_callback(
        (on_change.clone(), restored.setter(), here),
        |(), (on_change, restored, here)| {
            restored.set(false);
            on_change.emit(here.job.into());
        },
    );
    let on_format = use_callback((bridge.clone(), (*text).clone()), |(), (bridge, text)| {
        let text = text.to_string();
        bridge.send(Action::Format { text });
    });
    let on_ask = use_callback(bridge.clone(), |ask: Ask, bridge| {
        let Ask {
            about,
            question,
            text,
            byte,
        } = ask;
        bridge.send(match about {
            About::Completions => Action::Complete {
                question,
                text,
                byte,
            },
            About::Word => Action::Hover {
                question,
                text,
                byte,
            },
        });
    });
    {
        let bridge = bridge.clone();
        // Each world has its own rules.
        use_effect_with(((*text).clone(), here), move |(text, _)| {
            let text = text.clone();
            let timeout = Timeout::new(CHECK_AFTER_MS, move || {
                bridge.send(Action::Check {
                    name: guide::FILE_NAME.into(),
                    text: text.to_string(),
                });
            });
            move || drop(timeout)
        });
    }
    File {
        text: (*text).clone(),
        restored: *restored,
        on_change,
        on_reset,
        on_format,
        on_ask,
        told,
    }
}

/// Puts a text that was laid out into the editor, unless it was edited meanwhile.
#[hook]
pub fn use_formatted(file: &File, formatted: Option<Rc<FormattedView>>) {
    let (text, on_change) = (file.text.clone(), file.on_change.clone());
    use_effect_with(formatted, move |formatted| {
        let Some(formatted) = formatted else { return };
        if let Some(after) = &formatted.after
            && *formatted.before == *text
            && *after != *text
        {
            on_change.emit(after.as_str().into());
        }
    });
}
