//! The parts of the screen: each draws one view and says what a person did.
//!
//! May import: `yurt_workbench::view`, `ui`, and `host` for what the browser alone can do.

mod allocation_mark;
mod clock_bar;
mod cluster_map;
mod command_button;
mod crash_notice;
mod deployment_panel;
mod diff;
mod field;
mod help;
mod job_bar;
mod job_file;
mod line;
mod pane_bar;
mod plan_panel;
mod plan_picture;
mod terminal;
mod top_bar;
mod worlds;

pub use clock_bar::{SPEEDS, stands_still};
pub use cluster_map::{ClusterMap, ClusterMapProps};
use command_button::command_button;
pub use crash_notice::CrashNotice;
pub use deployment_panel::{DeploymentPanel, DeploymentPanelProps};
pub use help::Help;
pub use job_bar::{Filed, JobBar, JobBarProps};
pub use job_file::{JobFile, JobFileProps};
pub use line::LineText;
pub use pane_bar::{Pane, pane_bar};
pub use plan_panel::{PlanPanel, PlanPanelProps, Stale};
pub use terminal::{Terminal, TerminalProps};
pub use top_bar::{TopBar, top_bar};
pub use worlds::{world_notice, worlds};
