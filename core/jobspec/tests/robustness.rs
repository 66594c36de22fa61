//! Whatever the text: no panic, bounded time, ranges inside the text, and the same verdict as
//! another HCL parser on files that differ from a good one by a few edits.

#[cfg(target_arch = "wasm32")]
#[macro_use]
extern crate yurt_everywhere;

use proptest::prelude::*;
use yurt_jobspec::{ParseInput, Stage, parse};

const GOOD: &str = r#"variable "tag" {
  type    = string
  default = "1.3"
}

locals {
  image = "api:${var.tag}"
}

job "docs" {
  datacenters = ["dc1", "dc2"]

  update {
    max_parallel = 2
    canary       = 1
  }

  group "api" {
    count = 1 + 2 * 3

    network {
      port "http" { to = 8080 }
    }

    dynamic "constraint" {
      for_each = { a = 1, b = "x" }
      content {
        attribute = "${meta.${constraint.key}}"
        value     = upper(constraint.value)
      }
    }

    task "server" {
      driver = "docker"
      config {
        image = local.image
        args  = [for i, x in ["a", "b"] : "${i}-${x}" if x != "c"]
        data  = <<-EOT
          %{ if true ~}
          hello ${var.tag}
          %{ endif ~}
        EOT
      }
      env { A = true ? "x" : "y" }
    }
  }
}
"#;

fn read(source: &str) -> yurt_jobspec::Parsed {
    parse(&ParseInput {
        file_name: "t.hcl",
        source,
        ..Default::default()
    })
}

fn check(source: &str) {
    let parsed = read(source);
    assert_eq!(parsed.document.is_none(), !parsed.diagnostics.is_empty());
    for diagnostic in parsed
        .diagnostics
        .iter()
        .filter(|each| each.file == "t.hcl")
    {
        if let Some(range) = diagnostic.range {
            assert!(range.start.byte <= range.end.byte && range.end.byte <= source.len() + 1);
        }
    }
    for range in parsed.spans.values() {
        assert!(source.get(range.start.byte..range.end.byte).is_some());
    }
}

/// Edits that keep a file nearly right: cut, double or put in a piece of punctuation.
fn mutated(edits: &[(usize, u8, usize)]) -> String {
    const PIECES: [&str; 16] = [
        "{", "}", "[", "]", "(", ")", "\"", "${", "=", ",", "\n", "%{", "<<EOT", "?", ".", "é",
    ];
    let mut characters: Vec<char> = GOOD.chars().collect();
    for &(at, kind, piece) in edits {
        let at = at % characters.len();
        match kind % 3 {
            0 => {
                characters.remove(at);
            }
            1 => characters.insert(at, characters[at]),
            _ => {
                characters.splice(at..at, PIECES[piece % PIECES.len()].chars());
            }
        }
    }
    characters.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn any_text_is_answered(source in "\\PC{0,200}") {
        check(&source);
    }

    #[test]
    fn any_punctuation_is_answered(source in "[a{}\\[\\]()\"$%~<>=,.:?!|&*+#/ \n\\\\-]{0,120}") {
        check(&source);
        check(&format!("job \"a\" {{\n meta {{\n x = {source}\n}}\n}}\n"));
        check(&format!("{{\"job\": {{\"a\": {{\"meta\": {{\"x\": \"{source}\"}}}}}}}}"));
    }

    #[test]
    fn nearly_good_files_are_answered(
        edits in prop::collection::vec((any::<usize>(), any::<u8>(), any::<usize>()), 1..6)
    ) {
        check(&mutated(&edits));
    }
}

#[test]
fn deep_and_long_files_are_answered() {
    for source in [
        "a = ".to_owned() + &"(".repeat(50_000),
        "a = ".to_owned() + &"[".repeat(50_000),
        "a = ".to_owned() + &"-".repeat(50_000) + "1",
        "a = 1".to_owned() + &" + 1".repeat(50_000),
        "a = b".to_owned() + &".c".repeat(50_000),
        "a = b".to_owned() + &"[*]".repeat(50_000),
        "a = b".to_owned() + &"[c".repeat(50_000),
        "a = true".to_owned() + &" ? 1 : true".repeat(50_000),
        "a = \"".to_owned() + &"${\"".repeat(20_000),
        "a = \"".to_owned() + &"%{ if true }".repeat(20_000),
        "b {\n".repeat(50_000),
        "{\"a\":".repeat(50_000),
        "job \"a\" {\n}\n".to_owned() + &"x = 1\n".repeat(20_000),
        format!(
            "job \"a\" {{\n meta {{\n x = {}1\n}}\n}}\n",
            "!".repeat(100)
        ),
        "é̈".repeat(100_000),
    ] {
        assert!(read(&source).document.is_none());
    }
}

