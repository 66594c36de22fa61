//! The `yurt` command as a library, so that tests can call it in process.
//!
//! Belongs here: files, standard input, a terminal. Not here: what anything means (that is in the
//! crates of `core`).

pub mod args;
mod jobspec;
mod paint;
mod plans;
mod play;
pub mod schedule;
mod shell;

use std::io::{Read, Write};

use args::Request;

/// Does what a command line asks for and answers with the exit status.
pub fn run(words: &[String], input: &mut dyn Read, output: &mut dyn Write) -> i32 {
    let done = match args::parse(words) {
        Ok(Request::Help) => write!(output, "{}", args::HELP).map(|()| 0),
        Ok(Request::Play(options)) => play::run(&options, output),
        Ok(Request::Shell(options)) => shell::run(&options, input, output),
        Ok(Request::Jobspec(options)) => jobspec::run(&options, output),
        Ok(Request::Schedule(options)) => schedule::run(&options, output),
        Ok(Request::Plans(file)) => plans::run(&file, output),
        Err(text) => writeln!(output, "{text}").map(|()| args::USAGE_STATUS),
    };
    // Nobody reads any more: nothing is left to say, and it is no failure of ours.
    done.unwrap_or(0)
}
