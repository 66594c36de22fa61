//! One case against the product.

use serde_json::Value;
use yurt_jobspec::admission::{self, AdmissionContext, Refused, canonical_document};
use yurt_jobspec::assist::with_fixes;
use yurt_jobspec::format::format;
use yurt_jobspec::{ParseInput, Parsed, parse};
use yurt_model::Release;
use yurt_workbench::command;
use yurt_workbench::files::Files;

use super::cases::Case;

type Pairs = Vec<(String, String)>;

/// The sections that a case may have.
const SECTIONS: [&str; 18] = [
    "command",
    "job",
    "in file",
    "in job",
    "in group",
    "in task",
    "var",
    "env",
    "values",
    "expect",
    "canonical",
    "warnings",
    "error",
    "refused",
    "editor",
    "fmt",
    "as json",
    "padded",
];

/// The assignments that a section holds, one a line.
fn pairs(case: &Case, section: &str) -> Pairs {
    let lines = case.lines(section).filter_map(|line| line.split_once('='));
    lines
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The files beside a job file.
fn beside(case: &Case) -> Files {
    let mut files = Files::default();
    for (name, text) in case.named("beside ") {
        files.write(name, format!("{text}\n"));
    }
    files
}

/// What a command line says of the job file `t.hcl`, and of those beside it.
fn commanded(case: &Case, line: &str, source: &str) -> String {
    let mut files = beside(case);
    files.write("t.hcl", source);
    let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    match command::job_output(&words, &files) {
        Ok(_) => String::new(),
        Err(error) => {
            let lines: Vec<String> = error.document.iter().map(|line| line.text()).collect();
            lines.join("\n")
        }
    }
}

/// Reads a job file with the case's variables.
pub fn read(case: &Case, source: &str) -> Parsed {
    let files: Pairs = case
        .named("file ")
        .map(|(name, text)| (name.to_owned(), format!("{text}\n")))
        .collect();
    let beside = beside(case);
    parse(&ParseInput {
        file_name: "t.hcl",
        source,
        variables: &pairs(case, "var"),
        variable_files: &files,
        environment: &pairs(case, "env"),
        path_functions: Some(&beside),
        lenient: case.section("lenient").is_some(),
    })
}

fn context() -> AdmissionContext {
    AdmissionContext {
        release: Release::V2_0,
        namespaces: Some(vec!["default".into()]),
        node_pools: Some(vec!["default".into(), "all".into()]),
        ..AdmissionContext::default()
    }
}

/// The job file of a case; values become members of `config`.
pub fn source(case: &Case) -> String {
    let mut source = written(case);
    let padding = case.section("padded").map_or(Ok(0), str::parse::<usize>);
    if let Some(missing) = padding.unwrap_or(0).checked_sub(source.len() + 1)
        && missing > 0
    {
        source += &format!("{}\n", "#".repeat(missing));
    }
    source
}

fn written(case: &Case) -> String {
    let Some(values) = case.section("values") else {
        return case.source();
    };
    let members = values.lines().filter_map(|line| line.rsplit_once(" => "));
    let members = members
        .enumerate()
        .map(|(n, (text, _))| format!("v{n} = {text}\n"));
    let config: String = members.collect();
    let locals = case.section("in file").unwrap_or("");
    format!(
        "{locals}\njob \"docs\" {{\ntask \"server\" {{\ndriver = \"docker\"\nconfig \
         {{\n{config}}}\n}}\n}}\n"
    )
}

/// What differs from the case's expectations.
pub fn case(case: &Case) -> Vec<String> {
    let mut wrong = Vec::new();
    for name in case.names() {
        let other = ["file ", "beside ", "new ", "diff", "lenient", "pending"];
        if !SECTIONS.contains(&name) && !other.iter().any(|start| name.starts_with(start)) {
            wrong.push(format!("there is no section called {name}"));
        }
    }
    let source = source(case);
    if let Some(line) = case.section("command") {
        let want = case.section("error").unwrap_or("");
        same("error", want, &commanded(case, line, &source), &mut wrong);
        return wrong;
    }
    let parsed = read(case, &source);
    errors(case, &source, &parsed, &mut wrong);
    if let Some(want) = case.section("fmt") {
        let got = format(&source).unwrap_or_default();
        same("fmt", want, got.trim_end_matches('\n'), &mut wrong);
    }
    let Some(document) = &parsed.document else {
        return wrong;
    };
    values(case, document, &mut wrong);
    for line in case.lines("expect") {
        assertion(document, line, &mut wrong);
    }
    round_trips(case, &source, document, &mut wrong);
    let document = &as_json(case, document, &mut wrong);
    admitted(case, &source, &parsed, document, &mut wrong);
    if let Some(changed) = case.changed() {
        difference(case, document, &changed, &mut wrong);
    }
    wrong
}

fn same(what: &str, want: &str, got: &str, wrong: &mut Vec<String>) {
    if want != got {
        wrong.push(format!("{what}\n--- wanted\n{want}\n--- got\n{got}\n---"));
    }
}

fn errors(case: &Case, source: &str, parsed: &Parsed, wrong: &mut Vec<String>) {
    let want = case.section("error").unwrap_or("");
    let got = yurt_jobspec::render(&parsed.diagnostics);
    same("error", want, &got, wrong);
    if parsed.document.is_none() && want.is_empty() {
        wrong.push("the file was not read".into());
    }
    if parsed.document.is_none() {
        let fixed = with_fixes(parsed.diagnostics.clone(), source);
        editor(case, source, &fixed, wrong);
    }
}

/// `at "span"` of the first problem, and `fix` with the line that its change leaves.
fn editor(
    case: &Case,
    source: &str,
    diagnostics: &[yurt_jobspec::Diagnostic],
    wrong: &mut Vec<String>,
) {
    let Some(want) = case.section("editor") else {
        return;
    };
    let mut got = Vec::new();
    for each in diagnostics {
        let span = each
            .range
            .map(|range| &source[range.start.byte..range.end.byte]);
        got.push(format!("at {:?}", span.unwrap_or("")));
        if let Some(fix) = &each.fix {
            let mut text = source.to_owned();
            text.replace_range(fix.start_byte..fix.end_byte, &fix.replacement);
            let start = text[..fix.start_byte].rfind('\n').map_or(0, |at| at + 1);
            let end = fix.start_byte + fix.replacement.len();
            let end = text[end..].find('\n').map_or(text.len(), |at| end + at);
            got.push(format!("fix {}", text[start..end].trim()));
        }
    }
    same("editor", want, &got.join("\n"), wrong);
}

fn values(case: &Case, document: &Value, wrong: &mut Vec<String>) {
    let config = &document["TaskGroups"][0]["Tasks"][0]["Config"];
    let lines = case.section("values").unwrap_or("").lines();
    for (n, (text, want)) in lines
        .filter_map(|line| line.rsplit_once(" => "))
        .enumerate()
    {
        let got = &config[format!("v{n}")];
        match serde_json::from_str::<Value>(want) {
            Ok(want) if want == *got => {}
            Ok(_) => wrong.push(format!("{text} is {got}, not {want}")),
            Err(error) => wrong.push(format!("{want}: {error}")),
        }
    }
}

/// The member that a path such as `TaskGroups[0].Meta["a.b"]` leads to; `G` is the first group,
/// `T` its first task.
fn member<'v>(document: &'v Value, path: &str) -> Option<&'v Value> {
    let mut value = document;
    for step in steps(path) {
        value = match step.parse::<usize>() {
            Ok(index) if value.is_array() => value.get(index)?,
            _ => value.get(&step)?,
        };
    }
    Some(value)
}