#[test]
fn doubling_locals_are_bounded() {
    let mut source = "locals {\n  a0 = \"xxxxxxxxxx\"\n".to_owned();
    for index in 0..60 {
        source += &format!(
            "  a{} = \"${{local.a{index}}}${{local.a{index}}}\"\n",
            index + 1
        );
    }
    source += "}\njob \"a\" {\n  region = local.a60\n}\n";
    let summary = &read(&source).diagnostics[0].summary;
    assert_eq!(summary, "Evaluation too large");
}

/// What is too deep, too large or too much is refused, and the message names the limit.
#[test]
fn limits_are_named() {
    use yurt_jobspec::expression::{SIZE_MAX, STEPS_MAX};
    use yurt_jobspec::functions::LONGEST_TEXT;
    use yurt_jobspec::syntax::{MAXIMUM_BYTES, MAXIMUM_DEPTH};
    let meta = |value: &str| format!("job \"a\" {{\n  meta {{\n    x = {value}\n  }}\n}}\n");
    let nested = |open: &str, close: &str| {
        let inner = format!("{}1{}", open.repeat(1_000), close.repeat(1_000));
        meta(&inner)
    };
    let doubled = |item: &str| {
        let lines = (1..60).map(|i| {
            let item = item.replace('#', &format!("local.a{}", i - 1));
            format!("  a{i} = {item}\n")
        });
        let lines: String = lines.collect();
        format!("locals {{\n  a0 = \"x\"\n{lines}}}\n{}", meta("local.a59"))
    };
    let rounds = "[for a in range(1000) : [for b in range(100) : 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1]]";
    let long = "locals {\n  a = \"REPEATED\"\n}\n".replace("REPEATED", &"a".repeat(100_000));
    for (source, limit) in [
        (nested("[", "]"), MAXIMUM_DEPTH),
        (nested("(", ")"), MAXIMUM_DEPTH),
        (nested("-", ""), MAXIMUM_DEPTH),
        (nested("[for x in ", " : x]"), MAXIMUM_DEPTH),
        (nested("\"${", "}\""), MAXIMUM_DEPTH),
        ("b {\n".repeat(1_000), MAXIMUM_DEPTH),
        ("{\"a\":".repeat(1_000), MAXIMUM_DEPTH),
        ("#".repeat(MAXIMUM_BYTES + 1), MAXIMUM_BYTES),
        (meta(rounds), STEPS_MAX),
        (doubled("[#, #]"), SIZE_MAX),
        (doubled("{ a = #, b = # }"), SIZE_MAX),
        (doubled("\"${#}${#}\""), SIZE_MAX),
        (
            format!("{long}{}", meta("replace(local.a, \"\", local.a)")),
            LONGEST_TEXT,
        ),
        (
            format!("{long}{}", meta("regex_replace(local.a, \"\", local.a)")),
            LONGEST_TEXT,
        ),
        (meta("range(0, 2000)"), 1024),
    ] {
        refused(&source, limit);
    }
}

fn refused(source: &str, limit: usize) {
    let parsed = read(source);
    let detail = &parsed.diagnostics[0].detail;
    assert!(detail.contains(&limit.to_string()), "{limit}: {detail}");
}

/// Functions whose result is larger than what they are given refuse before they make it.
#[test]
fn functions_refuse_before_they_grow() {
    use yurt_jobspec::expression::SIZE_MAX;
    use yurt_jobspec::functions::{LONGEST_TEXT, MOST_ITEMS};
    let letters = format!("\"{}\"", "a".repeat(1_000_000));
    let commas = format!("\"{}\"", "a,".repeat(500_000));
    let breaks = format!("\"{}\"", "\\n".repeat(500_000));
    for (local, value, limit) in [
        (
            &letters,
            "join(local.a, [for i in range(1000) : i])",
            LONGEST_TEXT,
        ),
        (
            &letters,
            "join(\"\", [for i in range(10) : local.a])",
            LONGEST_TEXT,
        ),
        (
            &letters,
            "format(\"%[1]s%[1]s%[1]s%[1]s%[1]s\", local.a)",
            LONGEST_TEXT,
        ),
        (
            &letters,
            "formatlist(\"%s%s\", range(1000), local.a)",
            LONGEST_TEXT,
        ),
        (&letters, "setproduct([local.a], range(1000))", SIZE_MAX),
        (&letters, "setproduct(range(1000), range(1000))", 10_000),
        (&letters, "replace(local.a, \"a\", \"aaaaa\")", LONGEST_TEXT),
        (&letters, "split(\"\", local.a)", MOST_ITEMS),
        (&commas, "split(\",\", local.a)", MOST_ITEMS),
        (&commas, "csvdecode(local.a)", MOST_ITEMS),
        (&commas, "jsondecode(\"[${local.a}1]\")", MOST_ITEMS),
        (&commas, "yamldecode(\"[${local.a}1]\")", MOST_ITEMS),
        (&breaks, "indent(100, local.a)", LONGEST_TEXT),
        (
            &breaks,
            "jsonencode([for i in range(10) : local.a])",
            LONGEST_TEXT,
        ),
    ] {
        let source = format!(
            "locals {{\n a = {local}\n}}\njob \"a\" {{\n meta = {{ x = jsonencode({value}) }}\n}}\n"
        );
        refused(&source, limit);
    }
}

