//! The simulation: one store, one queue, one source of chance, and the loop that drains them.
//!
//! Belongs here: routing, ordering, draining, journals, snapshots, invariants. Not here: any rule
//! of Nomad's (`server`, `client`, the scheduler). May import: everything below in this crate.

mod cluster;
mod digest;
pub mod invariants;
mod journal;
mod queue;
mod react;
mod snapshot;
#[cfg(test)]
mod tests;
mod trace;
mod work;
mod world;

pub use cluster::{Cluster, Handled, Wakeup};
pub use digest::digest;
pub use invariants::Violation;
pub use journal::{Journal, JournalError};
pub use snapshot::{PlanOutcome, Snapshot};
pub use trace::Processed;
pub use world::{ClusterConfig, NODES_MAX};
