//! The job as a document: the HTTP API's names, read and brought into one shape.
//!
//! Belongs here: how a document is brought into the shape of a stored job (`normalise`; the members
//! come from the one table of the language, `shape` says what servers change about them), and
//! reading it member by member (`View`). Not here: defaults and rules (those are `admission`). May
//! import: serde_json, yurt-model, `schema`.

mod normalise;
mod shape;
mod view;

pub(crate) use normalise::added_task;
pub use normalise::{ShapeError, Stage, normalise};
pub use view::View;
