//! Tests across crates: one binary, a file a topic.
//!
//! Every test here also runs as wasm, unless its file is kept out below: so data comes by
//! `include_str!` and `include_bytes!`, never from the file system.

#[cfg(target_arch = "wasm32")]
#[macro_use]
extern crate yurt_everywhere;

mod bad_input;
mod clients;
mod commands;
mod garbage;
mod launches;
mod nodes;
mod operators;
mod plans;
mod properties;
mod recordings;
mod replay;
mod same_bits;
mod terminal;
mod transcripts;
mod traps;
mod walks;
// Read files.
#[cfg(not(target_arch = "wasm32"))]
mod corpus;
#[cfg(not(target_arch = "wasm32"))]
mod tidy;
