//! `yurt jobspec`: a job file as the JSON that `nomad job run -output` prints.

use std::io::{self, Write};

use yurt_workbench::command;
use yurt_workbench::files::Files;

use crate::args::Jobspec;
use crate::disk::DISK;

/// Prints the JSON, or what is wrong with the file.
pub(crate) fn run(options: &Jobspec, output: &mut dyn Write) -> io::Result<i32> {
    let mut files = Files::elsewhere(DISK);
    files.environment = std::env::vars()
        .filter(|(name, _)| name.starts_with("NOMAD_VAR_"))
        .collect();
    let (text, status) = match command::job_output(&options.words, &files) {
        Ok(text) => (text, 0),
        Err(error) => {
            let lines: Vec<String> = error.document.iter().map(|line| line.text()).collect();
            (lines.join("\n"), error.status)
        }
    };
    writeln!(output, "{text}")?;
    Ok(status)
}
