//! What inputs go through, and what must hold after every stage.

use serde_json::Value;
use yurt_engine::{Cluster, ClusterConfig, Journal};
use yurt_jobspec::admission::{self, AdmissionContext, admit};
use yurt_jobspec::{ParseInput, Parsed, Range, assist, format, parse, render};
use yurt_model::Time;
use yurt_workbench::session::Session;
use yurt_workbench::transcript::{self, Transcript};
use yurt_workbench::world_file;

/// Larger worlds are read and not run: they take too much of a second by themselves.
const WORLD_NODES_MAX: usize = 64;

/// How many events of a world are played.
const WORLD_EVENTS: usize = 200;

/// How far an input came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reached {
    /// It was read and refused.
    Read,
    /// It is a job, a scenario, a transcript or a journal.
    Parsed,
    /// Its job is admitted, or it was played.
    Admitted,
    /// Its job has a difference to the one before.
    Compared,
}

/// An input.
pub enum Target<'a> {
    /// A job file, its variables, a place in it, and the job before.
    JobFile {
        before: Option<&'a Value>,
        bytes: Vec<u8>,
        variables: String,
        cursor: usize,
    },
    /// A job as JSON.
    Document {
        before: Option<&'a Value>,
        document: Value,
    },
    /// A line of `yurt schedule`.
    Scenario(String),
    /// A transcript or a journal of the page.
    Transcript(String),
    /// A journal of a cluster.
    Journal(String),
    /// A file of a world.
    World(Vec<u8>),
}

impl Target<'_> {
    /// What it is, as the sums name it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::JobFile { .. } => "job files",
            Self::Document { .. } => "jobs as JSON",
            Self::Scenario(_) => "scenarios",
            Self::Transcript(_) => "transcripts",
            Self::Journal(_) => "journals",
            Self::World(_) => "worlds",
        }
    }

    /// The input as a file.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::JobFile { bytes, .. } | Self::World(bytes) => bytes.clone(),
            Self::Document { document, .. } => document.to_string().into_bytes(),
            Self::Scenario(text) | Self::Transcript(text) | Self::Journal(text) => {
                text.clone().into_bytes()
            }
        }
    }

    /// Takes it through every stage.
    pub fn walk(&self) -> Result<Reached, String> {
        match self {
            Self::JobFile {
                before,
                bytes,
                variables,
                cursor,
            } => job_file(*before, bytes, variables, *cursor),
            Self::Document { before, document } => {
                match admit(document, &AdmissionContext::default()) {
                    Err(refused) => {
                        let _ = refused.to_string();
                        Ok(Reached::Parsed)
                    }
                    Ok(new) => difference(*before, &new.spec.document),
                }
            }
            Self::Scenario(line) => Ok(match yurt_cli::schedule::scenario(line) {
                Ok(_) => Reached::Admitted,
                Err(_) => Reached::Read,
            }),
            Self::Transcript(text) => Ok(match Transcript::parse(text) {
                Ok(parsed) => {
                    let _ = transcript::play(&parsed, 1);
                    Reached::Admitted
                }
                Err(_) => Reached::Read,
            }),
            Self::Journal(text) => journal(text),
            Self::World(bytes) => Ok(world(&String::from_utf8_lossy(bytes))),
        }
    }
}

/// A journal that can be read is written as it was read, and can be played.
fn journal(text: &str) -> Result<Reached, String> {
    let Ok(journal) = Journal::from_text(text) else {
        return Ok(Reached::Read);
    };
    let once = journal.to_text();
    let again = Journal::from_text(&once).map_err(|error| error.to_string())?;
    if again.to_text() != once {
        return Err("a journal is written otherwise than it was read".to_owned());
    }
    let config = ClusterConfig::of_recordings(1);
    Ok(match journal.replay(config, Time(0)) {
        Ok(_) => Reached::Admitted,
        Err(_) => Reached::Parsed,
    })
}

/// A job of the world's images, one group for each.
fn job_of_images(config: &ClusterConfig) -> String {
    let group = |(number, (image, _)): (usize, (&str, _))| {
        let image = serde_json::json!(image)
            .to_string()
            .replace("${", "$${")
            .replace("%{", "%%{");
        format!(
            "group \"g{number}\" {{\ntask \"t\" {{\ndriver = \"docker\"\n\
             config {{\nimage = {image}\n}}\n}}\n}}\n"
        )
    };
    let groups: String = config.images.listed().enumerate().map(group).collect();
    format!("job \"images\" {{\n{groups}}}\n")
}

