//! Transcripts: scenarios as text, with what their commands printed.
//!
//! Belongs here: the format, playing a transcript on a world, and comparing two of them. Not here:
//! files and terminals.
//! May import: command, session and what these may.

mod compare;
mod condition;
mod format;
mod pattern;
mod placeholder;
mod play;

pub use compare::{Difference, Verdict, compare};
pub use format::{FormatError, Recorded, Step, Transcript, Wait};
pub use play::{Played, play, play_on};
