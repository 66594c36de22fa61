//! The disk of the machine, as commands and the functions of the job language see it.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use yurt_jobspec::FileError;
use yurt_jobspec::reading::FILES_MAX;
use yurt_workbench::files::Disk;

/// The disk.
pub(crate) const DISK: Disk = Disk {
    read,
    list,
    home: || std::env::var("HOME").ok().filter(|home| !home.is_empty()),
    folder: || {
        let folder = std::env::current_dir().unwrap_or_default();
        folder.to_string_lossy().into_owned()
    },
};

/// Folders that are looked into at most; what links to a folder is not followed.
const FOLDERS_DEEP: usize = 32;

/// Longest file that is read whole, in bytes. What the job language reads is far shorter, and it
/// says so itself.
const BYTES_MAX: u64 = 64 << 20;

/// What a file holds, or what comes on standard input for `-`.
fn read(name: &str) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    let limit = BYTES_MAX + 1;
    let result = match name {
        "-" => std::io::stdin().take(limit).read_to_end(&mut bytes),
        name => {
            let file = File::open(name).map_err(|error| match error.kind() {
                ErrorKind::NotFound => FileError::Missing,
                _ => FileError::Unreadable(format!("open {name}: {}", reason(&error))),
            })?;
            if file.metadata().is_ok_and(|about| about.is_dir()) {
                let reason = format!("{name} is not a regular file, but a directory");
                return Err(FileError::Unreadable(reason));
            }
            file.take(limit).read_to_end(&mut bytes)
        }
    };
    match result {
        Ok(_) if bytes.len() as u64 > BYTES_MAX => {
            let reason = format!("read {name}: the file exceeds {BYTES_MAX} bytes");
            Err(FileError::Unreadable(reason))
        }
        Ok(_) => Ok(bytes),
        Err(error) => {
            let reason = reason(&error);
            Err(FileError::Unreadable(format!("read {name}: {reason}")))
        }
    }
}

/// The system's words without its number.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    let words = text.split(" (os error").next().unwrap_or_default();
    words.to_lowercase()
}

fn list(folder: &str, depth: usize) -> Result<Vec<String>, String> {
    let root = Path::new(folder);
    let mut names = Vec::new();
    let mut waiting: Vec<(PathBuf, String, usize)> = vec![(root.to_path_buf(), String::new(), 0)];
    while let Some((path, before, level)) = waiting.pop() {
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(format!("open {}: {}", path.display(), reason(&error))),
        };
        for entry in entries.flatten() {
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let name = format!("{before}{name}");
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && level < depth.min(FOLDERS_DEEP) {
                waiting.push((entry.path(), format!("{name}/"), level + 1));
            } else if fs::metadata(entry.path()).is_ok_and(|about| about.is_file()) {
                names.push(name);
            }
            if names.len() > FILES_MAX {
                return Ok(names);
            }
        }
    }
    Ok(names)
}
