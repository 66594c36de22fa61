//! A plan: what a job file would change.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use yurt_diff::JobDiff;
use yurt_jobspec::SpanMap;
use yurt_model::{DesiredUpdates, InOrder, JobType, PlanAnnotations};

use super::plan_picture::{Fate, FateView, Occasion, PictureView, fates, meant, picture};
use super::plan_place::{PlaceView, set_places};
use super::{Label, Line};

/// What running the file would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanView {
    /// The file that was planned.
    pub file: String,
    /// The job.
    pub job_id: String,
    /// What would happen, in one sentence: `5 canaries, 5 left alone.`
    pub sentence: String,
    /// Nothing would change.
    pub empty: bool,
    /// When it would happen.
    pub occasion: Occasion,
    /// Counters by group, in the order of the job file.
    pub groups: Vec<PlanGroupView>,
    /// The difference of the job, line by line as the command prints it.
    pub diff: Vec<DiffLineView>,
    /// Warnings about the file.
    pub warnings: Vec<String>,
    /// What the dry run found, line by line as the command prints it: that all is well, or what
    /// finds no place; and when a periodic job would be launched next.
    pub outcome: Vec<Line>,
    /// Not everything finds a place.
    pub failed: bool,
    /// Allocations of other jobs that would make room: `docs.api`, and how many.
    pub preempted: Vec<(String, FateView)>,
    /// Everything, as the command prints it.
    pub text: Vec<Line>,
    /// The index at which the plan holds.
    pub job_modify_index: u64,
    /// The command that runs exactly what was planned: `nomad job run -check-index 12
    /// docs.nomad.hcl`.
    pub run_command: String,
}

/// What would happen to one group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanGroupView {
    /// The group.
    pub name: String,
    /// What would happen to it: `5 canaries, 5 left alone.`
    pub sentence: String,
    /// The counters that are not zero, in the order in which the command prints them.
    pub counters: Vec<CounterView>,
    /// Its allocations before and after.
    pub picture: PictureView,
}

/// One counter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CounterView {
    /// `create`, `canary`, `ignore`, `create/destroy update`, ….
    pub name: String,
    /// How many allocations.
    pub count: u64,
}

/// What a line of the difference says happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DiffKind {
    /// Context.
    Same,
    /// Added.
    Added,
    /// Removed.
    Removed,
    /// Edited.
    Edited,
}

/// A line of the difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffLineView {
    /// What happened.
    pub kind: DiffKind,
    /// The line, with its sign and indentation.
    pub line: Line,
    /// Where the job file says it.
    pub place: Option<PlaceView>,
    /// What its annotations mean.
    pub notes: Vec<NoteView>,
}

/// What an annotation means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteView {
    /// The annotation: `forces create/destroy update`.
    pub term: String,
    /// A sentence or two about it.
    pub text: String,
}

/// What a dry run found, as the plan command has it in hand.
pub struct PlanParts<'a> {
    /// The file.
    pub file: &'a str,
    /// The job.
    pub job_id: &'a str,
    /// Its type.
    pub kind: JobType,
    /// When allocations of it would start.
    pub occasion: Occasion,
    /// The groups of the job file, in its order.
    pub groups: Vec<&'a str>,
    /// The counters; groups that are no longer in the file are there too.
    pub annotations: &'a PlanAnnotations,
    /// The difference.
    pub tree: &'a JobDiff,
    /// Its lines as the command prints them.
    pub diff: Vec<Line>,
    /// Where the fields stand in the file.
    pub spans: &'a SpanMap,
    /// The text of the file.
    pub source: &'a str,
    /// Warnings.
    pub warnings: Vec<String>,
    /// The lines about the dry run.
    pub outcome: Vec<Line>,
    /// How many allocations of a group find no place.
    pub unplaced: BTreeMap<&'a str, u64>,
    /// `job.group` of each allocation that would be evicted.
    pub preempted: Vec<String>,
    /// Everything that the command prints.
    pub text: Vec<Line>,
    /// The index at which the plan holds.
    pub job_modify_index: u64,
}

