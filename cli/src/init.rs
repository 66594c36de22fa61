//! `yurt init`: writes a job file to begin with, as `nomad job init` does (spec: jobspec 18).

use std::io::{self, ErrorKind, Write};

use crate::args::switch;

/// The file unless another is named.
const FILE: &str = "example.nomad.hcl";

/// The example: short or with explanations, without a service mesh or with one.
fn example(is_short: bool, has_mesh: bool) -> String {
    let mesh = include_str!("init/connect.nomad.hcl");
    match (is_short, has_mesh) {
        (true, false) => include_str!("init/short.nomad.hcl").to_owned(),
        (false, false) => include_str!("init/long.nomad.hcl").to_owned(),
        (true, true) => without_comments(mesh),
        (false, true) => mesh.to_owned(),
    }
}

/// The file without the lines that explain it.
fn without_comments(source: &str) -> String {
    let lines = source.split_inclusive('\n');
    lines
        .filter(|line| !line.trim_start().starts_with('#'))
        .collect()
}

/// Writes the file. The status is 0 when it did.
pub(crate) fn run(words: &[String], output: &mut dyn Write) -> io::Result<i32> {
    let (text, status) = match written(words) {
        Ok(file) => (format!("Example job file written to {file}"), 0),
        Err(text) => (text, 1),
    };
    writeln!(output, "{text}")?;
    Ok(status)
}

fn written(words: &[String]) -> Result<&str, String> {
    let (mut is_short, mut has_mesh) = (false, false);
    let mut files = Vec::new();
    for word in words {
        match switch(word) {
            _ if !files.is_empty() => files.push(word),
            None => files.push(word),
            Some(("short", Some(is_on))) => is_short = is_on,
            Some(("connect", Some(is_on))) => has_mesh = is_on,
            Some(_) => return Err(format!("yurt init: no flag {word}. Try: yurt help")),
        }
    }
    let file = match files.as_slice() {
        [] => FILE,
        [file] => file.as_str(),
        _ => {
            let text = "This command takes either no arguments or one: <filename>";
            return Err(format!("{text}\nTry: yurt help"));
        }
    };
    let made = std::fs::File::create_new(file);
    let written = made.and_then(|mut made| made.write_all(example(is_short, has_mesh).as_bytes()));
    match written {
        Ok(()) => Ok(file),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Err(format!("Job '{file}' already exists"))
        }
        Err(error) => Err(format!("Failed to write '{file}': {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yurt_jobspec::admission::{AdmissionContext, admit};
    use yurt_jobspec::{ParseInput, format, parse};

    fn init(words: &[&str]) -> (i32, String) {
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        let mut output = Vec::new();
        let status = run(&words, &mut output).expect("printed");
        (status, String::from_utf8(output).expect("text"))
    }

    #[test]
    fn a_file_is_written_once() {
        let folder = std::env::temp_dir().join(format!("yurt-init-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join("a.nomad.hcl").display().to_string();
        let done = format!("Example job file written to {file}\n");
        assert_eq!(init(&["-short", &file]), (0, done));
        let there = format!("Job '{file}' already exists\n");
        assert_eq!(init(&[&file]), (1, there));
        let written = std::fs::read_to_string(&file).expect("read");
        assert_eq!(written, example(true, false), "the first stays");
        let (status, text) = init(&[&file, "b"]);
        let refused = "This command takes either no arguments or one: <filename>\n";
        assert!(status == 1 && text.starts_with(refused), "{text}");
        let flag = "yurt init: no flag -long. Try: yurt help\n";
        assert_eq!(init(&["-long"]), (1, flag.into()));
        assert_eq!(init(&["/nowhere/at/all.hcl"]).0, 1);
        std::fs::remove_dir_all(folder).expect("removed");
    }

    /// They are read, laid out and admitted, and say what the specification says of them.
    #[test]
    fn examples_are_good_jobs() {
        for (is_short, has_mesh) in [(true, false), (false, false), (true, true), (false, true)] {
            let source = example(is_short, has_mesh);
            assert_eq!(format::format(&source).as_deref(), Ok(&*source));
            let parsed = parse(&ParseInput {
                file_name: "a",
                source: &source,
                ..ParseInput::default()
            });
            assert_eq!(parsed.diagnostics, []);
            let document = parsed.document.expect("a job");
            let admitted = admit(&document, &AdmissionContext::default()).expect("admitted");
            if has_mesh {
                continue;
            }
            for (path, value) in [
                ("/ID", "\"example\""),
                ("/Type", "\"service\""),
                ("/TaskGroups/0/Name", "\"cache\""),
                ("/TaskGroups/0/Count", "1"),
                ("/TaskGroups/0/EphemeralDisk/SizeMB", "300"),
                ("/TaskGroups/0/Networks/0/DynamicPorts/0/To", "6379"),
                ("/TaskGroups/0/RestartPolicy/Attempts", "2"),
                ("/TaskGroups/0/Tasks/0/Config/image", "\"redis:7\""),
                ("/TaskGroups/0/Tasks/0/Resources/MemoryMB", "256"),
            ] {
                let found = admitted
                    .spec
                    .document
                    .pointer(path)
                    .map(ToString::to_string);
                assert_eq!(found.as_deref(), Some(value), "{path}");
            }
            // Both run the same; the long one also says how it may change and be found.
            let service = document.pointer("/TaskGroups/0/Services/0/Name");
            assert_eq!(service.is_some(), !is_short);
            let deadline = document.pointer("/Update/HealthyDeadline");
            let minutes = deadline.and_then(serde_json::Value::as_i64);
            assert_eq!(minutes, (!is_short).then_some(180_000_000_000));
        }
    }
}
