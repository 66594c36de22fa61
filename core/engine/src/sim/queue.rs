//! Timers in the order in which they are due.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use yurt_model::Time;

use crate::event::Timer;

/// What is waited for, ordered by time and then by when the wait began: what is due at one moment
/// stands in one line, for clusters wait for many things at once.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    lines: Rc<BTreeMap<Time, VecDeque<Timer>>>,
}

impl Queue {
    /// Waits for `at`; a time that has passed is due at once.
    pub(super) fn push(&mut self, at: Time, timer: Timer) {
        let line = Rc::make_mut(&mut self.lines).entry(at);
        // Mostly it is alone.
        line.or_insert_with(|| VecDeque::with_capacity(1))
            .push_back(timer);
    }

    /// The next timer that is due by `now`, with its time.
    pub(super) fn pop_due(&mut self, now: Time) -> Option<(Time, Timer)> {
        let at = self.next_due().filter(|at| *at <= now)?;
        let mut line = Rc::make_mut(&mut self.lines).first_entry()?;
        let timer = line.get_mut().pop_front()?;
        if line.get().is_empty() {
            line.remove();
        }
        Some((at, timer))
    }

    /// The next timer, with its time.
    pub(super) fn next(&self) -> Option<(Time, &Timer)> {
        let (at, line) = self.lines.first_key_value()?;
        Some((*at, line.front()?))
    }

    /// When the next timer is due.
    pub(super) fn next_due(&self) -> Option<Time> {
        self.lines.first_key_value().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_comes_by_time_and_then_by_when_it_was_asked_for() {
        let mut queue = Queue::default();
        let later = queue.clone();
        queue.push(Time(2), Timer::DrainerBatch);
        queue.push(Time(1), Timer::ReportsArrive);
        queue.push(Time(2), Timer::SchedulersLook);
        assert_eq!(queue.next(), Some((Time(1), &Timer::ReportsArrive)));
        assert_eq!(queue.pop_due(Time(0)), None);
        assert_eq!(
            queue.pop_due(Time(3)),
            Some((Time(1), Timer::ReportsArrive))
        );
        assert_eq!(queue.pop_due(Time(3)), Some((Time(2), Timer::DrainerBatch)));
        // What is added to a line that is being emptied comes last.
        queue.push(Time(2), Timer::DrainDeadlines);
        let rest = std::iter::from_fn(|| queue.pop_due(Time(2)));
        let rest: Vec<Timer> = rest.map(|(_, timer)| timer).collect();
        assert_eq!(rest, [Timer::SchedulersLook, Timer::DrainDeadlines]);
        assert_eq!((queue.next_due(), later.next_due()), (None, None));
    }

    /// There may be one for every allocation.
    #[test]
    fn a_timer_is_small() {
        assert!(size_of::<Timer>() <= 24, "{}", size_of::<Timer>());
    }
}