/// The view of a dry run.
pub fn plan(parts: PlanParts<'_>) -> PlanView {
    let updates = &parts.annotations.desired_updates;
    // Groups of the file first, in its order; removed ones after them.
    let removed = updates
        .keys()
        .map(|name| &**name)
        .filter(|name| !parts.groups.contains(name));
    let groups: Vec<PlanGroupView> = parts
        .groups
        .iter()
        .copied()
        .chain(removed)
        .filter_map(|name| {
            let updates = updates.get(name)?;
            let unplaced = parts.unplaced.get(name).copied().unwrap_or(0);
            let meant = meant(updates, parts.kind);
            Some(PlanGroupView {
                name: name.to_string(),
                sentence: sentence(&meant, unplaced > 0),
                picture: picture(&meant, unplaced, parts.kind),
                counters: counters(updates),
            })
        })
        .collect();
    let totals = sum(updates.values().map(|updates| meant(updates, parts.kind)));
    let changed: u64 = WORDS.iter().map(|word| (word.of)(&totals)).sum();
    let failed = !parts.unplaced.is_empty();
    let mut diff: Vec<DiffLineView> = parts.diff.into_iter().map(diff_line).collect();
    set_places(&mut diff, parts.spans, parts.source);
    name_causes(&mut diff, parts.tree);
    if parts.kind == JobType::System {
        explain_system_create(&mut diff);
    }
    let same = diff.iter().all(|line| line.kind == DiffKind::Same);
    PlanView {
        file: parts.file.to_string(),
        job_id: parts.job_id.to_string(),
        sentence: parts.occasion.sentence() + &sentence(&totals, failed),
        occasion: parts.occasion,
        empty: changed == 0 && same && !failed,
        groups,
        diff,
        warnings: parts.warnings,
        outcome: parts.outcome,
        failed,
        preempted: preempted(parts.preempted),
        text: parts.text,
        job_modify_index: parts.job_modify_index,
        run_command: format!(
            "nomad job run -check-index {} {}",
            parts.job_modify_index, parts.file
        ),
    }
}

/// A counter: its name in the command's output, and words for one and for several.
struct Word {
    name: &'static str,
    of: fn(&DesiredUpdates) -> u64,
    one: &'static str,
    many: &'static str,
}

/// The counters that change something, in the order in which a sentence names them; the command
/// shows no others (spec: plan-diff 7).
const WORDS: [Word; 6] = [
    Word {
        name: "canary",
        of: |updates| updates.canary,
        one: "canary",
        many: "canaries",
    },
    Word {
        name: "create",
        of: |updates| updates.place,
        one: "created",
        many: "created",
    },
    Word {
        name: "create/destroy update",
        of: |updates| updates.destructive_update,
        one: "replaced",
        many: "replaced",
    },
    Word {
        name: "in-place update",
        of: |updates| updates.in_place_update,
        one: "updated in place",
        many: "updated in place",
    },
    Word {
        name: "migrate",
        of: |updates| updates.migrate,
        one: "moved",
        many: "moved",
    },
    Word {
        name: "destroy",
        of: |updates| updates.stop,
        one: "stopped",
        many: "stopped",
    },
];

fn counters(updates: &DesiredUpdates) -> Vec<CounterView> {
    let mut counters: Vec<CounterView> = WORDS
        .iter()
        .map(|word| (word.name, (word.of)(updates)))
        .chain([("ignore", updates.ignore)])
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| CounterView {
            name: name.to_string(),
            count,
        })
        .collect();
    // By name, as the command prints them (spec: plan-diff 7).
    counters.put_in_order_by(|a, b| a.name.cmp(&b.name));
    counters
}

fn sum(all: impl Iterator<Item = DesiredUpdates>) -> DesiredUpdates {
    all.fold(DesiredUpdates::default(), |sum, each| DesiredUpdates {
        ignore: sum.ignore + each.ignore,
        place: sum.place + each.place,
        migrate: sum.migrate + each.migrate,
        stop: sum.stop + each.stop,
        in_place_update: sum.in_place_update + each.in_place_update,
        destructive_update: sum.destructive_update + each.destructive_update,
        canary: sum.canary + each.canary,
        ..DesiredUpdates::default()
    })
}

fn sentence(totals: &DesiredUpdates, failures: bool) -> String {
    let mut parts: Vec<String> = WORDS
        .iter()
        .map(|word| (word, (word.of)(totals)))
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| {
            let noun = if count == 1 { word.one } else { word.many };
            format!("{count} {noun}")
        })
        .collect();
    if totals.ignore > 0 {
        parts.push(format!("{} left alone", totals.ignore));
    }
    let counted = if parts.is_empty() {
        "No allocation would change.".to_string()
    } else {
        format!("{}.", parts.join(", "))
    };
    if failures {
        format!("{counted} Not everything finds a place.")
    } else {
        counted
    }
}

/// The sign at the start of a line says what happened; the command prints it in words of its own.
pub(super) fn diff_line(line: Line) -> DiffLineView {
    let text = line.text();
    let kind = match text.split_whitespace().next() {
        Some("+") => DiffKind::Added,
        Some("-") => DiffKind::Removed,
        Some("+/-") => DiffKind::Edited,
        _ => DiffKind::Same,
    };
    let notes = line
        .spans
        .iter()
        .filter(|span| span.label == Label::Annotation)
        .filter_map(|span| note(&span.text))
        .collect();
    DiffLineView {
        kind,
        line,
        place: None,
        notes,
    }
}

