//! The command line of `yurt` itself.

/// The exit status of a command line that cannot be understood.
pub const USAGE_STATUS: i32 = 2;

/// What `yurt help` prints.
pub const HELP: &str = "\
yurt: a HashiCorp Nomad playground (unofficial, not affiliated with HashiCorp)

  yurt [shell] [WORLD] [--seed N] [--release R]
                                          a shell on a simulated cluster: nomad commands,
                                          clock +30s, fault node-2 down, images, help
  yurt play FILE... [--seed N]            plays transcripts and prints them with our own output
       --world WORLD                      on the cluster of a file: its nodes, what images do
       --check [-v]                       compares with what is recorded; -v shows what differs
       --bless                            writes our own output into the files
  yurt jobspec [-var k=v] [-var-file F] FILE
                                          prints what `nomad job run -output FILE` prints
  yurt fmt [-check] [-list=false] [-write=false] [-recursive] [FILE...|-]
                                          lays job files out as `nomad fmt` does
  yurt init [-short] [-connect] [FILE]    writes a job file to begin with (example.nomad.hcl)
  yurt schedule FILE.jsonl...             runs scheduler recordings and prints our results
  yurt plans FILE                         renders recorded plans: a line of JSON each
  yurt bench [NAME] [--json]              measures what Yurt costs: all, or a family of it
  yurt swarm [--seeds N] [--from S] [--minutes M] [-v]
                                          random worlds and faults; looks for what must never be
       --digests                          prints the digest of each seed
       --coverage                         counts what the walks have met
  yurt help                               prints this

The exit status is the command's own; everything is printed on standard output.
";

/// What a command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// `yurt help`.
    Help,
    /// `yurt play`.
    Play(Play),
    /// `yurt shell`.
    Shell(Shell),
    /// `yurt jobspec`.
    Jobspec(Jobspec),
    /// `yurt schedule`.
    Schedule(Schedule),
    /// `yurt fmt`, with the words after it.
    Fmt(Vec<String>),
    /// `yurt init`, with the words after it.
    Init(Vec<String>),
    /// `yurt plans`, with its file.
    Plans(String),
    /// `yurt bench`.
    Bench(Bench),
    /// `yurt swarm`.
    Swarm(Swarm),
}

/// `yurt play`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Play {
    /// The transcripts.
    pub files: Vec<String>,
    /// Compare with what is recorded.
    pub check: bool,
    /// Show what differs.
    pub verbose: bool,
    /// Write our own output into the files.
    pub bless: bool,
    /// The seed of the world.
    pub seed: Option<u64>,
    /// The file of the world.
    pub world: Option<String>,
}

/// `yurt shell`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Shell {
    /// The file of the world.
    pub world: Option<String>,
    /// The seed of the world.
    pub seed: Option<u64>,
    /// The world's release, as typed.
    pub release: Option<String>,
}

/// `yurt jobspec`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Jobspec {
    /// The words after the name, as `nomad job run -output` takes them.
    pub words: Vec<String>,
}

/// `yurt schedule`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Schedule {
    /// The recordings.
    pub files: Vec<String>,
}

/// `yurt bench`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Bench {
    /// The family to measure; all without it.
    pub name: Option<String>,
    /// Print JSON.
    pub json: bool,
}

/// `yurt swarm`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swarm {
    /// The first seed.
    pub from: u64,
    /// How many seeds.
    pub seeds: u64,
    /// Stop after so many minutes.
    pub minutes: Option<u64>,
    /// Print every event.
    pub verbose: bool,
    /// Print the digest of each seed.
    pub digests: bool,
    /// Print what walks meet, and how often.
    pub coverage: bool,
}

/// Reads a command line, without the program's name. The error is the line to print.
pub fn parse(words: &[String]) -> Result<Request, String> {
    let (first, rest) = match words.split_first() {
        None => return Ok(Request::Shell(Shell::default())),
        Some((first, rest)) => (first.as_str(), rest),
    };
    match first {
        "help" | "-h" | "-help" | "--help" => Ok(Request::Help),
        "play" => play(rest).map(Request::Play),
        "shell" => shell(rest).map(Request::Shell),
        "jobspec" => Ok(Request::Jobspec(Jobspec {
            words: rest.to_vec(),
        })),
        "schedule" if !rest.is_empty() => Ok(Request::Schedule(Schedule {
            files: rest.to_vec(),
        })),
        "schedule" => Err("yurt schedule: say which recordings. Try: yurt help".into()),
        "fmt" => Ok(Request::Fmt(rest.to_vec())),
        "init" => Ok(Request::Init(rest.to_vec())),
        "plans" => match rest {
            [file] => Ok(Request::Plans(file.clone())),
            _ => Err("yurt plans: say which file. Try: yurt help".into()),
        },
        "bench" => bench(rest).map(Request::Bench),
        "swarm" => swarm(rest).map(Request::Swarm),
        _ => Err(format!("yurt: no command {first:?}. Try: yurt help")),
    }
}

