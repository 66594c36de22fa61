//! The job of the file in the editor, in a line.

use serde::{Deserialize, Serialize};

/// A job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobView {
    /// Its id.
    pub id: String,
    /// `service`, `batch`, ….
    pub kind: String,
    /// The version the servers have.
    pub version: u64,
    /// `pending`, `running`, `dead`.
    pub status: String,
    /// That version's deployment succeeded.
    pub stable: bool,
    /// It was told to stop.
    pub stopped: bool,
    /// One sentence: `Version 1 is running: 5 of 5 allocations.`
    pub sentence: String,
}
