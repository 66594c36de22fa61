//! The form of the corpus: cases and their sections.

/// One case.
pub struct Case {
    /// File it stands in.
    pub file: String,
    /// Its name.
    pub name: String,
    sections: Vec<(String, String)>,
}

/// The cases of a file: `==== name`, then sections that `---- name` opens.
pub fn read(file: &str, text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("==== ") {
            cases.push(Case {
                file: file.to_owned(),
                name: name.to_owned(),
                sections: Vec::new(),
            });
            continue;
        }
        let Some(case) = cases.last_mut() else {
            continue;
        };
        if let Some(name) = line.strip_prefix("---- ") {
            case.sections.push((name.to_owned(), String::new()));
        } else if let Some((_, text)) = case.sections.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    cases
}

impl Case {
    /// The text of a section, without blank lines at its end; `None` when it is absent.
    pub fn section(&self, name: &str) -> Option<&str> {
        let found = self.sections.iter().find(|(each, _)| each == name);
        found.map(|(_, text)| text.trim_end_matches('\n'))
    }

    /// The lines of a section that say something.
    pub fn lines(&self, name: &str) -> impl Iterator<Item = &str> {
        let text = self.section(name).unwrap_or("");
        text.lines().filter(|line| !line.trim().is_empty())
    }

    /// Sections whose name begins so, as the rest of the name and the text.
    pub fn named<'a>(&'a self, start: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.sections.iter().filter_map(move |(name, text)| {
            let rest = name.strip_prefix(start)?;
            Some((rest, text.trim_end_matches('\n')))
        })
    }

    /// The names of the sections.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sections.iter().map(|(name, _)| name.as_str())
    }

    /// The job file: whole, or inside a frame that is named after where the text stands.
    pub fn source(&self) -> String {
        self.source_of("")
    }

    /// The second job file of a case about a change.
    pub fn changed(&self) -> Option<String> {
        self.names()
            .any(|name| name.starts_with("new "))
            .then(|| self.source_of("new "))
    }

    fn source_of(&self, before: &str) -> String {
        let part = |name: &str| self.section(&format!("{before}{name}"));
        if let Some(whole) = part("job") {
            return format!("{whole}\n");
        }
        let inside = |name: &str| part(name).map_or(String::new(), |text| format!("{text}\n"));
        let (top, job) = (inside("in file"), inside("in job"));
        let (group, task) = (inside("in group"), inside("in task"));
        format!(
            "{top}job \"docs\" {{\n{job}group \"api\" {{\n{group}task \"server\" {{\ndriver = \
             \"docker\"\n{task}}}\n}}\n}}\n"
        )
    }
}