/// A switch as Go's flags are written, `-short` or `--short=false`: its name, and whether it is on,
/// `None` when its value is neither; `None` for a word that is no flag.
pub(crate) fn switch(word: &str) -> Option<(&str, Option<bool>)> {
    let flag = word.strip_prefix('-').filter(|flag| !flag.is_empty())?;
    let flag = flag.strip_prefix('-').unwrap_or(flag);
    let (name, value) = flag.split_once('=').unwrap_or((flag, "true"));
    let is_on = match value {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    };
    Some((name, is_on))
}

fn play(words: &[String]) -> Result<Play, String> {
    let mut play = Play::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--check" | "-check" => play.check = true,
            "--bless" | "-bless" => play.bless = true,
            "-v" | "--verbose" => play.verbose = true,
            "--seed" | "-seed" => play.seed = Some(seed("play", words.next())?),
            "--world" | "-world" => {
                let file = words.next().ok_or("yurt play: --world needs a file")?;
                play.world = Some(file.clone());
            }
            flag if flag.starts_with('-') && flag.len() > 1 => {
                return Err(format!("yurt play: no flag {flag}. Try: yurt help"));
            }
            file => play.files.push(file.into()),
        }
    }
    if play.files.is_empty() {
        return Err("yurt play: say which transcripts. Try: yurt help".into());
    }
    if play.check && play.bless {
        return Err("yurt play: --check compares and --bless overwrites; choose one".into());
    }
    Ok(play)
}

fn shell(words: &[String]) -> Result<Shell, String> {
    let mut shell = Shell::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seed" | "-seed" => shell.seed = Some(seed("shell", words.next())?),
            "--release" | "-release" => {
                let name = words
                    .next()
                    .filter(|name| yurt_model::Release::from_name(name).is_some());
                let name = name.ok_or("yurt shell: --release is 2.0 or 0.7")?;
                shell.release = Some(name.clone());
            }
            file if !file.starts_with('-') && shell.world.is_none() => {
                shell.world = Some(file.into());
            }
            other => {
                return Err(format!(
                    "yurt shell: {other:?} is not understood. Try: yurt help"
                ));
            }
        }
    }
    Ok(shell)
}

fn bench(words: &[String]) -> Result<Bench, String> {
    let mut bench = Bench::default();
    for word in words {
        match word.as_str() {
            "--json" | "-json" => bench.json = true,
            name if yurt_bench::FAMILIES.contains(&name) => bench.name = Some(name.into()),
            other => {
                return Err(format!(
                    "yurt bench: nothing is called {other:?}; there are {}",
                    yurt_bench::FAMILIES.join(", ")
                ));
            }
        }
    }
    Ok(bench)
}

fn swarm(words: &[String]) -> Result<Swarm, String> {
    let mut swarm = Swarm {
        from: 0,
        seeds: 1000,
        minutes: None,
        verbose: false,
        digests: false,
        coverage: false,
    };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut number = || {
            let value = words.next().and_then(|value| value.parse().ok());
            value.ok_or_else(|| format!("yurt swarm: {word} needs a whole number"))
        };
        match word.as_str() {
            "--seeds" | "-seeds" => swarm.seeds = number()?,
            "--from" | "-from" => swarm.from = number()?,
            "--minutes" | "-minutes" => swarm.minutes = Some(number()?),
            "--digests" | "-digests" => swarm.digests = true,
            "--coverage" | "-coverage" => swarm.coverage = true,
            "-v" | "--verbose" => swarm.verbose = true,
            other => {
                return Err(format!(
                    "yurt swarm: {other:?} is not understood. Try: yurt help"
                ));
            }
        }
    }
    Ok(swarm)
}

fn seed(command: &str, word: Option<&String>) -> Result<u64, String> {
    word.and_then(|word| word.parse().ok())
        .ok_or_else(|| format!("yurt {command}: --seed needs a whole number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Request, String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_string).collect();
        parse(&words)
    }

    #[test]
    fn command_lines() {
        assert_eq!(read(""), Ok(Request::Shell(Shell::default())));
        assert_eq!(read("help"), Ok(Request::Help));
        let want = Play {
            files: vec!["a".into(), "b".into()],
            check: true,
            seed: Some(7),
            ..Play::default()
        };
        assert_eq!(read("play a --check b --seed 7"), Ok(Request::Play(want)));
        for bad in [
            "dance",
            "play",
            "play --nope a",
            "play a --seed x",
            "shell x y",
            "shell --nope",
            "play a --world",
            "play --check --bless a",
            "plans",
            "bench dance",
            "swarm --seeds",
            "swarm x",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
