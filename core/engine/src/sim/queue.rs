//! Timers in the order in which they are due.

use std::collections::BTreeMap;
use std::rc::Rc;

use yurt_model::Time;

use crate::event::Timer;

/// What is waited for, ordered by time and then by when the wait began.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    timers: Rc<BTreeMap<(Time, u64), Timer>>,
    sequence: u64,
}

impl Queue {
    /// Waits for `at`; a time that has passed is due at once.
    pub(super) fn push(&mut self, at: Time, timer: Timer) {
        self.sequence += 1;
        Rc::make_mut(&mut self.timers).insert((at, self.sequence), timer);
    }

    /// The next timer that is due by `now`, with its time.
    pub(super) fn pop_due(&mut self, now: Time) -> Option<(Time, Timer)> {
        let (at, _) = *self.timers.first_key_value()?.0;
        if at > now {
            return None;
        }
        let ((at, _), timer) = Rc::make_mut(&mut self.timers).pop_first()?;
        Some((at, timer))
    }

    /// The next timer, with its time.
    pub(super) fn next(&self) -> Option<(Time, &Timer)> {
        self.iter().next()
    }

    /// When the next timer is due.
    pub(super) fn next_due(&self) -> Option<Time> {
        self.timers.first_key_value().map(|((at, _), _)| *at)
    }

    /// All timers, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Time, &Timer)> {
        self.timers.iter().map(|((at, _), timer)| (*at, timer))
    }
}
