//! Whether two transcripts agree.
//!
//! Belongs here: what is free in a transcript (identifiers, times, indexes, dynamic ports, the node
//! that chance picked, the order of rows of equal standing, the redraws of a monitor), and the
//! comparison that leaves it out. The rules are those of the reference comparison that comes with
//! the recordings, pattern for pattern, so that both give the same verdict.

use super::format::{Recorded, Transcript};
use super::pattern::Pattern;

/// What came of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Commands that agree.
    pub agreeing: usize,
    /// Commands whose output is recorded.
    pub known: usize,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// A command that does not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The command as recorded.
    pub command: String,
    /// The recorded output after normalisation, exit status last.
    pub recorded: Vec<String>,
    /// Ours; `None` when the command was not run.
    pub ours: Option<Vec<String>>,
}

impl Verdict {
    /// Everything that is recorded agrees.
    pub fn is_full(&self) -> bool {
        self.agreeing == self.known
    }
}

/// Compares what is recorded with ours.
pub fn compare(recorded: &Transcript, ours: &Transcript) -> Verdict {
    let normaliser = Normaliser::new();
    let ours: Vec<&Recorded> = ours.commands().collect();
    let mut verdict = Verdict::default();
    for (index, command) in recorded.commands().enumerate() {
        let Some(status) = command.status.as_deref() else {
            continue; // Its output was left out by whoever wrote the transcript.
        };
        verdict.known += 1;
        let want = normaliser.command(&command.output, status);
        let mine = ours.get(index).filter(|mine| mine.line == command.line);
        let have = mine
            .map(|mine| normaliser.command(&mine.output, mine.status.as_deref().unwrap_or("None")));
        if have.as_ref() == Some(&want) {
            verdict.agreeing += 1;
        } else {
            verdict.differences.push(Difference {
                command: command.line.clone(),
                recorded: want,
                ours: have,
            });
        }
    }
    verdict
}

/// The patterns, read once.
struct Normaliser {
    replacements: Vec<(Pattern, &'static str)>,
    escape: Pattern,
    chance_row: Pattern,
    spaces: Pattern,
    equals: Pattern,
    free_rows: Pattern,
    scores: Pattern,
    reason: Pattern,
    monitor: Pattern,
    arrow: Pattern,
    node_name: Pattern,
    last_number: Pattern,
}

impl Normaliser {
    fn new() -> Self {
        // In this order: each sees what the ones before it left.
        let replacements = [
            (r"/(dispatch|periodic)-\d+(?:-[0-9a-f]{8})?", r"/\1-<child>"),
            (
                r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
                "<uuid>",
            ),
            (
                concat!(
                    r"\b(?:\d\d/\d\d/\d\d|\d{4}-\d\d-\d\d)[T ]\d\d:\d\d:\d\d(?:\.\d+)?",
                    r"(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))*"
                ),
                "<time>",
            ),
            (r"\b(?:\d+(?:mo|ms|[ywdhms]))+ (?:ago|from now)\b", "<ago>"),
            (
                r"\b(\d{1,3}(?:\.\d{1,3}){3}):(2[0-9]{4}|3[01][0-9]{3})\b",
                "<ip>:<dynamic>",
            ),
            (r"\b\d{1,3}(?:\.\d{1,3}){3}\b", "<ip>"),
            (
                "(Job Modify Index: |Modify Index += |-check-index |\"(?:\\w*Index)\": )\\d+",
                r"\1<index>",
            ),
            (
                r"(exists with )?conflicting job modify index: \d+",
                r"\1conflicting job modify index: <index>",
            ),
            (
                r"(EvalCreateIndex|JobModifyIndex|CreateIndex|ModifyIndex)(\W+)\d+",
                r"\1\2<index>",
            ),
            ("\"(SubmitTime|\\w*Time)\": \\d+", "\"\\1\": <time>"),
            (
                r"(restarting in |Reschedul\w+ in )(?!0s)[\d.]+(?:ms|s|m)[\d.s]*",
                r"\1<duration>",
            ),
            (
                r"(?<![\w-])(?=[0-9a-f]*\d|[a-f]{8})[0-9a-f]{8}(?![\w-])",
                "<id>",
            ),
        ];
        Self {
            replacements: replacements
                .map(|(pattern, to)| (Pattern::new(pattern), to))
                .into(),
            escape: Pattern::new(r"\x1b\[\d+m"),
            chance_row: Pattern::new(r"^(Node Name|Allocation Time|Evaluated Nodes) += .*"),
            spaces: Pattern::new(r" {2,}"),
            equals: Pattern::new(r" += "),
            free_rows: Pattern::new(
                r"^(ID +Node ID|ID +Eval ID|ID +Node Pool|ID +Priority|Job ID +Address)",
            ),
            scores: Pattern::new(r"^Node  .*final score$"),
            reason: Pattern::new(r"^(?:\x1b\[\d+m)*\s*\* "),
            monitor: Pattern::new(
                r"^(?:==>)? *<time>: |^(?:==> |    )(?:Monitoring|Evaluation|Allocation) ",
            ),
            arrow: Pattern::new(r"^(==>)? *"),
            node_name: Pattern::new(r"  node-\d+  "),
            last_number: Pattern::new(r"\d+$"),
        }
    }

    fn command(&self, output: &[String], status: &str) -> Vec<String> {
        let mut lines = self.lines(output);
        lines.push(format!("exit {status}"));
        lines
    }

