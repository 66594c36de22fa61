//! What a fresh page holds: the guide's job.

pub use yurt_workbench::workbench::{OPENING_FILE as FILE_NAME, OPENING_JOB as JOB};
