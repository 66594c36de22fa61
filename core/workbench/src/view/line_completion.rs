//! What Tab makes of a command line.

use serde::{Deserialize, Serialize};

/// A line, completed as far as it goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineCompletionView {
    /// The line that was asked about.
    pub before: String,
    /// The line to type on with.
    pub after: String,
    /// How many words fit in the place of the last one.
    pub count: u32,
    /// The first of them, if there is a choice.
    pub choices: Vec<String>,
}
