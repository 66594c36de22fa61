//! Hooks around the engine: the bridge with its frames, command lines, and worlds.

use yew::{
    Callback, UseReducerHandle, UseStateHandle, hook, use_callback, use_effect_with, use_memo,
    use_state,
};
use yurt_workbench::protocol::Action;
use yurt_workbench::view::{WORLDS, WorldView, world};

use super::file::File;
use crate::bridge::{Bridge, Connect, Pace};
use crate::components::{Filed, Pane};
use crate::guide;
use crate::host::frames::Frames;
use crate::host::storage;
use crate::screen::Screen;

/// The pace of a fresh page: the guide's thirty seconds take three.
pub const FIRST_PACE: Pace = Pace {
    playing: true,
    speed: 10,
};

/// The bridge, driven by the browser's frames.
#[hook]
pub fn use_bridge(connect: &Connect, screen: &UseReducerHandle<Screen>) -> Bridge {
    let dispatcher = screen.dispatcher();
    let bridge = use_memo(connect.clone(), move |connect| {
        let tell = Callback::from(move |event| dispatcher.dispatch(event));
        let bridge = Bridge::new(connect.clone(), tell, FIRST_PACE);
        let kept = first_world();
        if *kept != WORLDS[0] {
            let name = kept.name.to_string();
            bridge.send(Action::OpenWorld { name });
        }
        bridge
    });
    use_effect_with((*bridge).clone(), |bridge| {
        let bridge = bridge.clone();
        let frames = Frames::start(move |milliseconds| bridge.frame(milliseconds));
        move || drop(frames)
    });
    (*bridge).clone()
}

/// Runs a command line, with the file as it is in the editor. A narrow screen goes to where one
/// sees what came of it.
#[hook]
pub fn use_command(bridge: &Bridge, file: &File, pane: &UseStateHandle<Pane>) -> Callback<Filed> {
    use_callback(
        (bridge.clone(), file.clone(), pane.setter()),
        |(line, payload): Filed, (bridge, file, pane)| {
            if let Some(text) = file.to_write() {
                bridge.send(Action::SetFile {
                    name: guide::FILE_NAME.into(),
                    text,
                });
            }
            if let Some((name, text)) = payload {
                bridge.send(Action::SetFile {
                    name: name.into(),
                    text,
                });
            }
            file.note_command(&line);
            pane.set(pane_of(&line));
            #[cfg(feature = "fault")]
            let fault = is_fault(&line);
            bridge.send(Action::Execute { line });
            #[cfg(feature = "fault")]
            if fault {
                bridge.send(Action::Fault);
            }
        },
    )
}

/// Where a command line shows its effect.
fn pane_of(line: &str) -> Pane {
    let words: Vec<&str> = line.split_whitespace().skip(1).collect();
    match words.as_slice() {
        ["job", "plan", ..] | ["plan", ..] => Pane::Edit,
        ["job", "run", ..] | ["run", ..] => Pane::Cluster,
        ["deployment", "promote" | "fail" | "pause" | "resume", ..] => Pane::Cluster,
        _ => Pane::Terminal,
    }
}

/// In a test build, `fault panic` is what stops the engine, where the address says so.
#[cfg(feature = "fault")]
fn is_fault(line: &str) -> bool {
    line == "fault panic" && crate::host::address::parameter("fault").as_deref() == Some("panic")
}

/// The world of the last visit.
pub fn first_world() -> &'static WorldView {
    let kept = storage::load(storage::key::WORLD);
    kept.and_then(|name| world(&name)).unwrap_or(&WORLDS[0])
}

/// Going from world to world.
#[derive(Clone, PartialEq)]
pub struct Travel {
    /// Starts a world.
    pub to: Callback<&'static WorldView>,
    /// Goes back to the cluster before.
    pub back: Callback<()>,
    /// Forgets the cluster before.
    pub forget: Callback<()>,
    /// There is a cluster to go back to.
    pub can_go_back: bool,
}

/// Going from world to world, with the way back.
#[hook]
pub fn use_travel(bridge: &Bridge, file: &File, here: &'static WorldView) -> Travel {
    // What was done in the cluster before, and its world.
    let before = use_state(|| None::<(Vec<Action>, &'static WorldView)>);
    let deps = (bridge.clone(), file.clone(), before.clone(), here);
    let travel = use_memo(deps, |(bridge, file, before, here)| {
        let to = {
            let (bridge, file, before, here) =
                (bridge.clone(), file.clone(), before.setter(), *here);
            Callback::from(move |new: &'static WorldView| {
                before.set(bridge.is_touched().then(|| (bridge.done(), here)));
                enter(&bridge, new);
                file.enter(here, new);
            })
        };
        let back = {
            let (bridge, file, before) = (bridge.clone(), file.clone(), before.clone());
            Callback::from(move |()| {
                if let Some((done, world)) = &*before {
                    enter(&bridge, world);
                    for action in done {
                        bridge.send(action.clone());
                    }
                    file.forget_told();
                    before.set(None);
                }
            })
        };
        let forget = before.setter();
        Travel {
            to,
            back,
            forget: Callback::from(move |()| forget.set(None)),
            can_go_back: before.is_some(),
        }
    });
    (*travel).clone()
}

/// Opens a world, now and at the next visit.
fn enter(bridge: &Bridge, world: &'static WorldView) {
    keep(world);
    let name = world.name.to_string();
    bridge.send(Action::OpenWorld { name });
}

fn keep(world: &WorldView) {
    let name = (*world != WORLDS[0]).then_some(world.name);
    storage::save(storage::key::WORLD, name);
}
