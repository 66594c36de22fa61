//! What Tab completes on a command line: names and flags from the table of commands, and what the
//! words of a command's usage stand for.

use std::collections::BTreeSet;
use yurt_model::Gather;

use super::flags::COMMON;
use super::{Command, Scene};
use crate::files::Files;
use crate::view::LineCompletionView;

/// Choices that an answer names.
const CHOICES_MAX: usize = 40;

/// The line as far as it can be completed, and what it may go on with if there is a choice.
pub(crate) fn complete(line: &str, scene: Scene<'_>, files: &Files) -> LineCompletionView {
    let start = line.rfind(' ').map_or(0, |space| space + 1);
    let (before, word) = line.split_at(start);
    let words: Vec<&str> = before.split_whitespace().collect();
    let fitting: BTreeSet<String> = candidates(&words, word, scene, files)
        .into_iter()
        .filter(|candidate| candidate.starts_with(word))
        .gather();
    let mut all = fitting.iter();
    let shared = all.next().map_or(String::new(), |first| {
        let shared = all.fold(first.as_str(), |shared, other| common(shared, other));
        shared.to_string()
    });
    let mut completed = format!("{before}{shared}");
    if fitting.len() == 1 && !shared.ends_with('=') {
        completed.push(' ');
    }
    if fitting.is_empty() {
        completed = line.to_string();
    }
    LineCompletionView {
        before: line.to_string(),
        after: completed,
        count: u32::try_from(fitting.len()).unwrap_or(u32::MAX),
        choices: match fitting.len() {
            0 | 1 => Vec::new(),
            _ => fitting.into_iter().take(CHOICES_MAX).collect(),
        },
    }
}

/// What two texts begin with.
fn common<'a>(one: &'a str, other: &str) -> &'a str {
    let same = one.chars().zip(other.chars());
    let length = same
        .take_while(|(a, b)| a == b)
        .map(|(a, _)| a.len_utf8())
        .sum();
    &one[..length]
}

/// What may stand at a place; `word` is the part of it that is there.
fn candidates(words: &[&str], word: &str, scene: Scene<'_>, files: &Files) -> Vec<String> {
    let Some(("nomad", rest)) = words.split_first().map(|(first, rest)| (*first, rest)) else {
        return match words {
            [] if !word.is_empty() => vec!["nomad".into()],
            _ => Vec::new(),
        };
    };
    // The longest name that fits, as when the line is read.
    let named = (1..=rest.len().min(3)).rev().find_map(|length| {
        let name = rest[..length].join(" ");
        let mut table = Command::TABLE.iter();
        let found = table.find(|entry| entry.names.contains(&name.as_str()))?;
        Some((found, length))
    });
    let Some((entry, length)) = named else {
        return names(rest);
    };
    let mut following = names(rest);
    if word.starts_with('-') {
        let flags = entry.head.flags.iter().chain(COMMON);
        following.extend(flags.map(|flag| {
            let value = if flag.takes_value { "=" } else { "" };
            format!("-{}{value}", flag.name)
        }));
        return following;
    }
    let given = rest[length..].iter().filter(|word| !word.starts_with('-'));
    following.extend(arguments(entry.head.usage, given.count(), scene, files));
    following
}

/// The words that go on from `words` in the names of commands.
fn names(words: &[&str]) -> Vec<String> {
    let names = Command::TABLE.iter().flat_map(|entry| entry.names);
    let next = names.filter_map(|name| {
        let mut parts = name.split(' ');
        let fits = words.iter().all(|word| parts.next() == Some(word));
        parts.next().filter(|_| fits).map(String::from)
    });
    next.collect()
}

/// What the word of a usage at that place stands for.
fn arguments(usage: &str, at: usize, scene: Scene<'_>, files: &Files) -> Vec<String> {
    let usage = usage.trim_start_matches("[options]").trim_start();
    let places = usage.split_inclusive(['>', ']']).map(str::trim);
    let place = places.filter(|place| !place.is_empty()).nth(at);
    let store = scene.store;
    let jobs = || store.jobs().map(|job| job.id().to_string());
    let allocs = || store.allocs().map(|alloc| alloc.id.0.short());
    let deployments = || {
        store
            .deployments()
            .map(|deployment| deployment.id.0.short())
    };
    let nodes = || store.nodes().map(|node| node.id.0.short());
    let evals = || store.evals().map(|eval| eval.id.0.short());
    let job_parts = || {
        let groups = store.jobs().flat_map(|job| &job.spec.groups);
        groups.map(|group| group.name.to_string())
    };
    match place.unwrap_or_default() {
        "<path>" | "[input source]" => files.names().map(String::from).collect(),
        "<job>" => jobs().collect(),
        "<parameterized job>" => {
            let parents = store.jobs().filter(|job| job.is_parameterized());
            parents.map(|job| job.id().to_string()).collect()
        }
        "[<group>]" | "[<group>" => job_parts().collect(),
        "<allocation>" => allocs().collect(),
        "<deployment id>" => deployments().collect(),
        "<node>" => nodes().collect(),
        "<evaluation>" => evals().collect(),
        "<service_name>" => {
            let services = store.service_registrations();
            services.map(|service| service.name.to_string()).collect()
        }
        "<task>" => {
            let groups = store.jobs().flat_map(|job| &job.spec.groups);
            let tasks = groups.flat_map(|group| &group.tasks);
            tasks.map(|task| task.name.to_string()).collect()
        }
        "<identifier>" => jobs()
            .chain(deployments())
            .chain(allocs())
            .chain(nodes())
            .chain(evals())
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::WORLDS;
    use crate::worlds;

    #[test]
    fn names_flags_and_what_the_words_stand_for() {
        let (session, _) = worlds::open(&WORLDS[0]);
        let scene = crate::world::scene(session.cluster());
        let complete = |line: &str| complete(line, scene, &session.files);
        for (line, want) in [
            ("", ""),
            ("n", "nomad "),
            ("ls", "ls"),
            ("nomad dep", "nomad deployment "),
            ("nomad job p", "nomad job p"),
            ("nomad job pl", "nomad job plan "),
            ("nomad job periodic f", "nomad job periodic force "),
            ("nomad job plan d", "nomad job plan docs.nomad.hcl "),
            ("nomad job run -det", "nomad job run -detach "),
            ("nomad job run -check", "nomad job run -check-index="),
            ("nomad job scale d", "nomad job scale docs "),
            ("nomad job scale docs a", "nomad job scale docs api "),
            ("nomad job status x", "nomad job status x"),
            ("nomad é", "nomad é"),
        ] {
            assert_eq!(complete(line).after, want, "{line:?}");
        }
        assert_eq!(
            complete("nomad job p").choices,
            ["periodic", "plan", "promote"]
        );
        let alloc = session.store().allocs().next().expect("it runs");
        let short = alloc.id.0.short();
        let typed = format!("nomad alloc status {}", &short[..7]);
        assert_eq!(
            complete(&typed).after,
            format!("nomad alloc status {short} ")
        );
        assert_eq!(complete("nomad node status ").count, 5);
    }
}
