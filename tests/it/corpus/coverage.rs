//! What the corpus leaves out.

use std::collections::BTreeSet;

use yurt_jobspec::schema::{BlockSchema, FieldSchema, JOB};

use super::cases::Case;
use super::check::{source, steps};

/// How many cases there are at least.
pub const CASES: usize = 300;

/// Errors and warnings by the specification's numbers, with what is fixed in their texts.
const CATALOGUE: &str = include_str!("../../corpus/catalogue.txt");
/// What the corpus leaves out, and why; it may only shrink.
const UNCOVERED: &str = include_str!("../../corpus/uncovered.txt");

/// The names that have a reason to be left out.
pub fn excused() -> BTreeSet<String> {
    let names = UNCOVERED.lines().filter_map(|line| line.split(' ').next());
    names.map(str::to_owned).collect()
}

/// Blocks, attributes, functions and texts that no case uses.
pub fn missing(cases: &[Case]) -> Vec<String> {
    let mut sources = BTreeSet::new();
    let mut asserted = BTreeSet::new();
    let mut called = BTreeSet::new();
    for case in cases.iter().filter(|case| case.section("error").is_none()) {
        let text = source(case);
        let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        sources.extend(words.map(str::to_owned));
        called.extend(calls(case.section("values").unwrap_or("")));
        for line in case.lines("expect").chain(case.lines("canonical")) {
            if let Some((path, _)) = line.split_once(" = ") {
                mark(&JOB, &steps(path), &mut asserted);
            }
        }
    }
    let mut missing = Vec::new();
    let mut seen = BTreeSet::new();
    fields(&JOB, &mut seen, &mut |block, field| {
        let (name, key) = (field.name, (block.name, field.api_name));
        let plain = !field.api_name.is_empty();
        if !sources.contains(name) || (plain && !asserted.contains(&key)) {
            missing.push(format!("{}.{name}", block.name));
        }
    });
    missing.extend(unprovoked(cases));
    for function in yurt_jobspec::functions::all() {
        if !called.contains(function.name) {
            missing.push(format!("{}()", function.name));
        }
    }
    missing
}

/// Entries of the catalogue whose text no case expects. What admission says needs a case of its
/// own, called by its number: many texts occur in another's.
fn unprovoked(cases: &[Case]) -> impl Iterator<Item = String> {
    let sections = ["error", "refused", "warnings"];
    let expected = cases.iter().map(|case| {
        let texts: Vec<&str> = sections.iter().filter_map(|s| case.section(s)).collect();
        let number = case.name.split(' ').next().unwrap_or("");
        (number.to_owned(), texts.join("\n"))
    });
    let expected: Vec<(String, String)> = expected.collect();
    CATALOGUE.lines().filter_map(move |line| {
        let (number, text) = line.split_once(' ')?;
        let needs_own = number.starts_with(|first: char| first == 'W' || first.is_ascii_digit());
        let there = expected.iter().any(|(own, expected)| {
            (!needs_own || own == number) && text.split(" … ").all(|part| expected.contains(part))
        });
        (!there).then(|| number.to_owned())
    })
}

/// Names in front of an opening parenthesis.
fn calls(text: &str) -> impl Iterator<Item = String> {
    let pieces: Vec<&str> = text.split('(').collect();
    let names = pieces.into_iter().map(|piece| {
        let start = piece.rfind(|letter: char| !letter.is_alphanumeric() && letter != '_');
        piece[start.map_or(0, |at| at + 1)..].to_owned()
    });
    names.collect::<Vec<_>>().into_iter()
}

/// Marks the fields on the way of an assertion.
fn mark(
    block: &'static BlockSchema,
    steps: &[String],
    asserted: &mut BTreeSet<(&'static str, &'static str)>,
) {
    let Some((step, mut rest)) = steps.split_first() else {
        return;
    };
    let Some(field) = block.api_field(step) else {
        return;
    };
    asserted.insert((block.name, field.api_name));
    if rest.is_empty() {
        return;
    }
    let Some(inner) = field.block() else {
        return;
    };
    let listed = inner.api_field(&rest[0]).is_none();
    if listed {
        rest = &rest[1..];
    }
    mark(inner, rest, asserted);
}

/// Every field that a job file can write, once per block.
fn fields(
    block: &'static BlockSchema,
    seen: &mut BTreeSet<*const BlockSchema>,
    each: &mut dyn FnMut(&'static BlockSchema, &'static FieldSchema),
) {
    if !seen.insert(block) {
        return;
    }
    for field in block.fields.iter().filter(|field| !field.name.is_empty()) {
        each(block, field);
        if let Some(inner) = field.block() {
            fields(inner, seen, each);
        }
    }
}
