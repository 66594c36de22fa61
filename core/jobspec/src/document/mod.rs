//! The job as a document: the HTTP API's names, read and brought into one shape.
//!
//! Belongs here: which members a job has and of what kind (`shape`), how a document is brought into
//! that shape (`normalise`), and reading it member by member (`View`). Not here: defaults and rules
//! (those are `admission`). May import: serde_json, yurt-model.

mod normalise;
mod shape;
mod view;

pub use normalise::{ShapeError, Stage, normalise};
pub use view::View;
