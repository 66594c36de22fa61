//! What is not emulated, said plainly, with the nearest thing that is.

use super::{Command, CommandError};

/// Commands of the reference that have no emulation, each with what serves in its place; an empty
/// one means that nothing does.
const GAPS: &[(&str, &str)] = &[
    ("acl", ""),
    ("agent", ""),
    ("agent-info", ""),
    ("alloc exec", "alloc status"),
    ("alloc fs", "alloc status"),
    ("alloc pause", "alloc stop"),
    ("config validate", "job validate"),
    ("eval delete", "eval list"),
    ("fmt", "job validate"),
    ("job action", "alloc status"),
    ("job init", "job run"),
    ("job restart", "alloc restart"),
    ("license", ""),
    ("login", ""),
    ("monitor", "job status"),
    ("namespace list", "job status"),
    ("namespace status", "job status"),
    ("node config", "node status"),
    ("node meta", "node status"),
    ("node pool list", "node status"),
    ("operator", "operator scheduler get-config"),
    ("plugin status", "node status"),
    ("quota", ""),
    ("recommendation", ""),
    ("scaling policy list", "job scale"),
    ("server members", "node status"),
    ("system reconcile summaries", "job status"),
    ("tls", ""),
    ("ui", "job status"),
    ("var", ""),
    ("version", "node status"),
    ("volume status", "node status"),
];

/// The exit status of a command that is not there.
const NOT_FOUND: i32 = 127;

/// The answer to a line that is no `nomad …` at all.
pub(super) fn not_nomad(words: &[String]) -> CommandError {
    let first = words.first().map_or("", |word| word);
    let text = if Command::NAMES.contains(&first) || is_group(first) {
        format!(
            "{first}: not a command by itself. Did you mean: nomad {}",
            words.join(" ")
        )
    } else {
        format!("{first}: not a command here. Try: nomad status")
    };
    CommandError::new(text).with_status(NOT_FOUND)
}

fn is_group(word: &str) -> bool {
    Command::NAMES
        .iter()
        .any(|name| name.split(' ').next() == Some(word))
}

/// The answer to a `nomad` command that is not emulated.
pub(super) fn unknown(words: &[String]) -> CommandError {
    // `nomad help job` asks for what there is under `nomad job`.
    let asks = words.first().is_some_and(|word| word == "help");
    let typed: Vec<&str> = words
        .iter()
        .skip(usize::from(asks))
        .map(String::as_str)
        .take_while(|word| !word.starts_with('-'))
        .take(3)
        .collect();
    let name = typed.join(" ");
    let group: Vec<&str> = Command::NAMES
        .iter()
        .filter(|known| {
            known
                .strip_prefix(&*name)
                .is_some_and(|rest| rest.starts_with(' '))
        })
        .copied()
        .collect();
    if !name.is_empty() && !group.is_empty() {
        let text = format!("Say which command: nomad {}.", group.join(", nomad "));
        return CommandError::new(text).with_status(NOT_FOUND);
    }
    if Command::NAMES.contains(&&*name) {
        return CommandError::new(format!("Try: nomad {name} -help")).with_status(NOT_FOUND);
    }
    let gap = GAPS.iter().find(|(name, _)| {
        let name: Vec<&str> = name.split(' ').collect();
        typed.starts_with(&name)
    });
    let text = match gap {
        Some((name, "")) => {
            format!("\"nomad {name}\" is not emulated here, nor is anything near it.")
        }
        Some((name, nearest)) => not_emulated(name, nearest),
        None if typed.is_empty() => "Say which command: nomad job, nomad deployment, nomad alloc, \
             nomad eval, nomad node or nomad status."
            .into(),
        None => {
            let name = typed[..typed.len().min(2)].join(" ");
            not_emulated(&name, nearest(&name))
        }
    };
    CommandError::new(text).with_status(NOT_FOUND)
}

/// The line about `-json` where it is not emulated.
pub(super) fn no_json(name: &str) -> String {
    no_flag(name, "json")
}

/// The line about `-t` where it is not emulated.
pub(super) fn no_template(name: &str) -> String {
    no_flag(name, "t")
}

/// The line about a flag that is not emulated.
pub(super) fn no_flag(name: &str, flag: &str) -> String {
    not_emulated(&format!("{name} -{flag}"), name)
}

fn not_emulated(name: &str, nearest: &str) -> String {
    format!("\"nomad {name}\" is not emulated here; the nearest command that is: nomad {nearest}")
}

/// The emulated name that takes the fewest changes to get to; a common first word comes first.
fn nearest(name: &str) -> &'static str {
    let group = name.split(' ').next();
    let cost = |candidate: &str| {
        let same_group = candidate.split(' ').next() == group;
        distance(name, candidate) + if same_group { 0 } else { 3 }
    };
    let names = Command::NAMES.iter().copied();
    names
        .min_by_key(|candidate| (cost(candidate), *candidate))
        .unwrap_or("status")
}

/// How many characters must be added, taken away or changed to get from one text to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let changed = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::words::split;

    #[test]
    fn one_line_with_the_nearest_command() {
        let cases = [
            ("job depoyments docs", "nomad job deployments"),
            ("deploymnt promote x", "nomad deployment promote"),
            ("alloc exec -t abc", "nomad alloc status"),
            ("stats docs", "nomad status"),
        ];
        for (line, want) in cases {
            let error = unknown(&split(line).unwrap());
            assert_eq!(error.document.len(), 1);
            let text = error.document[0].text();
            assert!(
                text.ends_with(&format!("that is: {want}")),
                "{line}: {text}"
            );
            assert_eq!(error.status, 127);
        }
    }

    /// The beginning of a command tells what it may go on with; help is found where it is asked
    /// for.
    #[test]
    fn beginnings_and_help() {
        let jobs = "Say which command: nomad job allocs, nomad job deployments, ";
        for (line, want) in [
            ("job", jobs),
            ("help job", jobs),
            (
                "job tag",
                "Say which command: nomad job tag apply, nomad job tag unset.",
            ),
            ("help", "Say which command: nomad job, nomad deployment, "),
            ("help job run", "Try: nomad job run -help"),
            (
                "help alloc exec",
                "\"nomad alloc exec\" is not emulated here; ",
            ),
        ] {
            let error = unknown(&split(line).unwrap());
            let text = error.document[0].text();
            assert!(text.starts_with(want), "{line}: {text}");
        }
    }

    #[test]
    fn gaps_point_at_what_is_there() {
        for (name, nearest) in GAPS {
            assert!(!Command::NAMES.contains(name), "{name} is emulated");
            assert!(
                nearest.is_empty() || Command::NAMES.contains(nearest),
                "{nearest}"
            );
        }
    }
}