/// What is long but not too much is read, and soon: time grows with length, not with its square.
#[test]
fn long_files_are_read() {
    let lines =
        |count: usize, line: &dyn Fn(usize) -> String| -> String { (0..count).map(line).collect() };
    let waiting = lines(3_000, &|i| format!("  a{i} = local.a{}\n", i + 1));
    for source in [
        format!("locals {{\n{waiting}  a3000 = \"x\"\n}}\njob \"a\" {{\n  region = local.a0\n}}\n"),
        format!(
            "job \"a\" {{\n  meta {{\n{}  }}\n}}\n",
            lines(10_000, &|i| format!("    k{i} = \"${{attr.x}} {i}\"\n"))
        ),
        format!(
            "job \"a\" {{\n{}}}\n",
            lines(3_400, &|i| format!(
                "  task \"t{i}\" {{\n    driver = \"docker\"\n  }}\n"
            ))
        ),
        format!(
            "{{\"job\":{{\"a\":{{\"meta\":{{{}\"z\":1}}}}}}}}",
            lines(10_000, &|i| format!("\"k{i}\":\"{i}\",\n"))
        ),
    ] {
        assert_eq!(read(&source).diagnostics, []);
    }
    let wrong = lines(10_000, &|i| format!("  x{i} = 1\n"));
    let parsed = read(&format!("job \"a\" {{\n{wrong}}}\n"));
    assert_eq!(parsed.diagnostics.len(), 10_000);
}

/// A cluster of clusters: what costs little to write may cost little to read.
#[test]
fn blocks_are_work() {
    use yurt_jobspec::expression::STEPS_MAX;
    let source = "job \"a\" {\n dynamic \"group\" {\n for_each = range(1000)\n labels = \
                  [\"g${group.key}\"]\n content {\n dynamic \"task\" {\n for_each = \
                  range(1000)\n labels = [\"t\"]\n content {\n }\n }\n }\n }\n}\n";
    refused(source, STEPS_MAX);
    refused(
        &format!("job \"a\" {{\n{}}}\n", "group \"g\" {}\n".repeat(50_000)),
        STEPS_MAX,
    );
}

/// `hcl-rs` judges the same mutations; the two disagree only where it is known to be wrong.
#[test]
fn another_parser_gives_the_same_verdict() {
    let mut state = 7_u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    let (mut same, mut count) = (0, 0);
    let mut differing = Vec::new();
    for _ in 0..600 {
        let source = mutated(&[(next(), next() as u8, next())]);
        let ours = read(&source)
            .diagnostics
            .iter()
            .all(|each| each.stage != Stage::Parse);
        // It accepts line breaks inside quotes, which the reference refuses.
        let quoted_newline = read(&source)
            .diagnostics
            .iter()
            .any(|each| each.summary.starts_with("Invalid multi-line string"));
        if quoted_newline {
            continue;
        }
        // `hcl-rs` reports an attribute that stands twice as an error too.
        let theirs = hcl::parse(&source).is_ok();
        count += 1;
        if ours == theirs {
            same += 1;
        } else {
            differing.push((ours, read(&source).diagnostics, source));
        }
    }
    println!("{same} of {count} mutations get the same verdict");
    for (ours, diagnostics, source) in differing.iter().take(6) {
        let place = diagnostics.first().map(ToString::to_string);
        println!("ours accepts: {ours}; {place:?}\n{source}");
    }
    assert!(
        same * 100 >= count * 98,
        "only {same} of {count} mutations get the same verdict"
    );
}
