//! What people touch: views of the cluster, the emulated `nomad`, and the workbench that joins
//! them.
//!
//! See ARCHITECTURE.md.

pub mod command;
pub mod document;
pub mod files;
pub mod plan_text;
pub mod protocol;
pub mod session;
pub mod transcript;
pub mod view;
pub mod workbench;
pub mod world;
pub mod world_file;
mod worlds;

// The same unit tests run as wasm: see CONTRIBUTING.md.
#[cfg(all(test, target_arch = "wasm32"))]
#[macro_use]
extern crate yurt_everywhere;
