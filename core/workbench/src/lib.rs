//! What people touch: views of the cluster, the emulated `nomad`, and the workbench that joins them.
//!
//! See ARCHITECTURE.md.

pub mod document;
pub mod protocol;
pub mod view;
