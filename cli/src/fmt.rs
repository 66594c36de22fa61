//! `yurt fmt`: lays job files out as `nomad fmt` does (spec: jobspec 18).
//!
//! Belongs here: which files, and what is said of them. Not here: the layout
//! (`yurt_jobspec::format`).

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use yurt_jobspec::format::{format, report};

use crate::args::switch;

/// What the words after `yurt fmt` ask for.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    /// `-check`: nothing is written, and the status says whether something would be.
    check: bool,
    /// `-list`: print the names of files that change.
    list: bool,
    /// `-write`: write files that change.
    write: bool,
    /// `-recursive`: folders inside folders too.
    recursive: bool,
    /// Files, folders, or `-` for standard input; the folder one is in when there are none.
    paths: Vec<String>,
}

/// Lays out what is named. The status is 0 when all is well.
pub(crate) fn run(
    words: &[String],
    input: &mut dyn Read,
    output: &mut dyn Write,
) -> io::Result<i32> {
    let options = match options(words) {
        Ok(options) => options,
        Err(text) => {
            writeln!(output, "{text}")?;
            return Ok(1);
        }
    };
    if options.paths.iter().any(|path| path == "-") {
        return standard_input(&options, input, output);
    }
    let mut status = 0;
    for path in &options.paths {
        match files(Path::new(path), options.recursive) {
            Ok(files) => {
                for file in files {
                    status |= one_file(&file, &options, output)?;
                }
            }
            Err(error) => {
                writeln!(output, "{path}: {error}")?;
                status = 1;
            }
        }
    }
    Ok(status)
}

fn options(words: &[String]) -> Result<Options, String> {
    let mut options = Options {
        check: false,
        list: true,
        write: true,
        recursive: false,
        paths: Vec::new(),
    };
    for word in words {
        let Some((name, is_on)) = switch(word) else {
            options.paths.push(word.clone());
            continue;
        };
        let option = match name {
            "check" => &mut options.check,
            "list" => &mut options.list,
            "write" => &mut options.write,
            "recursive" => &mut options.recursive,
            _ => return Err(format!("yurt fmt: no flag {word}. Try: yurt help")),
        };
        *option =
            is_on.ok_or_else(|| format!("yurt fmt: {word} is true or false. Try: yurt help"))?;
    }
    if options.paths.is_empty() {
        options.paths.push(".".into());
    }
    Ok(options)
}

/// The file, or the job files of the folder in the order of their names.
fn files(path: &Path, recursive: bool) -> io::Result<Vec<PathBuf>> {
    if !std::fs::metadata(path)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut entries = std::fs::read_dir(path)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    let mut found = Vec::new();
    for entry in entries {
        let extension = entry.extension().and_then(|extension| extension.to_str());
        if entry.is_dir() {
            if recursive && !entry.is_symlink() {
                found.extend(files(&entry, recursive)?);
            }
        } else if matches!(extension, Some("hcl" | "nomad")) {
            // The folder one is in goes without saying.
            found.push(entry.strip_prefix("./").unwrap_or(&entry).to_owned());
        }
    }
    Ok(found)
}

fn one_file(path: &Path, options: &Options, output: &mut dyn Write) -> io::Result<i32> {
    let name = path.display().to_string();
    let source = match std::fs::read_to_string(path) {
        Ok(source) => source,
        Err(error) => {
            writeln!(output, "{name}: {error}")?;
            return Ok(1);
        }
    };
    let laid_out = match format(&source) {
        Ok(laid_out) => laid_out,
        Err(problems) => {
            write!(output, "{}", report(&problems, &name, &source))?;
            return Ok(1);
        }
    };
    if laid_out == source {
        return Ok(0);
    }
    if options.list {
        writeln!(output, "{name}")?;
    }
    if options.check {
        return Ok(1);
    }
    if options.write
        && let Err(error) = std::fs::write(path, laid_out)
    {
        writeln!(output, "{name}: {error}")?;
        return Ok(1);
    }
    Ok(0)
}

