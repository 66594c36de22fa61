//! The `yurt` command as a library, so that tests can call it in process.
//!
//! Belongs here: files, standard input, a terminal. Not here: what anything means (that is in the
//! crates of `core`).

pub mod args;
mod bench;
mod disk;
mod fmt;
mod init;
mod jobspec;
mod paint;
mod plans;
mod play;
pub mod schedule;
mod shell;
mod swarm;
mod world;

use std::io::{Read, Write};

use args::Request;

/// Does what a command line asks for and answers with the exit status.
pub fn run(words: &[String], input: &mut dyn Read, output: &mut dyn Write) -> i32 {
    let done = match args::parse(words) {
        Ok(Request::Help) => write!(output, "{}", args::HELP).map(|()| 0),
        Ok(Request::Play(options)) => play::run(&options, output),
        Ok(Request::Shell(options)) => shell::run(&options, input, output),
        Ok(Request::Jobspec(options)) => jobspec::run(&options, output),
        Ok(Request::Schedule(options)) => schedule::run(&options, output),
        Ok(Request::Fmt(words)) => fmt::run(&words, input, output),
        Ok(Request::Init(words)) => init::run(&words, output),
        Ok(Request::Plans(file)) => plans::run(&file, output),
        Ok(Request::Bench(options)) => bench::run(&options, output),
        Ok(Request::Swarm(options)) => swarm::run(&options, output),
        Err(text) => writeln!(output, "{text}").map(|()| args::USAGE_STATUS),
    };
    // Nobody reads any more: nothing is left to say, and it is no failure of ours.
    done.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yurt(words: &[&str], input: &str) -> (i32, String) {
        let words: Vec<String> = words.iter().map(|word| (*word).to_string()).collect();
        let mut output = Vec::new();
        let status = run(&words, &mut input.as_bytes(), &mut output);
        (status, String::from_utf8(output).expect("text"))
    }

    const JOB: &str = "job \"docs\" {\n  group \"api\" {\n    task \"t\" {\n      \
                       driver = \"docker\"\n      config {\n        image = \"x:1\"\n      }\n    \
                       }\n  }\n}\n";

    /// A folder of this test's own, with the job file in it.
    fn folder(name: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("yurt-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("docs.hcl"), JOB).expect("a file");
        folder
    }

    #[test]
    fn a_script_in_the_shell() {
        let folder = folder("shell");
        let path = folder.join("docs.hcl");
        let path = path.display();
        let script = format!(
            "# a comment\nnomad job run {path}\nclock +30s\nfault node-9 down\nimages\n\
             nomad job status docs\nexit\nnomad job status\n"
        );
        let (status, text) = yurt(&["shell"], &script);
        assert_eq!(status, 0, "{text}");
        assert!(text.contains("Monitoring deployment"), "{text}");
        assert!(
            text.contains("fault: there is no node \"node-9\""),
            "{text}"
        );
        assert!(text.contains("-crash"), "{text}");
        assert!(
            text.contains("Description = Deployment completed successfully"),
            "{text}"
        );
        assert!(
            !text.contains('\u{1b}'),
            "no colours where there is no terminal"
        );
        let (status, _) = yurt(&[], "nomad job status nope\n");
        assert_eq!(status, 1, "the status is the last command's");
        std::fs::remove_dir_all(folder).expect("it was made");
    }

    /// What the shell cannot do is told: what, and what to do instead.
    #[test]
    fn a_shell_that_is_mistyped_at() {
        let wanted = "there are:";
        for (line, said) in [
            (
                "clock +5d",
                "clock: \"+5d\" is no length of time that can pass.",
            ),
            (
                "clock -5s",
                "clock: \"-5s\" is no length of time that can pass.",
            ),
            ("clock 2 s", wanted),
            (
                "clock +2562047h",
                "clock: time ends here; it goes no further",
            ),
            (
                "fault node-1 explode",
                "fault: \"explode\" is none of down, up and cut",
            ),
            ("fault node-1", wanted),
            ("join", wanted),
            ("join nowhere.hcl", "join: nowhere.hcl: No such file"),
        ] {
            let (status, text) = yurt(&["shell"], line);
            assert_eq!(status, 1, "{line}: {text}");
            assert!(
                text.to_lowercase().contains(&said.to_lowercase()),
                "{line}: {text}"
            );
        }
    }

    /// What is no text is told, and the rest of the script is read.
    #[test]
    fn a_script_with_bytes_that_are_no_text() {
        let words = ["shell".to_string()];
        let (mut input, mut output) = (&b"nomad \xff\nclock\r\n"[..], Vec::new());
        assert_eq!(run(&words, &mut input, &mut output), 127);
        let text = String::from_utf8(output).expect("text");
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[0].contains("is not emulated here"), "{text}");
        assert_eq!(lines[1..], ["2026-01-05T09:00:00Z"]);
    }

    /// A story that does not happen as it says fails, with the step; its output can be played.
    #[test]
    fn a_transcript_whose_steps_do_not_come_true() {
        let folder = folder("untrue");
        let file = folder.join("a.transcript").display().to_string();
        for (steps, said) in [
            ("node-down node-9\n", "did not come true: node-down node-9"),
            (
                "edit docs.hcl | x:1 | x:2\n",
                "did not come true: edit docs.hcl | x:1 | x:2",
            ),
            (
                "wait job docs running\n",
                "did not come true: wait job docs running",
            ),
            (
                "file docs.hcl\njob\n",
                "line 1: no line EOF ends the file docs.hcl",
            ),
            ("= 0\n", "line 1: not a step of a transcript: = 0"),
        ] {
            std::fs::write(&file, steps).expect("a file");
            for flags in [&["play"][..], &["play", "--check"]] {
                let (status, text) = yurt(&[flags, &[file.as_str()]].concat(), "");
                assert_eq!(status, 1, "{steps}: {text}");
                assert!(text.contains(said), "{steps}: {text}");
            }
        }
        std::fs::remove_dir_all(folder).expect("it was made");
    }

    /// Nodes of one's own, more of them while it runs, and one that is cut off.
    #[test]
    fn a_shell_on_a_world_of_its_own() {
        let folder = folder("world");
        let at = |name: &str| folder.join(name).display().to_string();
        std::fs::write(at("few.hcl"), "node \"a\" {}\n").expect("a file");
        std::fs::write(at("more.hcl"), "node \"b\" {\n  count = 2\n}\n").expect("a file");
        std::fs::write(at("wrong.hcl"), "node \"a\" {\n  cpu = 4\n}\n").expect("a file");
        let (more, wrong) = (at("more.hcl"), at("wrong.hcl"));
        let script = format!(
            "nomad node status\njoin {more}\njoin {wrong}\nfault b-1 cut\nclock +30s\n\
             nomad node status\n"
        );
        let (status, text) = yurt(&["shell", &at("few.hcl")], &script);
        assert_eq!(status, 0, "{text}");
        let has = |row: &[&str]| {
            let mut rows = text
                .lines()
                .map(|line| line.split_whitespace().collect::<Vec<_>>());
            rows.any(|found| row.iter().all(|word| found.contains(word)))
        };
        assert!(
            has(&["a", "ready"]) && has(&["b-2", "ready"]) && has(&["b-1", "down"]),
            "{text}"
        );
        assert!(text.contains("2 nodes have joined"), "{text}");
        let said = "wrong.hcl:2,3-6: Unsupported argument; A node has no argument named \"cpu\".";
        assert!(text.contains(said), "{text}");
        let (status, text) = yurt(&["shell", &wrong], "nomad node status\n");
        assert_eq!((status, text.lines().count()), (1, 1), "{text}");
        std::fs::remove_dir_all(folder).expect("it was made");
    }

    #[test]
    fn transcripts_are_played_blessed_and_checked() {
        let folder = folder("play");
        let file = folder.join("a.transcript");
        let name = file.display().to_string();
        let scenario = format!(
            "# A title\nfile docs.hcl\n{JOB}EOF\n$ nomad job run -detach docs.hcl\n| wrong\n= 0\n\
             wait deployment docs successful\n$ nomad job status nope\n= 0\n"
        );
        std::fs::write(&file, &scenario).expect("a file");
        let (status, text) = yurt(&["play", "--check", &name], "");
        assert_eq!(
            (status, text.as_str()),
            (1, "a.transcript: 0/2\ntotal: 0/2 commands agree\n")
        );
        let (_, text) = yurt(&["play", "--check", "-v", &name], "");
        assert!(text.contains("\n-wrong\n"), "{text}");
        let (status, played) = yurt(&["play", &name], "");
        assert_eq!(status, 0);
        assert!(
            played.contains("| Job registration successful\n"),
            "{played}"
        );
        assert_eq!(
            std::fs::read_to_string(&file).expect("there"),
            scenario,
            "it was only read"
        );
        assert_eq!(yurt(&["play", "--bless", &name], "").0, 0);
        assert_eq!(std::fs::read_to_string(&file).expect("there"), played);
        let (status, text) = yurt(&["play", "--check", &name], "");
        assert_eq!(
            (status, text.as_str()),
            (0, "a.transcript: 2/2\ntotal: 2/2 commands agree\n")
        );
        std::fs::remove_dir_all(folder).expect("it was made");
    }

    #[test]
    fn a_job_file_as_json() {
        let folder = folder("jobspec");
        let path = folder.join("docs.hcl").display().to_string();
        let (status, text) = yurt(&["jobspec", &path], "");
        assert_eq!(status, 0);
        assert!(
            text.starts_with("{\n    \"Job\": {\n        \"Region\": null,\n"),
            "{text}"
        );
        let (status, text) = yurt(&["jobspec", "missing.hcl"], "");
        assert_eq!(status, 1);
        assert!(
            text.starts_with("Error getting job struct: Error getting jobfile"),
            "{text}"
        );
        std::fs::remove_dir_all(folder).expect("it was made");
    }

    #[test]
    fn what_is_not_understood() {
        assert_eq!(
            yurt(&["dance"], ""),
            (2, "yurt: no command \"dance\". Try: yurt help\n".into())
        );
        assert_eq!(yurt(&["help"], "").0, 0);
        let (status, text) = yurt(&["play", "/nowhere/a.transcript"], "");
        assert_eq!(status, 1);
        assert!(text.starts_with("/nowhere/a.transcript: "), "{text}");
    }
}
