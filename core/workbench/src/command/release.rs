//! What the commands of a release print differently. Nothing else in the commands asks which
//! release it is, except for the form of a time.

use yurt_model::{Release, description};

/// The differences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Texts {
    /// Tables and lists of rows have `Namespace` and `Node Pool`.
    has_namespaces_and_pools: bool,
    /// A job's summary has the column `Unknown`.
    pub(crate) summary_has_unknown: bool,
    /// Deployments have the column `Progress Deadline`.
    pub(crate) deployment_has_progress_deadline: bool,
    /// Lists of allocations end in `Created  Modified` (how long ago), not in `Created At`.
    pub(crate) allocs_have_created_and_modified: bool,
    /// Monitors begin their lines with the time.
    pub(crate) monitors_print_times: bool,
    /// After an evaluation, monitors follow its deployment.
    pub(crate) monitors_follow_deployments: bool,
    /// The short name of `job run`.
    pub(crate) run: &'static str,
    /// What the plan says about the index, from "will only be run if the" on.
    pub(crate) index_matches: &'static str,
}

/// The differences of a release.
pub(crate) const fn texts(release: Release) -> &'static Texts {
    match release {
        Release::V2_0 => &Texts {
            has_namespaces_and_pools: true,
            summary_has_unknown: true,
            deployment_has_progress_deadline: true,
            allocs_have_created_and_modified: true,
            monitors_print_times: true,
            monitors_follow_deployments: true,
            run: "nomad job run",
            index_matches: "job modify index given matches the server-side version.",
        },
        Release::V0_7 => &Texts {
            has_namespaces_and_pools: false,
            summary_has_unknown: false,
            deployment_has_progress_deadline: false,
            allocs_have_created_and_modified: false,
            monitors_print_times: false,
            monitors_follow_deployments: false,
            run: "nomad run",
            index_matches: "server side version matches the job modify index returned.",
        },
    }
}

/// Of a table with its heading, the columns that the release has.
pub(crate) fn columns(mut rows: Vec<Vec<String>>, release: Release) -> Vec<Vec<String>> {
    for at in (0..rows[0].len()).rev() {
        if !has(&rows[0][at], release) {
            for row in &mut rows {
                row.remove(at);
            }
        }
    }
    rows
}

/// Of a list of names with values, those that the release has.
pub(crate) fn pairs<'a>(
    pairs: impl IntoIterator<Item = (&'a str, String)>,
    release: Release,
) -> Vec<(&'a str, String)> {
    let pairs = pairs.into_iter();
    pairs.filter(|(name, _)| has(name, release)).collect()
}

fn has(name: &str, release: Release) -> bool {
    texts(release).has_namespaces_and_pools || !matches!(name, "Namespace" | "Node Pool")
}

/// A deployment's description as the release words it.
pub(crate) fn deployment_description(text: &str, release: Release) -> &str {
    match release {
        Release::V0_7 if text == description::NEEDS_PROMOTION => {
            "Deployment is running but requires promotion"
        }
        _ => text,
    }
}
