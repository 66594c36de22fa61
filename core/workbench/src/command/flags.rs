//! Flags in the manner of Go: `-detach`, `-group=api`, `-group api`, `--group api`. Flags end at
//! the first word that is none, or at `--`.

use super::words::quote;

/// A flag that a command knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Its name without dashes.
    pub name: &'static str,
    /// It has a value of its own; otherwise it is on or off.
    pub takes_value: bool,
    /// It changes nothing here: taken, so that a line that works against a real cluster works.
    pub is_idle: bool,
}

impl Flag {
    /// The same, but it changes nothing.
    pub const fn idle(self) -> Self {
        Self {
            is_idle: true,
            ..self
        }
    }
}

/// A flag that is on or off.
pub const fn switch(name: &'static str) -> Flag {
    Flag {
        name,
        takes_value: false,
        is_idle: false,
    }
}

/// A flag with a value.
pub const fn valued(name: &'static str) -> Flag {
    Flag {
        name,
        takes_value: true,
        is_idle: false,
    }
}

/// What every command knows beside its own flags.
pub const COMMON: &[Flag] = &[
    valued("namespace"),
    switch("no-color"),
    switch("force-color"),
    // Where the servers are and how to reach them means nothing here.
    valued("address").idle(),
    valued("region").idle(),
    valued("token").idle(),
    valued("ca-cert").idle(),
    valued("ca-path").idle(),
    valued("client-cert").idle(),
    valued("client-key").idle(),
    valued("tls-server-name").idle(),
    switch("tls-skip-verify").idle(),
];

/// What commands of the reference know beside what is emulated: no mistake of who types it.
const ELSEWHERE: &[&str] = &[
    "all-namespaces",
    "c",
    "check-index",
    "filter",
    "json",
    "os",
    "page-token",
    "per-page",
    "quiet",
    "reject-job-registration",
    "self",
    "t",
    "ui",
];

/// A line that does not fit its command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageError {
    /// What is wrong with it.
    pub message: String,
    /// Help was asked for: no error after all.
    pub wants_help: bool,
}

impl UsageError {
    /// A usage error with that message.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            wants_help: false,
        }
    }
}

/// The flags and words of a command line.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Arguments {
    flags: Vec<(&'static str, String)>,
    /// The words after the flags.
    pub words: Vec<String>,
}

impl Arguments {
    /// Reads the words after a command's name.
    pub fn read(flags: &[&[Flag]], words: &[String]) -> Result<Self, UsageError> {
        let mut arguments = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let Some(text) = word.strip_prefix('-').filter(|text| !text.is_empty()) else {
                arguments.words.push(word.clone());
                break;
            };
            if text == "-" {
                break;
            }
            let text = text.strip_prefix('-').unwrap_or(text);
            if text.is_empty() || text.starts_with(['-', '=']) {
                return Err(UsageError::new(format!("bad flag syntax: {word}")));
            }
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name, Some(value.to_string())),
                None => (text, None),
            };
            if matches!(name, "h" | "help") {
                return Err(UsageError {
                    message: String::new(),
                    wants_help: true,
                });
            }
            let flag = flags
                .iter()
                .copied()
                .flatten()
                .find(|flag| flag.name == name);
            let Some(flag) = flag else {
                return Err(UsageError::new(if ELSEWHERE.contains(&name) {
                    format!("-{name} is not emulated here")
                } else {
                    format!("flag provided but not defined: -{name}")
                }));
            };
            let value = if flag.takes_value {
                value
                    .or_else(|| words.next().cloned())
                    .ok_or_else(|| UsageError::new(format!("flag needs an argument: -{name}")))?
            } else {
                let value = value.unwrap_or_else(|| "true".into());
                switch_value(&value)
                    .ok_or_else(|| {
                        UsageError::new(format!(
                            "invalid boolean value {value:?} for -{name}: parse error"
                        ))
                    })?
                    .to_string()
            };
            arguments.flags.push((flag.name, value));
        }
        arguments.words.extend(words.cloned());
        Ok(arguments)
    }

    /// The last value of a flag.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values(name).last()
    }

    /// All values of a flag, in order.
    pub fn values<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let flags = self.flags.iter().filter(move |(flag, _)| *flag == name);
        flags.map(|(_, value)| value.as_str())
    }

    /// The value of a flag as a text of its own.
    pub fn text(&self, name: &str) -> Option<String> {
        self.value(name).map(str::to_string)
    }

    /// All values of a flag as texts.
    pub fn texts(&self, name: &str) -> Vec<String> {
        self.values(name).map(str::to_string).collect()
    }

    /// The value of a flag that takes a whole number; 0 is none.
    pub fn number(&self, name: &str) -> Result<Option<i64>, UsageError> {
        let Some(text) = self.value(name) else {
            return Ok(None);
        };
        let number = text.parse().map_err(|_| {
            let message = format!("invalid value {text:?} for flag -{name}: parse error");
            UsageError::new(message)
        });
        number.map(|number: i64| Some(number).filter(|number| *number != 0))
    }

    /// Whether a switch is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.value(name) == Some("true")
    }

    /// Whether a switch that is on by itself was not switched off.
    pub fn is_on_or_absent(&self, name: &str) -> bool {
        self.value(name) != Some("false")
    }

    /// The flags of the given kinds in the order given, for commands that repeat them.
    pub fn given<'a>(&'a self, names: &[&str]) -> Vec<(&'static str, &'a str)> {
        let flags = self.flags.iter().filter(|(flag, _)| names.contains(flag));
        flags.map(|(flag, value)| (*flag, value.as_str())).collect()
    }

    /// The only word, or the usage error that says which one is wanted.
    pub fn one(self, wanted: &str) -> Result<String, UsageError> {
        let [word] = <[String; 1]>::try_from(self.words)
            .map_err(|_| UsageError::new(format!("This command takes one argument: {wanted}")))?;
        Ok(word)
    }
}