fn standard_input(
    options: &Options,
    input: &mut dyn Read,
    output: &mut dyn Write,
) -> io::Result<i32> {
    if options.paths.len() > 1 {
        let text = "yurt fmt: - stands alone: either standard input or files. Try: yurt help";
        writeln!(output, "{text}")?;
        return Ok(1);
    }
    let mut source = String::new();
    if let Err(error) = input.read_to_string(&mut source) {
        writeln!(output, "<stdin>: {error}")?;
        return Ok(1);
    }
    match format(&source) {
        Ok(laid_out) if options.check => Ok(i32::from(laid_out != source)),
        Ok(laid_out) => write!(output, "{laid_out}").map(|()| 0),
        Err(problems) => {
            write!(output, "{}", report(&problems, "<stdin>", &source))?;
            Ok(1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNTIDY: &str = "job \"a\" {\npriority=50\n}\n";
    const TIDY: &str = "job \"a\" {\n  priority = 50\n}\n";

    /// A folder of this test's own, with files in it.
    fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("yurt-fmt-{}-{name}", std::process::id()));
        for (file, text) in files {
            let path = folder.join(file);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, text).expect("written");
        }
        folder
    }

    fn fmt(words: &[&str], input: &str) -> (i32, String) {
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        let mut output = Vec::new();
        let status = run(&words, &mut input.as_bytes(), &mut output).expect("printed");
        (status, String::from_utf8(output).expect("text"))
    }

    #[test]
    fn standard_input_is_printed() {
        assert_eq!(fmt(&["-"], UNTIDY), (0, TIDY.into()));
        assert_eq!(fmt(&["-check", "-"], UNTIDY), (1, String::new()));
        assert_eq!(fmt(&["-check", "-"], TIDY), (0, String::new()));
        let (status, text) = fmt(&["-"], "job {{\n");
        assert_eq!(status, 1);
        assert!(text.starts_with("Error: ") && text.contains("  on <stdin> line 1:\n   1: job {{"));
    }

    #[test]
    fn files_are_rewritten_and_named() {
        let files = [
            ("a.nomad.hcl", UNTIDY),
            ("b.nomad", TIDY),
            ("c.txt", UNTIDY),
            ("in/d.hcl", UNTIDY),
        ];
        let folder = folder("rewritten", &files);
        let path = folder.display().to_string();
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("read");
        let named = format!("{path}/a.nomad.hcl\n");
        assert_eq!(fmt(&["-check", &path], ""), (1, named.clone()));
        assert_eq!(fmt(&["-write=false", &path], ""), (0, named.clone()));
        assert_eq!(read("a.nomad.hcl"), UNTIDY);
        assert_eq!(fmt(&[&path], ""), (0, named));
        assert_eq!(read("a.nomad.hcl"), TIDY);
        assert_eq!(fmt(&["-check", &path], ""), (0, String::new()));
        let inner = format!("{path}/in/d.hcl\n");
        assert_eq!(fmt(&["-recursive", &path], ""), (0, inner));
        assert_eq!(
            (read("in/d.hcl").as_str(), read("c.txt").as_str()),
            (TIDY, UNTIDY)
        );
        std::fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let folder = folder("broken", &[("a.hcl", "job \"a\" {\n"), ("b.hcl", UNTIDY)]);
        let path = folder.display().to_string();
        let (status, text) = fmt(&["-list=false", &path], "");
        assert_eq!(status, 1);
        assert!(
            text.starts_with("Error: Unclosed configuration block\n\n  on "),
            "{text}"
        );
        let other = std::fs::read_to_string(folder.join("b.hcl")).expect("read");
        assert_eq!(other, TIDY, "the other file is laid out all the same");
        std::fs::remove_dir_all(folder).expect("removed");
        assert_eq!(fmt(&["/nowhere/at/all.hcl"], "").0, 1);
        assert_eq!(
            fmt(&["-fast"], ""),
            (1, "yurt fmt: no flag -fast. Try: yurt help\n".into())
        );
    }
}
