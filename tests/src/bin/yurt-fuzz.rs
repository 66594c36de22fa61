//! Throws damaged job files at the whole front end and looks at what comes back.
//!
//! Belongs here: making the damage, the walk through every stage, and what must hold after it: no
//! panic, bounded time and memory, ranges inside the text, a layout that is its own layout. Run it
//! by `cargo xtask fuzz`; the same seed gives the same inputs. May import: the crates of `core`.
//!
//! The walk runs on a stack of one megabyte, which is what WebAssembly has.

#![allow(unsafe_code, reason = "an allocator that counts")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use serde_json::Value;
use yurt_jobspec::admission::{self, AdmissionContext, admit};
use yurt_jobspec::{ParseInput, Parsed, Range, assist, format, parse, render, syntax};
use yurt_model::Rng;

/// The system's allocator, counting.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is the system allocator's; the counters do not touch the memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(held, Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Longest that one input may take.
const TIME_MAX: Duration = Duration::from_secs(1);
/// Most memory that one input of less than `SMALL` bytes may take, in bytes.
const MEMORY_MAX: usize = 64 << 20;
/// Inputs below this many bytes are held to `MEMORY_MAX`.
const SMALL: usize = 64 << 10;
/// The stack of the walk, in bytes.
const STACK: usize = 1 << 20;

/// Job files that were recorded, good and bad.
const RECORDED: &str = include_str!("../../reference/jobspec/run-output.jsonl");

/// What is put between tokens.
const PIECES: [&str; 56] = [
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "${",
    "%{",
    "}\n",
    "=",
    ",",
    "\n",
    "<<EOT\n",
    "<<-EOT\n",
    "\nEOT\n",
    "?",
    ":",
    ".",
    "...",
    "[*]",
    ".*",
    "-",
    "!",
    "*",
    "/",
    "%",
    "&&",
    "||",
    "==",
    "=>",
    "for x in ",
    "if ",
    "%{ if true }",
    "%{ endif }",
    "%{ for x in [1] }",
    "%{ endfor }",
    "~",
    "#",
    "/*",
    "*/",
    "é",
    "👩‍👩‍👧",
    "e\u{301}",
    "\t",
    "\r",
    "\r\n",
    "\u{feff}",
    "\u{0}",
    "1e999",
    "-1e-999",
    "99999999999999999999",
    "null",
    "true",
    "var.x",
    "local.x",
];

/// Expressions that grow, nest or fail.
const EXPRESSIONS: [&str; 44] = [
    "range(100000000)",
    "range(0, 1e9, 1e-9)",
    "[for x in range(1000) : range(1000)]",
    "setproduct(range(500), range(500), range(500))",
    "format(\"%999999999d\", 1)",
    "format(\"%.999999999f\", 1)",
    "join(\"x\", range(1000))",
    "indent(999999999, \"a\\nb\")",
    "jsondecode(\"[[[[[[1]]]]]]\")",
    "yamldecode(\"a: &a [*a]\")",
    "yamldecode(\"- - - - -\")",
    "regex_replace(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", \"(a*)*b\", \"x\")",
    "regex_replace(\"a\", \"((a{1,1000}){1,1000}){1,1000}\", \"\")",
    "bcrypt(\"a\", 31)",
    "chunklist(range(1000), 1)",
    "substr(\"héé\", -99, 99999999999)",
    "pow(10, 1000)",
    "pow(99, 99999)",
    "parseint(\"zz\", 36)",
    "log(0, 0)",
    "1 / 0",
    "0 / 0",
    "1e4932 * 1e4932",
    "cidrsubnets(\"10.0.0.0/8\", 24, 24)",
    "cidrhost(\"::/0\", -1)",
    "csvdecode(\"a,b\\n1,2\\n\")",
    "formatdate(\"YYYY\", \"x\")",
    "timeadd(\"2020-01-01T00:00:00Z\", \"99999999h\")",
    "flatten([[[[1]]]])",
    "zipmap([\"a\"], [1])",
    "merge({}, {a = 1})",
    "uuidv5(\"dns\", \"x\")",
    "base64decode(\"////\")",
    "jsonencode({a = [null]})",
    "yamlencode({a = \"\\n\"})",
    "element([], 0)",
    "slice([1], 1, 0)",
    "replace(\"aaaa\", \"\", \"bbbb\")",
    "title(\"ß\")",
    "try(local.a, local.b)",
    "convert(\"3\", number)",
    "formatlist(\"%s\", range(1000))",
    "split(\"\", \"aé\")",
    "{for x in range(1000) : x => {for y in range(1000) : y => y}}",
];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (mut seconds, mut seed, mut only) = (5, 1, None);
    while let Some(argument) = arguments.next() {
        let number = arguments.next().and_then(|text| text.parse::<u64>().ok());
        match (argument.as_str(), number) {
            ("--seconds", Some(number)) => seconds = number,
            ("--seed", Some(number)) => seed = number,
            ("--only", Some(number)) => only = Some(number),
            _ => {
                eprintln!("yurt-fuzz [--seconds N] [--seed S] [--only NUMBER]");
                std::process::exit(2);
            }
        }
    }
    let walk = move || fuzz(Duration::from_secs(seconds), seed, only);
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(walk);
    let passed = thread.expect("a thread").join().unwrap_or(false);
    std::process::exit(i32::from(!passed));
}