    fn line(&self, line: &str) -> String {
        let mut text = line.trim_end().to_string();
        for (pattern, to) in &self.replacements {
            text = pattern.replace(&text, to);
        }
        text = self.chance_row.replace(&text, r"\1 = <chance>");
        let body = text.trim_start_matches(' ');
        let lead = &text[..text.len() - body.len()];
        let body = self.equals.replace(body, " = ");
        format!("{lead}{}", self.spaces.replace(&body, "  "))
    }

    /// Output lines of one command, as they are compared.
    fn lines(&self, output: &[String]) -> Vec<String> {
        let lines: Vec<String> = output.iter().map(|line| self.line(line)).collect();
        let mut out: Vec<String> = Vec::new();
        let mut at = 0;
        while at < lines.len() {
            let line = &lines[at];
            if self.free_rows.matches_start(line) {
                let end = until(&lines, at + 1, |line| line.trim().is_empty());
                out.push(line.clone());
                out.extend(self.rows(line, &lines[at + 1..end]));
                at = end;
            } else if self.reason.matches_start(line) {
                let end = until(&lines, at, |line| !self.reason.matches_start(line));
                let plain = lines[at..end]
                    .iter()
                    .map(|line| self.escape.replace(line, ""));
                out.extend(sorted(plain.collect()));
                at = end;
            } else if self.scores.matches_start(line) {
                out.push(line.clone());
                at = until(&lines, at + 1, |line| line.trim().is_empty());
            } else if self.monitor.matches_start(line) {
                // The events of an evaluation's monitor are a set.
                let end = until(&lines, at, |line| !self.monitor.matches_start(line));
                let events = lines[at..end].iter();
                let mut events = sorted(events.map(|line| self.without_arrow(line)).collect());
                events.dedup();
                out.extend(events);
                at = end;
            } else {
                out.push(line.clone());
                at += 1;
            }
        }
        last_redraw(out)
    }

    fn without_arrow(&self, line: &str) -> String {
        // The pattern matches nothing, too; it takes away the beginning once.
        if self.arrow.matches_start(line) {
            let rest = line.strip_prefix("==>").unwrap_or(line);
            rest.trim_start_matches(' ').to_string()
        } else {
            line.to_string()
        }
    }

    fn rows(&self, heading: &str, rows: &[String]) -> Vec<String> {
        let mut rows = rows.to_vec();
        if heading.contains("  Node Name") {
            rows = rows
                .iter()
                .map(|row| self.node_name.replace(row, "  <node>  "))
                .collect();
        }
        if heading.ends_with("  Running Allocs") {
            rows = rows
                .iter()
                .map(|row| self.last_number.replace(row, "<chance>"))
                .collect();
        }
        sorted(rows)
    }
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort_unstable();
    lines
}

fn until(lines: &[String], from: usize, ends: impl Fn(&String) -> bool) -> usize {
    lines[from..]
        .iter()
        .position(ends)
        .map_or(lines.len(), |length| from + length)
}

/// A deployment's monitor redraws its block at each change: the last one alone is compared.
fn last_redraw(lines: Vec<String>) -> Vec<String> {
    let is_time = |line: &String| line == "<time>";
    let mut out = match (
        lines.iter().position(is_time),
        lines.iter().rposition(is_time),
    ) {
        (Some(first), Some(last)) => [&lines[..first], &lines[last..]].concat(),
        _ => lines,
    };
    while out.last().is_some_and(|line| line.trim().is_empty()) {
        out.pop();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        let text: Vec<String> = text.lines().map(str::to_string).collect();
        Normaliser::new().lines(&text)
    }

    #[test]
    fn what_is_free_is_left_out() {
        let cases = [
            (
                "Submit Date   = 2026-11-23T09:41:34Z",
                "Submit Date = <time>",
            ),
            (
                "Evaluation ID: f4b22f99-dda8-2042-31cb-4c0796ed1c6c",
                "Evaluation ID: <uuid>",
            ),
            ("a  1f096d53  3s ago   1m1s ago", "a  <id>  <ago>  <ago>"),
            (
                "nomad job run -check-index 649 docs.hcl",
                "nomad job run -check-index <index> docs.hcl",
            ),
            (
                "  Task restarting in 1.092978146s",
                "  Task restarting in <duration>",
            ),
            ("  Task restarting in 0s", "  Task restarting in 0s"),
            ("Node Name = node-1", "Node Name = <chance>"),
            (
                "  *http  yes  127.0.0.1:31403 -> 8080",
                "  *http  yes  <ip>:<dynamic> -> 8080",
            ),
            ("\"JobModifyIndex\": 12,", "\"JobModifyIndex\": <index>,"),
            (
                "encode/dispatch-1795427131-6694394b  dead",
                "encode/dispatch-<child>  dead",
            ),
        ];
        for (from, want) in cases {
            assert_eq!(lines(from), [want], "{from}");
        }
    }

    #[test]
    fn rows_of_equal_standing_are_sorted() {
        let got = lines("ID        Node ID\nb  2\na  1\n\nID  x\nb\na");
        assert_eq!(got, ["ID  Node ID", "a  1", "b  2", "", "ID  x", "b", "a"]);
    }

    #[test]
    fn a_monitor_counts_by_its_events_and_its_last_block() {
        let got = lines(
            "==> 2026-11-23T09:41:25Z: Monitoring evaluation \
             \"421a8c8f\"\n    2026-11-23T09:41:26Z: B\n    \
             2026-11-23T09:41:26Z: A\n    \n2026-11-23T09:41:26Z\nStatus = running\n    \n\
             2026-11-23T09:41:27Z\nStatus = successful\n",
        );
        let want = [
            "<time>: A",
            "<time>: B",
            "<time>: Monitoring evaluation \"<id>\"",
            "",
            "<time>",
            "Status = successful",
        ];
        assert_eq!(got, want);
    }
}
