//! `yurt bench`: the workloads of `yurt-bench` under this machine's clock.

use std::io::{self, Write};
use std::time::Instant;

use serde_json::json;

use crate::args::Bench;

/// Measures and prints; a line at a time, so that one sees that it goes on.
pub(crate) fn run(options: &Bench, output: &mut dyn Write) -> io::Result<i32> {
    let start = Instant::now();
    let clock = || start.elapsed().as_secs_f64() * 1000.0;
    let mut rows = Vec::new();
    let mut said = Ok(());
    yurt_bench::measure(&clock, options.name.as_deref(), &mut |row| {
        if !options.json && said.is_ok() {
            said = writeln!(output, "{row}").and_then(|()| output.flush());
        }
        rows.push(row);
    });
    said?;
    if options.json {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| {
                json!({
                    "workload": row.workload,
                    "milliseconds": row.milliseconds,
                    "runs": row.runs,
                    "decisions": format!("{:016x}", row.decisions),
                })
            })
            .collect();
        writeln!(output, "{}", json!(rows))?;
    }
    Ok(0)
}