/// Runs until the time is up or something is found; true when nothing was.
fn fuzz(time: Duration, seed: u64, only: Option<u64>) -> bool {
    let corpus = corpus();
    let context = AdmissionContext::default();
    let admitted = |text: &String| {
        let admitted = admit(&read(text).document?, &context).ok()?;
        Some(admitted.spec.document.clone())
    };
    let before: Vec<Option<Value>> = corpus.iter().map(admitted).collect();
    let folder = PathBuf::from("target/fuzz");
    // An overflowing stack ends the process: what ran last is read from here.
    let _ = std::fs::create_dir_all(&folder);
    std::panic::set_hook(Box::new(|panic| {
        if let Some(place) = panic.location() {
            println!("{place}");
        }
    }));
    let start = Instant::now();
    let (mut number, mut worst, mut most, mut accepted) = (only.unwrap_or(0), 0.0_f64, 0, 0_u64);
    let first = number;
    let mut slowest = number;
    while number == first || (only.is_none() && start.elapsed() < time) {
        let mut rng = Rng::new(seed).child("input", number);
        let which = pick(&mut rng, corpus.len());
        let original = &corpus[which];
        let bytes = damaged(&mut rng, original, &corpus);
        let cursor = pick(&mut rng, bytes.len() + 1);
        let _ = std::fs::write(folder.join("current"), format!("{seed} {number}\n"));
        if only.is_some() {
            let _ = std::fs::write(folder.join("input"), &bytes);
        }
        match held_to_bounds(before[which].as_ref(), &bytes, cursor) {
            Ok((seconds, memory, good)) => {
                if seconds > worst {
                    worst = seconds;
                    slowest = number;
                }
                most = most.max(memory);
                accepted += u64::from(good);
            }
            Err(found) => {
                let file = folder.join(format!("found-{seed}-{number}"));
                let _ = std::fs::write(&file, &bytes);
                let again = format!("cargo xtask fuzz --seed {seed} --only {number}");
                println!("{found}\ninput: {}\nagain: {again}", file.display());
                return false;
            }
        }
        number += 1;
    }
    let ran = number - first;
    println!(
        "seed {seed}: {ran} inputs, {:.0} a second, {accepted} admitted; the longest (number \
         {slowest}) took {:.1} ms, the largest {:.1} MB",
        number as f64 / start.elapsed().as_secs_f64(),
        worst * 1e3,
        most as f64 / f64::from(1 << 20),
    );
    true
}

/// The walk under its bounds: seconds, bytes, and whether the job was admitted.
fn held_to_bounds(
    before: Option<&Value>,
    bytes: &[u8],
    cursor: usize,
) -> Result<(f64, usize, bool), String> {
    let mut best = f64::MAX;
    // A busy machine may delay any run once.
    for _ in 0..3 {
        let held = HELD.load(Relaxed);
        PEAK.store(held, Relaxed);
        let start = Instant::now();
        let answer = catch_unwind(AssertUnwindSafe(|| walk(before, bytes, cursor)));
        best = best.min(start.elapsed().as_secs_f64());
        let memory = PEAK.load(Relaxed) - held;
        let good = answer.map_err(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or(panic.downcast_ref::<&str>().copied());
            format!("panic: {}", text.unwrap_or("?"))
        })??;
        if bytes.len() < SMALL && memory > MEMORY_MAX {
            return Err(format!("{memory} bytes of memory"));
        }
        if best < TIME_MAX.as_secs_f64() {
            return Ok((best, memory, good));
        }
    }
    Err(format!("{best:.2} seconds"))
}

