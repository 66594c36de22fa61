//! `yurt shell`: commands on a simulated cluster, line by line.
//!
//! Lines come from a terminal or, when there is none, from a script. Time stands still until
//! `clock` moves it or a command is followed to its end.

use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};

use yurt_model::{Duration, Release};
use yurt_workbench::session::{INTERRUPTED, Printed, Session};
use yurt_workbench::view::{Label, Line};

use crate::args::Shell;
use crate::disk::DISK;
use crate::paint::{self, Colour};
use crate::world;

const HELP: &str = "\
nomad COMMAND ...       an emulated command: nomad job run docs.nomad.hcl
clock [+30s]            shows the simulated time, or lets time pass
fault NODE down|up|cut  kills a node, starts or reaches it again, or cuts it off
join WORLD              the nodes of a file join, or come back as it says
images                  what images do
exit                    leaves
";

/// The longest that a command is followed.
const FOLLOW_MAX: Duration = Duration::from_hours(1);

/// Reads lines until they end. The status is that of the last command.
pub(crate) fn run(
    options: &Shell,
    input: &mut dyn Read,
    output: &mut dyn Write,
) -> io::Result<i32> {
    let release = options.release.as_deref().and_then(Release::from_name);
    let mut session = match world::session(options.world.as_deref(), options.seed, release) {
        Ok(session) => session,
        Err(text) => {
            writeln!(output, "{text}")?;
            return Ok(1);
        }
    };
    session.files.fallback = Some(DISK);
    let prompts = io::stdin().is_terminal() && io::stdout().is_terminal();
    let mut shell = Loop {
        session,
        colour: if io::stdout().is_terminal() {
            Colour::Yes
        } else {
            Colour::No
        },
        status: 0,
    };
    let mut lines = BufReader::new(input).split(b'\n');
    loop {
        if prompts {
            write!(output, "{} $ ", shell.session.now().rfc3339())?;
            output.flush()?;
        }
        let Some(line) = lines.next() else {
            return Ok(shell.status);
        };
        // A byte that is no text is no reason to leave the rest of a script unread.
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        if matches!(line.trim(), "exit" | "quit") {
            return Ok(shell.status);
        }
        shell.line(line.trim(), output)?;
    }
}

struct Loop {
    session: Session,
    colour: Colour,
    status: i32,
}

impl Loop {
    fn line(&mut self, line: &str, output: &mut dyn Write) -> io::Result<()> {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [] => Ok(()),
            [comment, ..] if comment.starts_with('#') => Ok(()),
            ["help"] => write!(output, "{HELP}"),
            ["clock"] => writeln!(output, "{}", self.session.now().rfc3339()),
            ["clock", by] => self.clock(by, output),
            ["fault", node, state] => self.fault(node, state, output),
            ["join", file] => {
                let source = std::fs::read_to_string(file);
                let source = source.map_err(|error| format!("{file}: {error}"));
                match source.and_then(|source| self.session.join(file, &source)) {
                    Ok(count) => writeln!(output, "{count} nodes have joined"),
                    Err(text) => self.error(&format!("join: {text}"), output),
                }
            }
            ["images"] => write!(output, "{}", self.session.images_text()),
            [word @ ("clock" | "fault" | "images" | "join" | "help"), ..] => {
                let text = format!("{word}: these words do not fit. There are:\n{HELP}");
                self.error(text.trim_end(), output)
            }
            _ => self.command(line, output),
        }
    }

    fn clock(&mut self, by: &str, output: &mut dyn Write) -> io::Result<()> {
        let Some(length) = Duration::parse(by).ok().filter(|by| by.nanos() >= 0) else {
            let text = format!(
                "clock: \"{by}\" is no length of time that can pass. Say how far: clock +1h30m"
            );
            return self.error(&text, output);
        };
        let begin = self.session.now();
        let until = begin + length;
        self.session.advance_to(until);
        writeln!(output, "{}", until.rfc3339())?;
        if until - begin < length {
            return self.error("clock: time ends here; it goes no further", output);
        }
        Ok(())
    }

    fn fault(&mut self, node: &str, state: &str, output: &mut dyn Write) -> io::Result<()> {
        let is_there = match state {
            "cut" => self.session.cut_node(node),
            "down" | "up" => self.session.set_node_up(node, state == "up"),
            _ => {
                let text = format!("fault: \"{state}\" is none of down, up and cut");
                return self.error(&text, output);
            }
        };
        if is_there {
            return Ok(());
        }
        let text = format!("fault: there is no node \"{node}\". Try: nomad node status");
        self.error(&text, output)
    }

    fn error(&mut self, text: &str, output: &mut dyn Write) -> io::Result<()> {
        self.status = 1;
        paint::lines(output, &[Line::of(Label::Error, text)], self.colour)
    }

    fn command(&mut self, line: &str, output: &mut dyn Write) -> io::Result<()> {
        let printed = self.session.execute(line);
        self.print(printed, output)?;
        let limit = self.session.now() + FOLLOW_MAX;
        while self.session.is_following() {
            if self.session.now() >= limit {
                self.session.interrupt();
                self.status = INTERRUPTED;
                let text = "Still waiting after an hour of simulated time; let go of it here.";
                return paint::lines(output, &[Line::of(Label::Note, text)], self.colour);
            }
            let next = self.session.next_event().unwrap_or(limit);
            let printed = self.session.advance_to(next.min(limit));
            self.print(printed, output)?;
        }
        Ok(())
    }

    fn print(&mut self, printed: Printed, output: &mut dyn Write) -> io::Result<()> {
        self.status = printed.status.unwrap_or(self.status);
        paint::lines(output, &printed.document, self.colour)
    }
}
