//! The `yurt` command.

use std::io::{stdin, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let status = yurt_cli::run(&words, &mut stdin(), &mut stdout());
    ExitCode::from(u8::try_from(status).unwrap_or(u8::MAX))
}
