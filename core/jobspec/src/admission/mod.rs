//! Admission: what servers do with a job before they store it.
//!
//! A job comes in as a document, is filled with defaults (`canonicalize`), gets the constraints
//! that its contents imply (`implied`), and is judged (`validate`, `warnings`). The order is that
//! of the servers, and it shows in texts (spec: jobspec 14). Belongs here: defaults, inheritance,
//! rules about one job, rules about replacing a job. Not here: rules that need the state (indexes,
//! deployments). May import: serde_json, yurt-model, `document`, `typed`, `diagnostics`.

mod canonicalize;
mod diagnose;
mod implied;
mod issues;
mod preserve;
mod source;
mod update;
mod validate;
mod warnings;

use std::fmt;
use std::rc::Rc;

use serde_json::Value;
use yurt_model::{JobSpec, Release};

use crate::document::{ShapeError, Stage, View, normalise};
use crate::typed::spec_from_canonical;

pub(crate) use canonicalize::job_update;
pub use diagnose::{diagnostics, judge, warnings as warning_diagnostics};
use issues::Issues;
pub use issues::ValidationError;
pub use preserve::{preserve_counts, preserve_resources, with_count};
pub use source::source_warning;
pub use update::{check_submission, check_update};
pub use warnings::warnings_text;

/// What admission needs to know about the cluster.
#[derive(Clone, Debug, Default)]
pub struct AdmissionContext {
    /// The release whose defaults and rules hold.
    pub release: Release,
    /// The scheduler configuration allows memory oversubscription.
    pub memory_oversubscription: bool,
    /// The namespaces that exist; none given means that all do.
    pub namespaces: Option<Vec<String>>,
    /// The node pools that exist; none given means that all do.
    pub node_pools: Option<Vec<String>>,
}

/// A job that may be stored.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// The job, canonical.
    pub spec: Rc<JobSpec>,
    /// What its author should know; see [`warnings_text`].
    pub warnings: Vec<String>,
}

/// A job that may not be stored, and why.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Everything that is wrong, each with its place.
    pub errors: Vec<ValidationError>,
    /// The entries of the outermost list, as the HTTP API lists them.
    pub entries: Vec<String>,
    /// What its author should know beside that.
    pub warnings: Vec<String>,
    text: String,
}

impl fmt::Display for Refused {
    /// The text of servers, with all its line feeds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Refused {}

impl From<ShapeError> for Refused {
    fn from(error: ShapeError) -> Self {
        let text = error.to_string();
        Self {
            errors: vec![ValidationError {
                message: text.clone(),
                path: None,
            }],
            entries: vec![text.clone()],
            warnings: Vec::new(),
            text,
        }
    }
}

/// Admits a job, or says what is wrong with it (spec: jobspec 13 to 16).
pub fn admit(document: &Value, context: &AdmissionContext) -> Result<Admitted, Refused> {
    let canonical = canonical_document(document, context.release)?;
    let warnings = warnings::warnings(&canonical, context);
    let issues = validate::job(&canonical, document, context);
    if !issues.is_empty() {
        return Err(Refused::of(&issues, warnings));
    }
    let spec = spec_from_canonical(canonical).map_err(|error| Refused::from_text(&error))?;
    Ok(Admitted {
        spec: Rc::new(spec),
        warnings,
    })
}

/// Whether the namespace and the node pool of a job exist: all that is asked of a job that was
/// canonical when it came, such as a recorded one.
pub fn check_names(spec: &JobSpec, context: &AdmissionContext) -> Result<(), String> {
    let unknown = validate::unknown_names(View(&spec.document), context);
    unknown
        .into_iter()
        .next()
        .map_or(Ok(()), |(_, text)| Err(text))
}

impl Refused {
    fn of(issues: &Issues, warnings: Vec<String>) -> Self {
        Self {
            errors: issues.errors(),
            entries: issues.entries(),
            warnings,
            text: issues.text(),
        }
    }

    fn from_text(error: &impl ToString) -> Self {
        let mut issues = Issues::default();
        issues.add("", error.to_string());
        Self::of(&issues, Vec::new())
    }
}

/// The canonical document: defaults filled in, implied constraints added, not judged.
pub fn canonical_document(document: &Value, release: Release) -> Result<Value, ShapeError> {
    let mut job = normalise(document, Stage::Request)?;
    canonicalize::job(&mut job, release);
    implied::add_constraints(&mut job);
    normalise(&job, Stage::Canonical)
}
