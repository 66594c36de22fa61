//! Damage that knows tokens alone: what people never write.

use yurt_jobspec::syntax;
use yurt_model::Rng;

use crate::{SMALL, pick};

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
pub const EXPRESSIONS: [&str; 44] = [
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

/// An input: a job file with some damage, or none of its own.
pub fn damaged(rng: &mut Rng, original: &str, corpus: &[String]) -> Vec<u8> {
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
