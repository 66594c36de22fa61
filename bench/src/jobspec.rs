//! What a job file costs: read, admitted and compared with the version before; and a keystroke in
//! the editor, which reads and judges the whole file anew.

use std::fmt::Write as _;

use yurt_jobspec::admission::{self, AdmissionContext, Admitted, admit};
use yurt_jobspec::{ParseInput, Parsed, assist, parse};

use crate::{Clock, Row, median, mix};

/// Lines of the job file that people have.
pub const USUAL: usize = 300;
/// Lines of the longest that must stay pleasant.
pub const LONG: usize = 10_000;

/// Name of the file in messages.
const FILE: &str = "shop.nomad.hcl";

/// A job file of about this many lines: groups with networks, services, checks, templates and what
/// else is usual, variables and locals, a `dynamic` block in each group.
pub fn job_file(lines: usize, image: &str) -> String {
    let mut text = HEAD.replace("IMAGE", image);
    let mut number = 0;
    while text.lines().count() + GROUP.lines().count() < lines || number == 0 {
        // Counting lines anew for each group would be quadratic for the long file.
        let missing = lines.saturating_sub(text.lines().count());
        for _ in 0..(missing / GROUP.lines().count()).max(1) {
            text.push_str(&GROUP.replace("NUMBER", &number.to_string()));
            number += 1;
        }
    }
    while text.lines().count() + 1 < lines.min(USUAL) {
        let _ = writeln!(text, "  # {}", text.lines().count());
    }
    text + "}\n"
}

const HEAD: &str = r#"variable "image" {
  type    = string
  default = "IMAGE"
}

locals {
  tags = ["web", "blue"]
}

job "shop" {
  datacenters = ["dc1", "dc2"]

  update {
    max_parallel     = 2
    canary           = 1
    min_healthy_time = "10s"
  }
"#;

const GROUP: &str = r#"
  group "api-NUMBER" {
    count = 3

    network {
      mode = "bridge"
      port "http" { to = 8080 }
      port "metrics" { to = 9100 }
    }

    service {
      name     = "api-NUMBER"
      provider = "nomad"
      port     = "http"
      tags     = concat(local.tags, ["api"])

      check {
        type     = "http"
        path     = "/health"
        interval = "10s"
        timeout  = "2s"
      }
    }

    dynamic "constraint" {
      for_each = { class = "large", rack = "r1" }
      content {
        attribute = "$${meta.${constraint.key}}"
        operator  = "!="
        value     = upper(constraint.value)
      }
    }

    restart {
      attempts = 3
      interval = "5m"
      delay    = "15s"
      mode     = "fail"
    }

    task "server" {
      driver = "docker"

      config {
        image = "registry.example/api:${var.image}"
        ports = ["http", "metrics"]
        args  = [for name in ["a", "b", "c"] : "--${name}=${upper(name)}"]
      }

      env {
        LISTEN = "0.0.0.0:${NOMAD_PORT_http}"
        ANSWER = 3 * 7 + 1
      }

      template {
        destination = "local/settings.ini"
        data        = <<-EOT
          [server]
          image = ${var.image}
          %{ for tag in local.tags ~}
          tag = ${tag}
          %{ endfor ~}
        EOT
      }

      resources {
        cpu    = 500
        memory = 256
      }
    }
  }
"#;

fn read(source: &str) -> Parsed {
    parse(&ParseInput {
        file_name: FILE,
        source,
        ..ParseInput::default()
    })
}

fn admitted(source: &str) -> Admitted {
    let parsed = read(source);
    let Some(document) = parsed.document else {
        panic!("{}", yurt_jobspec::render(&parsed.diagnostics));
    };
    let context = AdmissionContext::default();
    admit(&document, &context).unwrap_or_else(|refused| panic!("{refused}"))
}

/// From text to what a plan shows of it.
fn compared(old: &Admitted, source: &str) -> u64 {
    let new = admitted(source);
    let both = (&old.spec.document, &new.spec.document);
    let diff = yurt_diff::diff(Some(both.0), Some(both.1), true);
    mix(
        0,
        &diff.map_or(String::new(), |diff| diff.to_json().to_string()),
    )
}

/// What the worker does after a keystroke.
fn judged(source: &str) -> u64 {
    assist::problems(source, &mut |source| {
        let mut parsed = read(source);
        admission::judge(&mut parsed, FILE, source, &AdmissionContext::default());
        parsed
    })
    .iter()
    .fold(0, |hash, each| mix(hash, &each.to_string()))
}

/// The table of this family.
pub fn measure(clock: &Clock<'_>, runs: usize, tell: &mut dyn FnMut(Row)) {
    for lines in [USUAL, LONG] {
        let (source, edited) = (job_file(lines, "1.3"), job_file(lines, "1.4"));
        let old = admitted(&source);
        let count = source.lines().count();
        // The first character of a group's name gone, and a brace that is not closed yet.
        let misspelt = source.replacen("max_parallel", "max_paralel", 1);
        let unfinished = format!("{}\n  group \"new\" {{\n", source.trim_end_matches("}\n"));
        let mut row = |what: &str, run: &dyn Fn() -> u64| {
            let (milliseconds, decisions) = median(clock, runs, || (), |()| run());
            tell(Row {
                workload: format!("{what} {count} lines"),
                milliseconds,
                runs,
                decisions,
            });
        };
        row("parse, admit and diff", &|| compared(&old, &edited));
        row("keystroke, good,", &|| judged(&source));
        row("keystroke, misspelt,", &|| judged(&misspelt));
        row("keystroke, unfinished,", &|| judged(&unfinished));
        row("completions in", &|| {
            assist::completions(&source, source.len() / 2).items.len() as u64
        });
        row("lay out", &|| {
            mix(
                0,
                &yurt_jobspec::format::format(&source).unwrap_or_default(),
            )
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_have_their_lines_and_are_admitted() {
        for lines in [USUAL, LONG] {
            let source = job_file(lines, "1.3");
            let count = source.lines().count();
            assert!(count.abs_diff(lines) <= 80, "{count} for {lines}");
            let old = admitted(&source);
            let count = old.spec.document["TaskGroups"]
                .as_array()
                .map_or(0, Vec::len);
            assert!(count * 70 <= lines, "{count} groups");
            assert_ne!(
                compared(&old, &job_file(lines, "1.4")),
                compared(&old, &source)
            );
        }
    }
}
