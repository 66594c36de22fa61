//! What is wrong with a job: errors with the place they belong to, nested as servers nest them.
//!
//! The nesting matters only for the text: every bullet at any depth starts with one tab, and each
//! level closes with two line feeds (spec: jobspec 15.1).

/// One thing wrong with a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidationError {
    /// What servers say about it.
    pub message: String,
    /// Where in the job file: `group.api.update.canary`, `group.api.task.web.driver`, `priority`.
    pub path: Option<String>,
}

/// One entry of a list of errors: an error, or a list of its own.
#[derive(Clone, Debug)]
enum Issue {
    Error(ValidationError),
    List { prefix: String, issues: Issues },
}

impl Issue {
    fn text(&self) -> String {
        match self {
            Self::Error(error) => error.message.clone(),
            Self::List { prefix, issues } => format!("{prefix}{}", issues.text()),
        }
    }
}

/// A list of errors.
#[derive(Clone, Debug, Default)]
pub(super) struct Issues {
    list: Vec<Issue>,
}

impl Issues {
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Adds an error about the member at `path`.
    pub(super) fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.list.push(Issue::Error(ValidationError {
            message: message.into(),
            path: Some(path.into()),
        }));
    }

    /// Adds a list under a heading, unless it is empty.
    pub(super) fn nest(&mut self, prefix: impl Into<String>, issues: Self) {
        if !issues.is_empty() {
            self.list.push(Issue::List {
                prefix: prefix.into(),
                issues,
            });
        }
    }

    /// Adds the entries of another list to this one.
    pub(super) fn extend(&mut self, issues: Self) {
        self.list.extend(issues.list);
    }

    /// The text of the whole list.
    pub(super) fn text(&self) -> String {
        multi_error(self.list.iter().map(Issue::text))
    }

    /// The texts of the entries, without what is inside them taken apart.
    pub(super) fn entries(&self) -> Vec<String> {
        self.list.iter().map(Issue::text).collect()
    }

    /// The errors themselves, in order, without their nesting.
    pub(super) fn errors(&self) -> Vec<ValidationError> {
        let mut errors = Vec::new();
        for issue in &self.list {
            match issue {
                Issue::Error(error) => errors.push(error.clone()),
                Issue::List { issues, .. } => errors.extend(issues.errors()),
            }
        }
        errors
    }
}

/// Several errors as one text (spec: jobspec 15.1).
pub(super) fn multi_error(texts: impl ExactSizeIterator<Item = String>) -> String {
    let heading = match texts.len() {
        1 => "1 error occurred:".to_owned(),
        n => format!("{n} errors occurred:"),
    };
    let bullets: Vec<String> = texts.map(|text| format!("\t* {text}")).collect();
    format!("{heading}\n{}\n\n", bullets.join("\n"))
}
