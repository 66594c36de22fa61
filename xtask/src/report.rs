//! Steps as people see them: a line before, the seconds after, a table at the end.

use std::time::{Duration, Instant};

use crate::shell::Trouble;

/// The steps run so far.
pub struct Report {
    rows: Vec<Row>,
    started: Instant,
}

struct Row {
    name: String,
    took: Duration,
    /// What to say of the step: a note of success, or `None` where it failed.
    note: Option<String>,
}

impl Report {
    /// A report that starts now.
    pub fn new() -> Report {
        Report {
            rows: Vec::new(),
            started: Instant::now(),
        }
    }

    /// Runs one step and times it. The work returns a short note ("12 packages"), or "".
    pub fn step(
        &mut self,
        name: &str,
        work: impl FnOnce() -> Result<String, Trouble>,
    ) -> Result<(), Trouble> {
        println!("==> {name}");
        let started = Instant::now();
        let result = work();
        let took = started.elapsed();
        let (note, result) = match result {
            Ok(note) => (Some(note), Ok(())),
            Err(trouble) => (None, Err(trouble)),
        };
        match &note {
            Some(note) if note.is_empty() => println!("    {}", seconds(took)),
            Some(note) => println!("    {}, {note}", seconds(took)),
            None => println!("    {}, FAILED", seconds(took)),
        }
        self.rows.push(Row {
            name: name.to_string(),
            took,
            note,
        });
        result
    }

    /// The table of all steps, with those that never ran.
    pub fn table(&self, not_run: &[&str]) -> String {
        let names = self
            .rows
            .iter()
            .map(|row| row.name.as_str())
            .chain(not_run.iter().copied());
        let width = names
            .map(|name| name.chars().count())
            .max()
            .unwrap_or(0)
            .max(5);
        let mut text = String::new();
        for row in &self.rows {
            let outcome = match &row.note {
                Some(note) if note.is_empty() => "ok".to_string(),
                Some(note) => format!("ok  {note}"),
                None => "FAILED".to_string(),
            };
            text += &format!("{:width$}  {:>8}  {outcome}\n", row.name, seconds(row.took));
        }
        for name in not_run {
            text += &format!("{name:width$}  {:>8}  not run\n", "-");
        }
        text += &format!(
            "{:width$}  {:>8}\n",
            "total",
            seconds(self.started.elapsed())
        );
        text
    }
}

/// A duration as people read it in a table: `12.3 s`.
fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_tells_passed_failed_and_never_run_apart() {
        let mut report = Report::new();
        assert!(report.step("a", || Ok("3 files".to_string())).is_ok());
        assert!(report.step("b", || Err(Trouble::new("no"))).is_err());
        let table = report.table(&["c"]);
        let rows: Vec<&str> = table.lines().collect();
        assert!(rows[0].starts_with("a ") && rows[0].ends_with("ok  3 files"));
        assert!(rows[1].starts_with("b ") && rows[1].ends_with("FAILED"));
        assert!(rows[2].starts_with("c ") && rows[2].ends_with("not run"));
        assert_eq!(rows.len(), 4);
    }
}