/// The steps of a path.
pub fn steps(path: &str) -> Vec<String> {
    let whole = match path.split_once('.') {
        Some(("G", rest)) => format!("TaskGroups[0].{rest}"),
        Some(("T", rest)) => format!("TaskGroups[0].Tasks[0].{rest}"),
        _ => path.to_owned(),
    };
    let (mut steps, mut step, mut quoted) = (Vec::new(), String::new(), false);
    for letter in whole.chars() {
        match letter {
            '"' => quoted = !quoted,
            '.' | '[' | ']' if !quoted => {
                if !step.is_empty() {
                    steps.push(std::mem::take(&mut step));
                }
            }
            _ => step.push(letter),
        }
    }
    steps.extend(Some(step).filter(|step| !step.is_empty()));
    steps
}

fn assertion(document: &Value, line: &str, wrong: &mut Vec<String>) {
    if let Some(path) = line.strip_prefix("absent ") {
        if let Some(value) = member(document, path) {
            wrong.push(format!("{path} is {value}"));
        }
        return;
    }
    let Some((path, want)) = line.split_once(" = ") else {
        return wrong.push(format!("{line} is no assertion"));
    };
    let got = member(document, path);
    match serde_json::from_str::<Value>(want) {
        Ok(want) if got == Some(&want) => {}
        Ok(_) => {
            let got = got.map_or("absent".into(), Value::to_string);
            wrong.push(format!("{path} is {got}, not {want}"));
        }
        Err(error) => wrong.push(format!("{line}: {error}")),
    }
}

/// Laying out keeps the meaning, and the printed JSON gives the same canonical job.
fn round_trips(case: &Case, source: &str, document: &Value, wrong: &mut Vec<String>) {
    if !source.trim_start_matches('\u{feff}').starts_with('{') {
        let laid_out = format(source).unwrap_or_default();
        if read(case, &laid_out).document.as_ref() != Some(document) {
            wrong.push("laid out, it is another job".into());
        }
        if format(&laid_out).as_ref() != Ok(&laid_out) {
            wrong.push("laid out twice, it looks different".into());
        }
    }
    let printed = yurt_jobspec::json_output::job(document);
    let back: Value = serde_json::from_str(&printed).unwrap_or_default();
    let ours = canonical_document(document, Release::V2_0).ok();
    if canonical_document(&back["Job"], Release::V2_0).ok() != ours {
        wrong.push("printed and read again, it is another job".into());
    }
}

