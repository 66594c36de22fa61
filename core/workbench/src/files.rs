//! The working folder of the commands: files by name, kept in memory.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// A folder, and what else surrounds a command line.
#[derive(Clone, Debug, Default)]
pub struct Files {
    files: BTreeMap<String, String>,
    /// Environment variables; only `NOMAD_VAR_…` mean something.
    pub environment: Vec<(String, String)>,
    /// Where files are looked for that are not in memory. The native command gives its disk;
    /// nothing else has one.
    pub fallback: Option<fn(&str) -> Option<String>>,
}

impl Files {
    /// A folder whose files are looked for elsewhere.
    pub fn elsewhere(read: fn(&str) -> Option<String>) -> Self {
        Self {
            fallback: Some(read),
            ..Self::default()
        }
    }

    /// The text of a file.
    pub fn read(&self, name: &str) -> Option<Cow<'_, str>> {
        let own = self.files.get(plain_name(name));
        own.map(|text| Cow::Borrowed(text.as_str()))
            .or_else(|| self.fallback.and_then(|read| read(name)).map(Cow::Owned))
    }

    /// Writes a file.
    pub fn write(&mut self, name: &str, text: impl Into<String>) {
        self.files.insert(plain_name(name).into(), text.into());
    }

    /// Replaces a text everywhere in a file; false when there is no such file or no such text.
    pub fn replace(&mut self, name: &str, old: &str, new: &str) -> bool {
        let Some(text) = self.files.get_mut(plain_name(name)) else {
            return false;
        };
        let found = text.contains(old);
        *text = text.replace(old, new);
        found
    }

    /// The names of the files in memory, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }
}

fn plain_name(name: &str) -> &str {
    name.strip_prefix("./").unwrap_or(name)
}
