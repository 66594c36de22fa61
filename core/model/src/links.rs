//! What few allocations have: relations to others, and a past.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use crate::{AllocClientStatus, AllocId, Duration, EvalId, NodeId, Time};

/// One move to another node in an allocation's past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RescheduleEvent {
    /// When.
    pub time: Time,
    /// The allocation before.
    pub previous_alloc: AllocId,
    /// The node before.
    pub previous_node: NodeId,
    /// How long it had waited.
    pub delay: Duration,
}

/// How the last attempt to reschedule ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RescheduleOutcome {
    /// A new allocation was placed.
    Ok,
    /// No node was found.
    NoPlacement,
}

/// An allocation's past moves, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct RescheduleTracker {
    /// The moves that still count.
    pub events: Vec<RescheduleEvent>,
    /// How the last attempt ended.
    pub last: Option<RescheduleOutcome>,
}

/// A change of the client status that matters for reconnects, with its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientStatusChange {
    /// The new status.
    pub status: AllocClientStatus,
    /// When.
    pub time: Time,
}

/// Relations to other rows, and what happened to an allocation before.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// The allocation it replaces.
    pub previous_allocation: Option<AllocId>,
    /// The allocation that replaces it.
    pub next_allocation: Option<AllocId>,
    /// The evaluation that will look at it again.
    pub follow_up_eval: Option<EvalId>,
    /// The allocation that it makes room for.
    pub preempted_by: Option<AllocId>,
    /// Its past moves.
    pub reschedule_tracker: Option<Rc<RescheduleTracker>>,
    /// Recorded changes of the client status, oldest first.
    pub states: Vec<ClientStatusChange>,
}

/// The [`Links`] of an allocation: one word until the first of them is written, for most
/// allocations have none.
#[derive(Clone, Default)]
pub struct AllocLinks(Option<Box<Links>>);

impl AllocLinks {
    const NONE: &'static Links = &Links {
        previous_allocation: None,
        next_allocation: None,
        follow_up_eval: None,
        preempted_by: None,
        reschedule_tracker: None,
        states: Vec::new(),
    };

    /// Those of a new allocation.
    pub fn to_previous(
        previous_allocation: Option<AllocId>,
        reschedule_tracker: Option<Rc<RescheduleTracker>>,
    ) -> Self {
        let has_some = previous_allocation.is_some() || reschedule_tracker.is_some();
        Self(has_some.then(|| {
            Box::new(Links {
                previous_allocation,
                reschedule_tracker,
                ..Links::default()
            })
        }))
    }
}

impl Deref for AllocLinks {
    type Target = Links;

    fn deref(&self) -> &Links {
        self.0.as_deref().unwrap_or(Self::NONE)
    }
}

impl DerefMut for AllocLinks {
    fn deref_mut(&mut self) -> &mut Links {
        self.0.get_or_insert_default()
    }
}

impl fmt::Debug for AllocLinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_take_room_once_they_are_written() {
        let mut links = AllocLinks::to_previous(None, None);
        assert_eq!(links.next_allocation, None);
        assert!(links.0.is_none() && links.states.is_empty());
        let next = AllocId(crate::Uuid(7));
        links.next_allocation = Some(next);
        assert_eq!(links.clone().next_allocation, Some(next));
        assert_eq!(size_of::<AllocLinks>(), size_of::<usize>());
        let links = AllocLinks::to_previous(Some(next), None);
        assert_eq!(links.previous_allocation, Some(next));
    }
}