/// Every stage, and what must hold after it; whether the job was admitted.
fn walk(before: Option<&Value>, bytes: &[u8], cursor: usize) -> Result<bool, String> {
    let source = &*String::from_utf8_lossy(bytes);
    let context = AdmissionContext::default();
    let mut parsed = read(source);
    let has_document = parsed.document.is_some();
    if has_document != parsed.diagnostics.is_empty() {
        return Err("neither a job nor a reason".to_owned());
    }
    inside(source, parsed.spans.values())?;
    let mut admitted = false;
    if let Some(document) = &parsed.document {
        yurt_jobspec::run_output(&parsed).map_err(|_| "a job that cannot be printed")?;
        match admit(document, &context) {
            Err(refused) => {
                let found = admission::diagnostics(&refused, FILE, source, &parsed.spans);
                parsed.diagnostics.extend(found);
            }
            Ok(new) => {
                admitted = true;
                // Two jobs of different names have no difference; that is an answer too.
                let _ = yurt_diff::diff(before, Some(&new.spec.document), true);
            }
        }
    }
    let _ = render(&parsed.diagnostics);
    let fixed = assist::with_fixes(parsed.diagnostics, source);
    inside(
        source,
        fixed
            .iter()
            .filter(|each| each.file == FILE)
            .filter_map(|each| each.range.as_ref()),
    )?;
    for fix in fixed.iter().filter_map(|each| each.fix.as_ref()) {
        if source.get(fix.start_byte..fix.end_byte).is_none() {
            return Err(format!("a fix outside of the text: {fix:?}"));
        }
    }
    if let Ok(once) = format::format(source) {
        let twice = format::format(&once).map_err(|_| "the layout cannot be read")?;
        if once != twice {
            return Err(format!(
                "the layout is not its own layout:\n{once}\n----\n{twice}"
            ));
        }
    }
    let found = assist::completions(source, cursor);
    if !source.is_char_boundary(found.start_byte) {
        return Err("a completion begins outside of the text".to_owned());
    }
    let _ = assist::hover(source, cursor);
    Ok(admitted)
}

const FILE: &str = "t.hcl";

fn read(source: &str) -> Parsed {
    let set = [("x".to_owned(), "1".to_owned())];
    parse(&ParseInput {
        file_name: FILE,
        source,
        variables: &set,
        lenient: true,
        ..ParseInput::default()
    })
}

fn inside<'r>(source: &str, ranges: impl Iterator<Item = &'r Range>) -> Result<(), String> {
    for range in ranges {
        if source.get(range.start.byte..range.end.byte).is_none() {
            let length = source.len();
            return Err(format!("{range:?} is outside of a text of {length} bytes"));
        }
    }
    Ok(())
}

/// The recorded files, and some whose forms they lack.
fn corpus() -> Vec<String> {
    let recorded = RECORDED.lines().filter_map(|line| {
        let value: Value = serde_json::from_str(line).ok()?;
        Some(value["file"].as_str()?.to_owned())
    });
    let expressions = EXPRESSIONS.iter().map(|expression| {
        let inside = format!("x = {expression}");
        format!("job \"docs\" {{\n meta {{\n  {inside}\n }}\n}}\nlocals {{\n {inside}\n}}\n")
    });
    let dynamic = r#"job "docs" {
  dynamic "group" {
    for_each = ["a", "b"]
    labels   = [group.value]
    content {
      task "x" {
        driver = "docker"
        config {
          image = "x"
        }
      }
    }
  }
}
"#;
    let json = r#"{"job": {"docs": {"datacenters": ["dc1"], "group": {"api": [{
  "count": "${1 + 1}", "task": {"t": {
    "driver": "docker", "config": {"image": "x"}, "env": {"A": "%{ if true }y%{ endif }"}
  }}
}]}}}}"#;
    let own = [dynamic.to_owned(), json.to_owned()];
    recorded.chain(expressions).chain(own).collect()
}

