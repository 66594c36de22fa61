//! `yurt play`: transcripts played, printed, compared, blessed.

use std::io::{self, Write};
use std::path::Path;

use yurt_workbench::session::DEFAULT_SEED;
use yurt_workbench::transcript::{self, Transcript, Verdict};

use crate::args::Play;
use crate::world;

/// Plays the files in order. Status 1 when something differs, could not be read or did not come
/// true.
pub(crate) fn run(options: &Play, output: &mut dyn Write) -> io::Result<i32> {
    let mut status = 0;
    let mut total = Verdict::default();
    for file in &options.files {
        let recorded = match read(file) {
            Ok(recorded) => recorded,
            Err(text) => {
                writeln!(output, "{file}: {text}")?;
                status = 1;
                continue;
            }
        };
        let played = match &options.world {
            None => transcript::play(&recorded, options.seed.unwrap_or(DEFAULT_SEED)),
            Some(world) => match world::session(Some(world), options.seed, None) {
                Ok(session) => transcript::play_on(session, &recorded),
                Err(text) => {
                    writeln!(output, "{text}")?;
                    return Ok(1);
                }
            },
        };
        if options.check {
            let verdict = transcript::compare(&recorded, &played.transcript);
            report(options, file, &verdict, output)?;
            for note in &played.notes {
                writeln!(output, "--- {note}")?;
            }
            if !verdict.is_full() {
                status = 1;
            }
            total.agreeing += verdict.agreeing;
            total.known += verdict.known;
        } else if options.bless {
            std::fs::write(file, played.transcript.to_string())?;
            writeln!(output, "{file}: written")?;
        } else {
            write!(output, "{}", played.transcript)?;
            // What is printed can be played again.
            for note in &played.notes {
                writeln!(output, "# {note}")?;
            }
        }
        if !played.notes.is_empty() {
            status = 1;
        }
    }
    if options.check {
        let (agreeing, known) = (total.agreeing, total.known);
        writeln!(output, "total: {agreeing}/{known} commands agree")?;
    }
    Ok(status)
}

fn read(file: &str) -> Result<Transcript, String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    Transcript::parse(&text).map_err(|error| error.to_string())
}

fn report(options: &Play, file: &str, verdict: &Verdict, output: &mut dyn Write) -> io::Result<()> {
    let name = Path::new(file).file_name();
    let name = name.map_or(file.into(), |name| name.to_string_lossy());
    if options.verbose {
        for difference in &verdict.differences {
            writeln!(output, "--- {name}: {}", difference.command)?;
            match &difference.ours {
                None => writeln!(output, "    not run")?,
                Some(ours) => differing_lines(&difference.recorded, ours, output)?,
            }
        }
    }
    writeln!(output, "{name}: {}/{}", verdict.agreeing, verdict.known)
}

/// The longest common lines as they are, the others with `-` (recorded) and `+` (ours).
fn differing_lines(a: &[String], b: &[String], output: &mut dyn Write) -> io::Result<()> {
    // common[i][j]: how many lines the ends from i and j have in common.
    let mut common = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            common[i][j] = if a[i] == b[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            writeln!(output, " {}", a[i])?;
            (i, j) = (i + 1, j + 1);
        } else if j == b.len() || (i < a.len() && common[i + 1][j] >= common[i][j + 1]) {
            writeln!(output, "-{}", a[i])?;
            i += 1;
        } else {
            writeln!(output, "+{}", b[j])?;
            j += 1;
        }
    }
    Ok(())
}
