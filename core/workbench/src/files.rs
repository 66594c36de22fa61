//! The working folder of the commands: files by name, kept in memory.

use std::borrow::Cow;
use std::collections::BTreeMap;

use yurt_jobspec::{FileError, ReadFiles};

/// A folder, and what else surrounds a command line.
#[derive(Clone, Debug, Default)]
pub struct Files {
    files: BTreeMap<String, String>,
    /// Environment variables; only `NOMAD_VAR_…` mean something.
    pub environment: Vec<(String, String)>,
    /// Where files are looked for that are not in memory. The native command gives its disk;
    /// nothing else has one.
    pub fallback: Option<Disk>,
}

/// What a disk can be asked.
#[derive(Clone, Copy, Debug)]
pub struct Disk {
    /// What a file holds; `-` is what the command is fed.
    pub read: fn(&str) -> Result<Vec<u8>, FileError>,
    /// The files below a folder, down to a number of folders (`ReadFiles::list`).
    pub list: fn(&str, usize) -> Result<Vec<String>, String>,
    /// The home directory.
    pub home: fn() -> Option<String>,
    /// The folder that commands are run in.
    pub folder: fn() -> String,
}

impl Files {
    /// A folder whose files are looked for elsewhere.
    pub fn elsewhere(disk: Disk) -> Self {
        Self {
            fallback: Some(disk),
            ..Self::default()
        }
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

    /// Where a file is, from the root; as it was named where there is no disk.
    pub fn absolute(&self, name: &str) -> String {
        match self.fallback {
            Some(disk) if !name.starts_with('/') => {
                format!(
                    "{}/{}",
                    (disk.folder)().trim_end_matches('/'),
                    plain_name(name)
                )
            }
            _ => name.to_owned(),
        }
    }
}

impl ReadFiles for Files {
    fn read(&self, path: &str) -> Result<Cow<'_, [u8]>, FileError> {
        match (self.files.get(plain_name(path)), self.fallback) {
            (Some(text), _) => Ok(Cow::Borrowed(text.as_bytes())),
            (None, Some(disk)) => (disk.read)(path).map(Cow::Owned),
            (None, None) => Err(FileError::Missing),
        }
    }

    fn list(&self, folder: &str, depth: usize) -> Result<Vec<String>, String> {
        let start = match folder {
            "." => String::new(),
            folder => format!("{}/", plain_name(folder)),
        };
        let own = self.names().filter_map(|name| name.strip_prefix(&start));
        let own = own.filter(|name| name.matches('/').count() <= depth);
        let mut names: Vec<String> = own.map(str::to_owned).collect();
        if let Some(disk) = self.fallback {
            names.extend((disk.list)(folder, depth)?);
        }
        Ok(names)
    }

    fn home(&self) -> Option<String> {
        self.fallback.and_then(|disk| (disk.home)())
    }

    fn folder(&self) -> String {
        self.fallback
            .map_or_else(String::new, |disk| (disk.folder)())
    }
}

fn plain_name(name: &str) -> &str {
    name.strip_prefix("./").unwrap_or(name)
}