/// A world that can be read starts, and its images run for a while.
fn world(source: &str) -> Reached {
    let Ok(config) = world_file::read("w.hcl", source, None) else {
        return Reached::Read;
    };
    if config.nodes.len() > WORLD_NODES_MAX {
        return Reached::Parsed;
    }
    let job = job_of_images(&config);
    let Ok(cluster) = Cluster::new(config) else {
        return Reached::Parsed;
    };
    let mut session = Session::on(cluster);
    session.files.write("images.hcl", job);
    session.execute("nomad job run -detach images.hcl");
    for _ in 0..WORLD_EVENTS {
        match session.next_event() {
            Some(next) => session.advance_to(next),
            None => break,
        };
    }
    session.execute("nomad job status images");
    session.execute("nomad alloc logs -job images");
    let _ = session.images_text();
    Reached::Admitted
}

/// Two jobs of different names have no difference; that is an answer too.
fn difference(before: Option<&Value>, new: &Value) -> Result<Reached, String> {
    Ok(match yurt_diff::diff(before, Some(new), true) {
        Ok(diff) => {
            let _ = diff.to_json();
            Reached::Compared
        }
        Err(_) => Reached::Admitted,
    })
}

/// Every stage of a job file, and what must hold after it; the last stage that it came to.
fn job_file(
    before: Option<&Value>,
    bytes: &[u8],
    variables: &str,
    cursor: usize,
) -> Result<Reached, String> {
    let source = &*String::from_utf8_lossy(bytes);
    let context = AdmissionContext::default();
    let files = [("v.hcl".to_owned(), variables.to_owned())];
    let files = if variables.is_empty() {
        &[][..]
    } else {
        &files
    };
    let mut parsed = read(source, files);
    let has_document = parsed.document.is_some();
    if has_document != parsed.diagnostics.is_empty() {
        return Err("neither a job nor a reason".to_owned());
    }
    inside(source, parsed.spans.values())?;
    let mut reached = Reached::Read;
    if let Some(document) = &parsed.document {
        reached = Reached::Parsed;
        yurt_jobspec::run_output(&parsed).map_err(|_| "a job that cannot be printed")?;
        match admit(document, &context) {
            Err(refused) => {
                let found = admission::diagnostics(&refused, FILE, source, &parsed.spans);
                parsed.diagnostics.extend(found);
            }
            Ok(new) => reached = difference(before, &new.spec.document)?,
        }
    }
    let _ = render(&parsed.diagnostics);
    let fixed = assist::with_fixes(parsed.diagnostics, source);
    inside(
        source,
        fixed
            .iter()
            .filter(|each| each.file == FILE)
            .filter_map(|each| each.range.as_ref()),
    )?;
    for fix in fixed.iter().filter_map(|each| each.fix.as_ref()) {
        if source.get(fix.start_byte..fix.end_byte).is_none() {
            return Err(format!("a fix outside of the text: {fix:?}"));
        }
    }
    let told = assist::problems(source, &mut |text| read(text, files));
    let told = told.iter().filter(|each| each.file == FILE);
    inside(source, told.filter_map(|each| each.range.as_ref()))?;
    if let Ok(once) = format::format(source) {
        let twice = format::format(&once).map_err(|_| "the layout cannot be read")?;
        if once != twice {
            return Err(format!(
                "the layout is not its own layout:\n{once}\n----\n{twice}"
            ));
        }
    }
    let found = assist::completions(source, cursor);
    if !source.is_char_boundary(found.start_byte) {
        return Err("a completion begins outside of the text".to_owned());
    }
    let _ = assist::hover(source, cursor);
    Ok(reached)
}

const FILE: &str = "t.hcl";

/// Reads a job file with these variable files.
pub fn read(source: &str, files: &[(String, String)]) -> Parsed {
    let set = [("x".to_owned(), "1".to_owned())];
    parse(&ParseInput {
        file_name: FILE,
        source,
        variables: &set,
        variable_files: files,
        lenient: true,
        ..ParseInput::default()
    })
}

fn inside<'r>(source: &str, ranges: impl Iterator<Item = &'r Range>) -> Result<(), String> {
    for range in ranges {
        if source.get(range.start.byte..range.end.byte).is_none() {
            let length = source.len();
            return Err(format!("{range:?} is outside of a text of {length} bytes"));
        }
    }
    Ok(())
}