/// The note about an annotation, or about a counter such as `5 ignore, `.
fn note(text: &str) -> Option<NoteView> {
    let term = text.trim_end_matches([',', ' ']);
    let term = term.trim_start_matches(|c: char| c.is_ascii_digit());
    let term = term.trim_start();
    let text = yurt_diff::meaning(term)?;
    Some(NoteView {
        term: term.to_string(),
        text: text.to_string(),
    })
}

/// Adds to the note of each task that is replaced which of its parts ask for that.
fn name_causes(lines: &mut [DiffLineView], tree: &JobDiff) {
    let tasks = tree.task_groups.iter().flat_map(|group| &group.tasks);
    let heads = lines
        .iter_mut()
        .filter(|line| line.line.text().contains("Task: \""));
    // Every task has one head, in the order of the tree.
    for (line, task) in heads.zip(tasks) {
        let parts = yurt_diff::destructive_parts(task);
        let mut notes = line.notes.iter_mut();
        let note = notes.find(|note| note.term == yurt_diff::FORCES_DESTRUCTIVE);
        if let (Some(note), false) = (note, parts.is_empty()) {
            note.text = format!("{} Here because of: {}.", note.text, parts.join(", "));
        }
    }
}

/// What `create` counts is another thing for a system job (spec: plan-diff 7).
fn explain_system_create(lines: &mut [DiffLineView]) {
    let notes = lines.iter_mut().flat_map(|line| &mut line.notes);
    for note in notes.filter(|note| note.term == "create") {
        note.text = "For a system job this counts every node that takes part, also those where \
                     it runs already."
            .into();
    }
}

/// Evicted allocations by job and group.
fn preempted(all: Vec<String>) -> Vec<(String, FateView)> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for name in all {
        *counts.entry(name).or_default() += 1;
    }
    let fate = |count| fates([(Fate::Preempted, count)]).into_iter().next();
    let views = counts.into_iter();
    views
        .filter_map(|(name, count)| Some((name, fate(count)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_in_words() {
        let updates = |edit: fn(&mut DesiredUpdates)| {
            let mut updates = DesiredUpdates::default();
            edit(&mut updates);
            updates
        };
        for (updates, sentence, counters) in [
            (
                updates(|u| (u.canary, u.ignore) = (5, 5)),
                "5 canaries, 5 left alone.",
                "5 canary, 5 ignore",
            ),
            (
                updates(|u| (u.destructive_update, u.place, u.ignore) = (1, 2, 3)),
                "2 created, 1 replaced, 3 left alone.",
                "2 create, 1 create/destroy update, 3 ignore",
            ),
            (updates(|u| u.canary = 1), "1 canary.", "1 canary"),
            (updates(|_| ()), "No allocation would change.", ""),
        ] {
            let annotations = PlanAnnotations {
                desired_updates: [("api".into(), updates)].into(),
                preempted: Vec::new(),
            };
            let view = plan(PlanParts {
                file: "docs.nomad.hcl",
                job_id: "docs",
                kind: JobType::Service,
                occasion: Occasion::Now,
                groups: vec!["api"],
                annotations: &annotations,
                tree: &JobDiff::default(),
                diff: vec![Line::plain("+/- Job: \"docs\""), Line::plain("      }")],
                spans: &SpanMap::new(),
                source: "",
                warnings: Vec::new(),
                outcome: Vec::new(),
                unplaced: BTreeMap::new(),
                preempted: vec!["low.web".into(), "low.web".into()],
                text: Vec::new(),
                job_modify_index: 7,
            });
            assert_eq!(view.sentence, sentence);
            assert_eq!(view.groups[0].sentence, sentence);
            let [(name, fate)] = &*view.preempted else {
                panic!("{:?}", view.preempted)
            };
            assert_eq!((&**name, &*fate.text), ("low.web", "2 preempted"));
            let found: Vec<String> = view.groups[0]
                .counters
                .iter()
                .map(|counter| format!("{} {}", counter.count, counter.name))
                .collect();
            assert_eq!(found.join(", "), counters);
            let kinds: Vec<DiffKind> = view.diff.iter().map(|line| line.kind).collect();
            assert_eq!(kinds, [DiffKind::Edited, DiffKind::Same]);
            assert_eq!(
                view.run_command,
                "nomad job run -check-index 7 docs.nomad.hcl"
            );
        }
    }
}
