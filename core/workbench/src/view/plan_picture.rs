//! A plan as a picture: what the allocations of a group are now, and what they would be.

use serde::{Deserialize, Serialize};
use yurt_model::{DesiredUpdates, JobType};

/// What would become of an allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Fate {
    /// It stays as it is.
    LeftAlone,
    /// It takes the new version on and keeps running.
    InPlace,
    /// It stops, and another starts in its stead.
    Replaced,
    /// It moves to another node.
    Moved,
    /// It stops for good.
    Stopped,
    /// It makes room for a job of higher priority.
    Preempted,
    /// It is new.
    Created,
    /// It is new, and stands beside the old ones until they are promoted away.
    Canary,
    /// It would be replaced, but its successor finds no node: it keeps running (spec: deployments
    /// 24.5).
    Kept,
    /// It would be new, but finds no node.
    NoPlace,
}

/// When what a plan says would happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Occasion {
    /// As soon as the job is run.
    Now,
    /// At each launch of a periodic job. When the next one is due: `2026-01-05T09:15:00Z (13m55s
    /// from now)`; `None` when there is none.
    Launch(Option<String>),
    /// At each dispatch of a parameterized job.
    Dispatch,
}

impl Occasion {
    /// What the row of the allocations to come is called.
    pub const fn after(&self) -> &'static str {
        match self {
            Self::Now => "After",
            Self::Launch(_) => "Launch",
            Self::Dispatch => "Dispatch",
        }
    }

    /// What to say before the counters, for a job that starts nothing by itself.
    pub(super) fn sentence(&self) -> String {
        match self {
            Self::Now => String::new(),
            Self::Launch(_) => "Nothing starts now. Each launch: ".into(),
            Self::Dispatch => "Nothing starts until it is dispatched. Each dispatch: ".into(),
        }
    }
}

impl Fate {
    /// A sign that tells it apart without colour.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::LeftAlone => "=",
            Self::InPlace => "~",
            Self::Replaced => "↻",
            Self::Moved => "→",
            Self::Stopped => "−",
            Self::Preempted => "!",
            Self::Created => "+",
            Self::Canary => "◆",
            Self::Kept => "≠",
            Self::NoPlace => "?",
        }
    }

    /// A short name, fit for a class.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LeftAlone => "left-alone",
            Self::InPlace => "in-place",
            Self::Replaced => "replaced",
            Self::Moved => "moved",
            Self::Stopped => "stopped",
            Self::Preempted => "preempted",
            Self::Created => "created",
            Self::Canary => "canary",
            Self::Kept => "kept",
            Self::NoPlace => "no-place",
        }
    }

    /// The words that follow a number.
    const fn words(self, count: u64) -> &'static str {
        match self {
            Self::LeftAlone => "left alone",
            Self::InPlace => "updated in place",
            Self::Replaced => "replaced",
            Self::Moved => "moved",
            Self::Stopped => "stopped",
            Self::Preempted => "preempted",
            Self::Created => "created",
            Self::Canary if count == 1 => "canary",
            Self::Canary => "canaries",
            Self::Kept => "kept, no place for the new",
            Self::NoPlace => "without a place",
        }
    }
}

/// Allocations that share a fate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FateView {
    /// What would become of them.
    pub fate: Fate,
    /// How many.
    pub count: u64,
    /// `5 left alone`.
    pub text: String,
}

/// A group before and after.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PictureView {
    /// The allocations that there are.
    pub now: Vec<FateView>,
    /// The allocations that there would be.
    pub after: Vec<FateView>,
}

/// Those fates that meet somebody, in words.
pub(super) fn fates<const N: usize>(all: [(Fate, u64); N]) -> Vec<FateView> {
    let some = all.into_iter().filter(|(_, count)| *count > 0);
    some.map(|(fate, count)| FateView {
        fate,
        count,
        text: format!("{count} {}", fate.words(count)),
    })
    .collect()
}

/// The counters of a system job as they are meant: its `create` counts every node that takes part,
/// whatever runs there (spec: plan-diff 7), and canaries are the first of those that are replaced
/// (spec: deployments 29).
pub(super) fn meant(updates: &DesiredUpdates, kind: JobType) -> DesiredUpdates {
    if kind != JobType::System {
        return updates.clone();
    }
    let there = updates.ignore + updates.in_place_update + updates.destructive_update;
    let waiting = match updates.canary {
        0 => 0,
        canaries => updates.destructive_update.saturating_sub(canaries),
    };
    DesiredUpdates {
        place: updates.place.saturating_sub(there),
        ignore: updates.ignore + waiting,
        destructive_update: match updates.canary {
            0 => updates.destructive_update,
            _ => 0,
        },
        ..updates.clone()
    }
}

