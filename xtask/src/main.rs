//! Project tasks: `cargo xtask build`, `serve`, `test`.
//!
//! Belongs here: what turns the sources into the page, and what proves that they are sound.
//! Not here: anything the product does. May import: std and serde_json, nothing of ours, so that
//! it compiles in seconds on a fresh clone.

mod bench;
mod browser;
mod budget;
mod checks;
mod digest;
mod index_html;
mod licences;
mod page;
mod project;
mod report;
mod serve;
mod setup;
mod shell;

use std::process::ExitCode;

use project::Project;
use shell::Trouble;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  build [--record-size]       write the release page to dist/
                              (--record-size: make its size the new budget)
  serve [--port N]            build, then serve dist/ on http://127.0.0.1:8080/
  test [--only STEP,...]      run every check, or only the named steps
  test --list                 name the steps
  bench [FAMILY] [--opt-level LEVEL]
                              what things cost natively and as wasm, and what was promised
                              (--opt-level: other than the page's, for comparison)
  fuzz [--seconds N] [--seed S] [--only NUMBER]
                              throw damaged job files at the whole front end
  trunk                       compile Trunk and try `trunk build --release --offline`
";

/// Port of `serve` when none is given.
const PORT_DEFAULT: u16 = 8080;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(code) => code,
        Err(trouble) => {
            eprintln!("error: {trouble}");
            ExitCode::FAILURE
        }
    }
}

/// Reads the command line and runs the one command it names.
fn dispatch(args: &[String]) -> Result<ExitCode, Trouble> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        [] | [.., "help" | "-h" | "--help"] => print!("{USAGE}"),
        ["build"] => page::build_command(&Project::find()?, false)?,
        ["build", "--record-size"] => page::build_command(&Project::find()?, true)?,
        ["serve"] => serve::command(&Project::find()?, PORT_DEFAULT)?,
        ["serve", "--port", port] => serve::command(&Project::find()?, parse_port(port)?)?,
        ["test"] => return checks::command(&Project::find()?, &[]),
        ["test", "--list"] => checks::list(),
        ["test", "--only", steps] => {
            let steps: Vec<&str> = steps.split(',').filter(|step| !step.is_empty()).collect();
            return checks::command(&Project::find()?, &steps);
        }
        ["bench", options @ ..] => bench::command(&Project::find()?, options)?,
        ["fuzz", options @ ..] => checks::fuzz_command(&Project::find()?, options)?,
        ["trunk"] => checks::trunk_command(&Project::find()?)?,
        _ => {
            return Err(Trouble::new(format!(
                "cannot read `{}`\n\n{USAGE}",
                args.join(" ")
            )));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn parse_port(text: &str) -> Result<u16, Trouble> {
    text.parse()
        .map_err(|_| Trouble::new(format!("`{text}` is no port: give a number to 65535")))
}