/// The job as somebody sends it who writes the API's JSON: what only JSON can say is set.
fn as_json(case: &Case, document: &Value, wrong: &mut Vec<String>) -> Value {
    let mut document = document.clone();
    for line in case.lines("as json") {
        let Some((path, text)) = line.split_once(" = ") else {
            wrong.push(format!("{line} sets nothing"));
            continue;
        };
        match serde_json::from_str(text) {
            Ok(value) => set(&mut document, &steps(path), value),
            Err(error) => wrong.push(format!("{line}: {error}")),
        }
    }
    document
}

fn set(document: &mut Value, steps: &[String], value: Value) {
    let Some((step, rest)) = steps.split_first() else {
        *document = value;
        return;
    };
    let slot = match step.parse::<usize>() {
        Ok(index) if document.is_array() => &mut document[index],
        _ => &mut document[step.as_str()],
    };
    set(slot, rest, value);
}

fn admitted(case: &Case, source: &str, parsed: &Parsed, document: &Value, wrong: &mut Vec<String>) {
    if let Some(job) = case
        .section("canonical")
        .map(|_| canonical_document(document, Release::V2_0))
    {
        let job = job.unwrap_or_default();
        for line in case.lines("canonical") {
            assertion(&job, line, wrong);
        }
    }
    let answer = admission::admit(document, &context());
    if case.section("refused").is_some() || case.section("warnings").is_some() {
        refusal(case, answer.as_ref().err(), wrong);
    }
    let mut warnings = match &answer {
        Ok(admitted) => admitted.warnings.clone(),
        Err(refused) => refused.warnings.clone(),
    };
    if case.section("padded").is_some() {
        warnings.extend(admission::source_warning(source.len()));
    }
    if let Some(want) = case.section("warnings") {
        let got = admission::warnings_text(&warnings);
        same("warnings", want, got.trim_end(), wrong);
    }
    if let (Err(refused), Some(_)) = (&answer, case.section("editor")) {
        let found = admission::diagnostics(refused, "t.hcl", source, &parsed.spans);
        let errors: Vec<_> = found
            .into_iter()
            .filter(|each| each.severity == yurt_jobspec::Severity::Error)
            .collect();
        editor(case, source, &with_fixes(errors, source), wrong);
    }
}

fn refusal(case: &Case, refused: Option<&Refused>, wrong: &mut Vec<String>) {
    let lines = case.lines("refused").map(|line| line.replace("\\0", "\0"));
    let lines: Vec<String> = lines.collect();
    let want = match lines.is_empty() {
        true => String::new(),
        false => nested(
            &lines
                .iter()
                .map(|line| line.split(" | ").collect())
                .collect::<Vec<_>>(),
        ),
    };
    let got = refused.map_or(String::new(), ToString::to_string);
    same("refused", &want, &got, wrong);
}

/// A list of errors as servers print it (spec: jobspec 15.1): each line is a way through the
/// headings to an error; `group` and `task` stand for the headings of the frame.
fn nested(ways: &[Vec<&str>]) -> String {
    let mut bullets = Vec::new();
    let mut rest = ways;
    while let Some(first) = rest.first() {
        if first.len() == 1 {
            bullets.push(first[0].to_owned());
            rest = &rest[1..];
            continue;
        }
        let alike = rest
            .iter()
            .take_while(|way| way.len() > 1 && way[0] == first[0]);
        let (inside, others) = rest.split_at(alike.count());
        rest = others;
        let heading = match first[0] {
            "-" => String::new(),
            "group" => "Task group api validation failed: ".into(),
            "task" => "Task server validation failed: ".into(),
            other => format!("{other}: "),
        };
        let inner: Vec<Vec<&str>> = inside.iter().map(|way| way[1..].to_vec()).collect();
        bullets.push(format!("{heading}{}", nested(&inner)));
    }
    let heading = match bullets.len() {
        1 => "1 error occurred:".to_owned(),
        n => format!("{n} errors occurred:"),
    };
    let bullets: Vec<String> = bullets.iter().map(|text| format!("\t* {text}")).collect();
    format!("{heading}\n{}\n\n", bullets.join("\n"))
}

fn difference(case: &Case, old: &Value, changed: &str, wrong: &mut Vec<String>) {
    let new = read(case, changed).document.unwrap_or_default();
    let admit = |document: &Value| {
        admission::admit(document, &context()).map(|admitted| admitted.spec.document.clone())
    };
    let (Ok(old), Ok(new)) = (admit(old), admit(&new)) else {
        return wrong.push("one of the two jobs is refused".into());
    };
    let mut difference = match yurt_diff::diff(Some(&old), Some(&new), true) {
        Ok(difference) => difference,
        Err(error) => return wrong.push(error),
    };
    yurt_diff::annotate(&mut difference, None);
    let text = yurt_workbench::plan_text::diff_document(&difference, false).text();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let want = case.section("diff").unwrap_or("");
    same("diff", want, lines.join("\n").trim_end(), wrong);
}