/// The picture of a group's counters, of which `unplaced` allocations would find no node.
pub(super) fn picture(updates: &DesiredUpdates, unplaced: u64, kind: JobType) -> PictureView {
    let mut missing = unplaced;
    let mut placed = |count: u64| {
        let without = missing.min(count);
        missing -= without;
        count - without
    };
    let created = placed(updates.place);
    let canaries = placed(updates.canary);
    let replaced = placed(updates.destructive_update);
    let moved = placed(updates.migrate);
    let kept = updates.destructive_update - replaced;
    // A system job's canary takes the place of what runs on its node.
    let makes_room = match kind {
        JobType::System => updates.canary,
        _ => 0,
    };
    PictureView {
        now: fates([
            (Fate::LeftAlone, updates.ignore),
            (Fate::InPlace, updates.in_place_update),
            (Fate::Replaced, updates.destructive_update + makes_room),
            (Fate::Moved, updates.migrate),
            (Fate::Stopped, updates.stop),
        ]),
        after: fates([
            (Fate::LeftAlone, updates.ignore),
            (Fate::InPlace, updates.in_place_update),
            (Fate::Replaced, replaced),
            (Fate::Kept, kept),
            (Fate::Moved, moved),
            (Fate::Created, created),
            (Fate::Canary, canaries),
            (Fate::NoPlace, unplaced - kept),
        ]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn before_and_after() {
        let texts = |fates: &[FateView]| {
            let texts: Vec<&str> = fates.iter().map(|fate| fate.text.as_str()).collect();
            texts.join(", ")
        };
        let none = DesiredUpdates::default;
        for (updates, unplaced, now, after) in [
            (none(), 0, "", ""),
            (
                DesiredUpdates {
                    canary: 5,
                    ignore: 5,
                    ..none()
                },
                0,
                "5 left alone",
                "5 left alone, 5 canaries",
            ),
            (
                DesiredUpdates { place: 3, ..none() },
                2,
                "",
                "1 created, 2 without a place",
            ),
            (
                DesiredUpdates {
                    canary: 1,
                    in_place_update: 2,
                    migrate: 1,
                    ..none()
                },
                1,
                "2 updated in place, 1 moved",
                "2 updated in place, 1 moved, 1 without a place",
            ),
            (
                DesiredUpdates {
                    destructive_update: 2,
                    stop: 1,
                    ..none()
                },
                0,
                "2 replaced, 1 stopped",
                "2 replaced",
            ),
            (
                DesiredUpdates {
                    destructive_update: 2,
                    ignore: 3,
                    ..none()
                },
                1,
                "3 left alone, 2 replaced",
                "3 left alone, 1 replaced, 1 kept, no place for the new",
            ),
        ] {
            let picture = picture(&updates, unplaced, JobType::Service);
            assert_eq!(
                (&*texts(&picture.now), &*texts(&picture.after)),
                (now, after)
            );
        }
    }

    #[test]
    fn a_system_jobs_counters_as_they_are_meant() {
        let counters = |place, ignore, destructive_update, canary| DesiredUpdates {
            place,
            ignore,
            destructive_update,
            canary,
            ..DesiredUpdates::default()
        };
        for (given, wanted) in [
            (counters(5, 0, 0, 0), counters(5, 0, 0, 0)),
            (counters(5, 5, 0, 0), counters(0, 5, 0, 0)),
            (counters(5, 0, 5, 0), counters(0, 0, 5, 0)),
            (counters(5, 0, 5, 2), counters(0, 3, 0, 2)),
        ] {
            assert_eq!(meant(&given, JobType::System), wanted);
            assert_eq!(meant(&given, JobType::Sysbatch), given);
        }
        let canaries = picture(&counters(0, 3, 0, 2), 0, JobType::System);
        assert_eq!((canaries.now.len(), canaries.after.len()), (2, 2));
    }

    #[test]
    fn no_two_fates_share_a_sign() {
        let all = [
            Fate::LeftAlone,
            Fate::InPlace,
            Fate::Replaced,
            Fate::Moved,
            Fate::Stopped,
            Fate::Preempted,
            Fate::Created,
            Fate::Canary,
            Fate::Kept,
            Fate::NoPlace,
        ];
        let signs: std::collections::BTreeSet<&str> = all.iter().map(|fate| fate.sign()).collect();
        assert_eq!(signs.len(), all.len());
    }
}
