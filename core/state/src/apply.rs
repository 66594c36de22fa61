//! What each change does.

use yurt_model::Time;

use crate::{Change, Store, Touched};

/// Why a write was refused: the reference's text, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateError(pub String);

impl Store {
    /// Applies one change at the next index; nothing is written when it is refused.
    pub fn apply(&mut self, _at: Time, _change: Change) -> Result<Touched, StateError> {
        todo!()
    }
}
