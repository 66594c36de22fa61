//! Parts of screens that several commands print.

pub(super) mod allocs;
pub(super) mod deployment;
pub(super) mod evals;
pub(super) mod failure;
pub(super) mod job_file;
pub(super) mod job_json;
pub(super) mod jobs;
pub(super) mod usage;

use yurt_model::{Release, Time, Uuid};
use yurt_state::Store;

use super::Lines;
use crate::view::{Label, Line};

/// What renderers look at.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    /// What the servers know.
    pub(crate) store: &'a Store,
    /// The simulated time.
    pub(crate) now: Time,
    /// Whose texts.
    pub(crate) release: Release,
}

/// How long identifiers are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// Eight characters.
    Short,
    /// All of it.
    Full,
}

impl Length {
    pub(super) fn of(verbose: bool) -> Self {
        if verbose { Self::Full } else { Self::Short }
    }

    pub(super) fn id(self, id: impl Into<Uuid>) -> String {
        let id = id.into();
        match self {
            Self::Short => id.short(),
            Self::Full => id.to_string(),
        }
    }
}

/// Ordinary lines.
pub(crate) fn plain(lines: Vec<String>) -> Lines {
    lines.into_iter().map(Line::plain).collect()
}

/// A text of several lines, all under one label.
pub(crate) fn labelled(label: Label, text: &str) -> Lines {
    text.split('\n').map(|line| Line::of(label, line)).collect()
}

/// An empty line, a heading, and what is under it.
pub(super) fn section(document: &mut Lines, heading: &str, lines: Vec<String>) {
    document.push(Line::default());
    document.push(Line::of(Label::Heading, heading));
    document.extend(plain(lines));
}

/// An address with its port; one of IPv6 is written in brackets.
pub(super) fn address(ip: &str, port: i64) -> String {
    if ip.contains(':') {
        format!("[{ip}]:{port}")
    } else {
        format!("{ip}:{port}")
    }
}

/// A node's cells in a list of nodes.
pub(super) fn node_cells(node: &yurt_model::Node) -> Vec<String> {
    vec![
        node.id.short(),
        node.node_pool.to_string(),
        node.datacenter.to_string(),
        node.name.to_string(),
        node.node_class.to_string(),
        node.drain.is_some().to_string(),
        node.eligibility.as_str().into(),
        node.status.to_string(),
    ]
}
