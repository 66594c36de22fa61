//! A plan as a picture: what the allocations of a group are now, and what they would be.

use serde::{Deserialize, Serialize};
use yurt_model::DesiredUpdates;

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
    /// It would be new, but finds no node.
    NoPlace,
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

/// The picture of a group's counters, of which `unplaced` allocations would find no node.
pub(super) fn picture(updates: &DesiredUpdates, unplaced: u64) -> PictureView {
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
    PictureView {
        now: fates([
            (Fate::LeftAlone, updates.ignore),
            (Fate::InPlace, updates.in_place_update),
            (Fate::Replaced, updates.destructive_update),
            (Fate::Moved, updates.migrate),
            (Fate::Stopped, updates.stop),
        ]),
        after: fates([
            (Fate::LeftAlone, updates.ignore),
            (Fate::InPlace, updates.in_place_update),
            (Fate::Replaced, replaced),
            (Fate::Moved, moved),
            (Fate::Created, created),
            (Fate::Canary, canaries),
            (Fate::NoPlace, unplaced),
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
        ] {
            let picture = picture(&updates, unplaced);
            assert_eq!(
                (&*texts(&picture.now), &*texts(&picture.after)),
                (now, after)
            );
        }
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
            Fate::NoPlace,
        ];
        let signs: std::collections::BTreeSet<&str> = all.iter().map(|fate| fate.sign()).collect();
        assert_eq!(signs.len(), all.len());
    }
}