fn pick(rng: &mut Rng, length: usize) -> usize {
    rng.below(u32::try_from(length.max(1)).expect("short")) as usize
}

/// An input: a job file with some damage, or none of its own.
fn damaged(rng: &mut Rng, original: &str, corpus: &[String]) -> Vec<u8> {
    match pick(rng, 16) {
        0 => return (0..pick(rng, 400)).map(|_| pick(rng, 256) as u8).collect(),
        1 => return bomb(rng).into_bytes(),
        _ => {}
    }
    let mut text = original.to_owned();
    // Half of the inputs have one edit, so that many still are jobs.
    let edits = [1, 1, 1, 2, 3, 6][pick(rng, 6)];
    for _ in 0..edits {
        text = edited(rng, &text, corpus);
        if text.len() > 4 * SMALL {
            break;
        }
    }
    let mut bytes = text.into_bytes();
    if pick(rng, 8) == 0 && !bytes.is_empty() {
        for _ in 0..=pick(rng, 4) {
            let at = pick(rng, bytes.len());
            bytes[at] = pick(rng, 256) as u8;
        }
    }
    bytes
}

/// One edit between tokens.
fn edited(rng: &mut Rng, text: &str, corpus: &[String]) -> String {
    let tokens: Vec<_> = syntax::tokenize(text, false)
        .iter()
        .map(|token| token.range.start.byte..token.range.end.byte)
        .filter(|range| text.get(range.clone()).is_some())
        .collect();
    if tokens.is_empty() {
        return text.to_owned() + PIECES[pick(rng, PIECES.len())];
    }
    let mut token = || tokens[pick(rng, tokens.len())].clone();
    let (a, b) = (token(), token());
    let (from, to) = (a.start.min(b.start), a.end.max(b.end));
    let with = |range: std::ops::Range<usize>, new: &str| {
        format!("{}{new}{}", &text[..range.start], &text[range.end..])
    };
    match pick(rng, 10) {
        0 => with(a, &text[b]),
        1 => with(a, ""),
        2 => with(from..to, ""),
        3 => with(to..to, &text[from..to]),
        4 | 5 => with(a.start..a.start, PIECES[pick(rng, PIECES.len())]),
        6 | 7 => with(a, EXPRESSIONS[pick(rng, EXPRESSIONS.len())]),
        8 => with(a.start..a.start, &bomb(rng)),
        _ => {
            let other = &corpus[pick(rng, corpus.len())];
            let lines: Vec<&str> = other.split_inclusive('\n').collect();
            let first = pick(rng, lines.len());
            let count = 1 + pick(rng, 6);
            let taken: String = lines.iter().skip(first).take(count).copied().collect();
            with(a.start..a.start, &taken)
        }
    }
}

/// Something that nests or repeats.
fn bomb(rng: &mut Rng) -> String {
    let depth = [3, 20, 120, 130, 1000, 5000][pick(rng, 6)];
    let pairs = [
        ("[", "]"),
        ("(", ")"),
        ("{ a = ", "}"),
        ("a {\n", "}\n"),
        ("\"${", "}\""),
        ("!", ""),
        ("-", ""),
        ("f(", ")"),
        ("a[", "]"),
        ("true ? 1 : ", ""),
        ("1 + ", ""),
        ("[for x in ", " : x]"),
        ("{\"a\":", "}"),
        ("[[", "]]"),
        ("%{ if true }", "%{ endif }"),
        ("<<A\n${", "}\nA\n"),
        (
            "dynamic \"group\" {\n for_each = range(1000)\n labels = [\"x\"]\n content {\n",
            "}\n}\n",
        ),
        ("jsondecode(\"", "\")"),
        ("a.", "b"),
        ("a[*]", ""),
        ("{for k, v in {a = 1} : k => ", "}"),
    ];
    let (open, close) = pairs[pick(rng, pairs.len())];
    let inner = match pick(rng, 3) {
        0 => EXPRESSIONS[pick(rng, EXPRESSIONS.len())],
        1 => "1",
        _ => "",
    };
    let close = if pick(rng, 3) == 0 { "" } else { close };
    format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
}
