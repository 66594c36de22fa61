//! The one next action: the only filled button on the screen.

use yurt_workbench::view::Severity;

use super::file::File;
use crate::components::Stale;
use crate::screen::Screen;

/// What a person would do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing is needed.
    Nothing,
    /// Plan the file.
    Plan,
    /// Run the file.
    Run,
    /// Something in the deployment panel.
    Deployment,
}

/// What to do next: what waits for a person comes before what could be started.
pub fn next_action(screen: &Screen, file: &File) -> Next {
    let waiting = screen
        .deployment
        .as_ref()
        .is_some_and(|view| view.waiting_for_person);
    if waiting {
        Next::Deployment
    } else if !screen.ready || file.is_run() || has_errors(screen) {
        Next::Nothing
    } else if file.is_planned() && screen.plan.is_some() && !screen.plan_outdated {
        Next::Run
    } else {
        Next::Plan
    }
}

/// Why the plan holds no more, if so.
pub fn stale(screen: &Screen, file: &File) -> Option<Stale> {
    match (file.is_planned(), screen.plan_outdated, file.is_run()) {
        (false, ..) => Some(Stale::FileChanged),
        (true, true, true) => Some(Stale::Applied),
        (true, true, false) => Some(Stale::ClusterChanged),
        (true, false, _) => None,
    }
}

/// The text in the editor would be refused.
pub fn has_errors(screen: &Screen) -> bool {
    screen
        .diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error)
}
