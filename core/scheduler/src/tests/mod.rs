//! The scheduler and the store together: traces of deployments 31, choices of scheduling,
//! properties.

mod asks;
mod choice;
mod difference;
mod memory;
mod per_node;
mod properties;
mod traces;
pub(crate) mod world;
