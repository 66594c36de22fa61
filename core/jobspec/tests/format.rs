//! The layout keeps what files say: recorded files mean the same afterwards, blanks decide nothing.

#[cfg(target_arch = "wasm32")]
#[macro_use]
extern crate yurt_everywhere;

use proptest::prelude::*;
use serde_json::Value;
use yurt_jobspec::format::format;
use yurt_jobspec::syntax::{Kind, tokenize};
use yurt_jobspec::{ParseInput, parse};

const RECORDING: &str = include_str!("../../../tests/reference/jobspec/run-output.jsonl");

const FILE: &str = r#"variable "tag" {
  default = "1.3" # newest
}

job "docs" {
  datacenters = ["dc1", "dc2"]
  update {
    max_parallel = 2
    canary       = 1 // one
  }
  group "api" {
    count = 1 + 2 * -3
    network {
      port "http" { to = 8080 }
    }
    task "server" {
      driver = "docker"
      config {
        image = local.images["api"].name
        args  = [for i, x in ["a", "b"] : "${i}-${upper(x)}" if x != "c"]
        data  = <<-EOT
          %{ if true ~}
          hello ${var.tag}
          %{ endif ~}
        EOT
        map   = merge({ a = 1 }, var.maps...)
      }
      env { A = !true ? "x" : "y" }
    }
  }
}
"#;

/// The document, or the summaries of what is wrong, without the blanks that stand inside the braces
/// of runtime references: those are part of the value, and the layout removes them.
fn meaning(source: &str) -> (Option<Value>, Vec<String>) {
    fn tighten(value: &mut Value) {
        match value {
            Value::String(text) => {
                while text.contains("${ ") || text.contains(" }") {
                    *text = text.replace("${ ", "${").replace(" }", "}");
                }
            }
            Value::Array(items) => items.iter_mut().for_each(tighten),
            Value::Object(members) => members.values_mut().for_each(tighten),
            _ => {}
        }
    }
    let mut parsed = parse(&ParseInput {
        file_name: "t.hcl",
        source,
        ..Default::default()
    });
    parsed.document.iter_mut().for_each(tighten);
    let summaries = parsed.diagnostics.into_iter().map(|each| each.summary);
    (parsed.document, summaries.collect())
}

#[test]
fn recorded_files_mean_the_same() {
    let (mut laid_out_files, mut changed) = (0, 0);
    for line in RECORDING.lines() {
        let case: Value = serde_json::from_str(line).expect("a case");
        let source = case["file"].as_str().expect("a file");
        let Ok(laid_out) = format(source) else {
            continue;
        };
        laid_out_files += 1;
        changed += usize::from(laid_out != source);
        assert_eq!(format(&laid_out).as_deref(), Ok(&*laid_out), "{source}");
        assert_eq!(meaning(&laid_out), meaning(source), "{source}");
    }
    assert!(laid_out_files > 150, "{laid_out_files}");
    assert!(changed > 100, "{changed}");
}

#[test]
fn the_file_of_these_tests_stays() {
    assert_eq!(format(FILE).as_deref(), Ok(FILE));
}

/// The file with other blanks between its tokens; `blanks` says how many at each place in turn.
fn with_blanks(blanks: &[u8]) -> String {
    let mut text = String::new();
    let mut blanks = blanks.iter().cycle();
    let (mut read_to, mut heredocs) = (0, 0);
    for token in tokenize(FILE, false) {
        let (start, end) = (token.range.start.byte, token.range.end.byte);
        let gap = &FILE[read_to..start];
        let in_text = matches!(
            token.kind,
            Kind::QuotedLiteral | Kind::CloseQuote | Kind::Interpolation | Kind::HeredocLiteral
        );
        let free = heredocs == 0 && !(in_text && gap.is_empty());
        if free && gap.trim().is_empty() {
            let count = usize::from(*blanks.next().unwrap_or(&0) % 4);
            // A gap between two words must not vanish.
            let count = count.max(usize::from(!gap.is_empty()));
            text.extend(std::iter::repeat_n(' ', count));
        } else {
            text.push_str(gap);
        }
        text.push_str(&FILE[start..end]);
        read_to = end;
        match token.kind {
            Kind::OpenHeredoc => heredocs += 1,
            Kind::CloseHeredoc => heredocs -= 1,
            _ => {}
        }
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn blanks_between_tokens_decide_nothing(blanks in proptest::collection::vec(0u8..4, 1..40)) {
        let source = with_blanks(&blanks);
        prop_assert_eq!(format(&source), Ok(FILE.to_owned()), "{}", source);
    }

    #[test]
    fn what_is_laid_out_stays_and_means_the_same(source in damaged()) {
        if let Ok(laid_out) = format(&source) {
            prop_assert_eq!(format(&laid_out), Ok(laid_out.clone()));
            prop_assert_eq!(meaning(&laid_out), meaning(&source));
        }
    }
}

/// The file with a few characters put in, taken out or doubled.
fn damaged() -> impl Strategy<Value = String> {
    let edit = (0..FILE.len(), 0usize..3, "[ \n\t#\"{}=,.()a1\\[\\]-]");
    proptest::collection::vec(edit, 1..4).prop_map(|edits| {
        let mut source = FILE.to_owned();
        for (at, how, text) in edits {
            let at = at.min(source.len() - 1);
            match how {
                0 => source.insert_str(at, &text),
                1 => drop(source.remove(at)),
                _ => source.replace_range(at..=at, &text),
            }
        }
        source
    })
}
