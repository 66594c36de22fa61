//! The state store: tables, indexes over them, job versions, and the closed list of writes.
//!
//! Belongs here: what the servers of a real cluster keep in their replicated state, and what a
//! write does to it (spec: deployments 21, 25, 26; scheduling 2.5). Not here: who decides to write.
//! May import: `yurt-model`.
//!
//! Reading is by `&Store`; writing is only by [`Store::apply`], one [`Change`] at one [`Index`]. A
//! clone costs a few pointers, and a store that is held elsewhere is never changed under its
//! holder.

#![forbid(unsafe_code)]

mod apply;
mod change;
mod ready;
mod services;
mod store;
mod summary;
mod table;

pub use apply::StateError;
pub use change::{Change, ClientUpdate, JobWrite, Rollback, ScalingEvent, Submission, Touched};
pub use ready::ReadyNodes;
pub use services::ServiceRegistration;
pub use store::{Found, Store, short_matches};
pub use summary::{GroupSummary, JobSummary};

// The same unit tests run as wasm: see CONTRIBUTING.md.
#[cfg(all(test, target_arch = "wasm32"))]
#[macro_use]
extern crate yurt_everywhere;
