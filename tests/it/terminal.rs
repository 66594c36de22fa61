//! A terminal on a simulated cluster, for tests that type at it.
//!
//! Belongs here: how a line is typed and read. May import: `yurt_workbench`.

use yurt_workbench::session::Session;

/// What a line prints, with its exit status where that is not 0.
pub(crate) fn type_line(session: &mut Session, line: &str) -> String {
    let printed = session.execute(line);
    let lines: Vec<String> = printed.document.iter().map(|line| line.text()).collect();
    let text = lines.join("\n");
    match printed.status {
        Some(0) | None => text,
        Some(status) => format!("{text}\n= {status}"),
    }
}
