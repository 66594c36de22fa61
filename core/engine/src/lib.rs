//! See ARCHITECTURE.md.
pub mod client;
