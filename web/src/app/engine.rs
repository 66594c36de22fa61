//! Hooks around the engine: the bridge with its frames, command lines, and what Tab completes.

use std::rc::Rc;

use yew::{
    Callback, UseReducerHandle, UseStateHandle, hook, use_callback, use_effect_with, use_memo,
};
use yurt_workbench::protocol::Action;

use super::file::File;
use crate::bridge::{Bridge, Connect, Pace};
use crate::components::Pane;
use crate::guide;
use crate::host::frames::Frames;
use crate::screen::Screen;

/// The pace of a fresh page: the guide's thirty seconds take three.
pub const FIRST_PACE: Pace = Pace {
    playing: true,
    speed: 10,
};

/// Command lines that Tab knows from the start; words come from the views.
const COMMAND_LINES: [&str; 24] = [
    "nomad alloc status",
    "nomad deployment fail",
    "nomad deployment list",
    "nomad deployment pause",
    "nomad deployment promote",
    "nomad deployment resume",
    "nomad deployment status",
    "nomad eval status",
    "nomad job deployments",
    "nomad job history",
    "nomad job history -p",
    "nomad job inspect",
    "nomad job plan",
    "nomad job revert",
    "nomad job run",
    "nomad job run -check-index",
    "nomad job run -detach",
    "nomad job status",
    "nomad job stop",
    "nomad job stop -purge",
    "nomad job validate",
    "nomad node status",
    "nomad status",
    "nomad stop",
];

/// The bridge, driven by the browser's frames.
#[hook]
pub fn use_bridge(connect: &Connect, screen: &UseReducerHandle<Screen>) -> Bridge {
    let dispatcher = screen.dispatcher();
    let bridge = use_memo(connect.clone(), move |connect| {
        let tell = Callback::from(move |event| dispatcher.dispatch(event));
        Bridge::new(connect.clone(), tell, FIRST_PACE)
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
pub fn use_command(bridge: &Bridge, file: &File, pane: &UseStateHandle<Pane>) -> Callback<String> {
    use_callback(
        (bridge.clone(), file.clone(), pane.setter()),
        |line: String, (bridge, file, pane)| {
            if let Some(text) = file.to_write() {
                bridge.send(Action::SetFile {
                    name: guide::FILE_NAME.into(),
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

/// What Tab completes now.
#[hook]
pub fn use_candidates(screen: &Screen) -> Rc<Vec<String>> {
    let deps = (screen.cluster.clone(), screen.deployment.clone());
    use_memo(deps, |(cluster, deployment)| {
        let mut words: Vec<String> = COMMAND_LINES.map(String::from).to_vec();
        words.push(guide::FILE_NAME.into());
        if let Some(deployment) = deployment {
            words.push(deployment.job_id.clone());
            words.push(deployment.short_id.clone());
        }
        for node in cluster.iter().flat_map(|cluster| &cluster.nodes) {
            words.push(node.short_id.clone());
            words.extend(node.allocations.iter().map(|alloc| alloc.short_id.clone()));
        }
        words
    })
}