fn switch_value(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// The flags that every command has, as far as they mean something here.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Common {
    /// `-namespace`.
    pub namespace: Option<String>,
    /// `-force-color` is true, `-no-color` false.
    pub colour: Option<bool>,
}

impl Common {
    /// Takes them from the arguments.
    pub fn of(arguments: &Arguments) -> Self {
        Self {
            namespace: arguments.text("namespace"),
            colour: match (arguments.is_on("no-color"), arguments.is_on("force-color")) {
                (_, true) => Some(true),
                (true, false) => Some(false),
                (false, false) => None,
            },
        }
    }

    /// The namespace that is meant.
    pub fn namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or("default")
    }
}

/// Builds the line that a person could type.
pub struct CommandLine(String);

impl CommandLine {
    /// `nomad`, the name, and the common flags.
    pub fn new(name: &str, common: &Common) -> Self {
        let line = Self(format!("nomad {name}"))
            .value("namespace", common.namespace.as_deref())
            .switch("force-color", common.colour == Some(true));
        line.switch("no-color", common.colour == Some(false))
    }

    /// A switch, when it is on.
    pub fn switch(mut self, name: &str, on: bool) -> Self {
        if on {
            self.0.push_str(&format!(" -{name}"));
        }
        self
    }

    /// A switch that is on by itself, when it is off.
    pub fn switched_off(mut self, name: &str, off: bool) -> Self {
        if off {
            self.0.push_str(&format!(" -{name}=false"));
        }
        self
    }

    /// A flag with its value, when there is one.
    pub fn value(mut self, name: &str, value: Option<&str>) -> Self {
        if let Some(value) = value {
            self.0.push_str(&format!(" -{name} {}", quote(value)));
        }
        self
    }

    /// The same for each of several values.
    pub fn values(self, name: &str, values: &[String]) -> Self {
        values
            .iter()
            .fold(self, |line, value| line.value(name, Some(value)))
    }

    /// Words at the end; `--` goes before them when one could be taken for a flag.
    pub fn words<'a>(mut self, words: impl IntoIterator<Item = &'a str>) -> String {
        for (index, word) in words.into_iter().enumerate() {
            if index == 0 && word.len() > 1 && word.starts_with('-') {
                self.0.push_str(" --");
            }
            self.0.push(' ');
            self.0.push_str(&quote(word));
        }
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::words::split;

    const FLAGS: &[Flag] = &[switch("detach"), valued("group"), valued("var")];

    fn read(line: &str) -> Result<Arguments, UsageError> {
        Arguments::read(&[FLAGS, COMMON], &split(line).unwrap())
    }

    #[test]
    fn flags_as_go_reads_them() {
        let got = read("-detach --group=api -var a=1 -var=b=2 x -detach").unwrap();
        assert!(got.is_on("detach"));
        assert_eq!(got.value("group"), Some("api"));
        assert_eq!(got.texts("var"), ["a=1", "b=2"]);
        assert_eq!(got.words, ["x", "-detach"]);
        assert!(!read("-detach=false x").unwrap().is_on("detach"));
        assert_eq!(read("-- -detach").unwrap().words, ["-detach"]);
        assert_eq!(read("- x").unwrap().words, ["-", "x"]);
    }

    #[test]
    fn flags_that_do_not_fit() {
        let cases = [
            ("-nope", "flag provided but not defined: -nope"),
            ("-filter x", "-filter is not emulated here"),
            ("-group", "flag needs an argument: -group"),
            (
                "-detach=perhaps",
                "invalid boolean value \"perhaps\" for -detach: parse error",
            ),
            ("-=x", "bad flag syntax: -=x"),
            ("---x", "bad flag syntax: ---x"),
        ];
        for (line, want) in cases {
            assert_eq!(read(line).unwrap_err().message, want, "{line}");
        }
        assert!(read("-help").unwrap_err().wants_help);
    }
}
