//! Where the lines of a printed difference stand in the job file.
//!
//! A difference speaks the names of the API, a file those of the language; the table of the
//! language joins them. What is in the file no more leads to the block that it would be in.

use serde::{Deserialize, Serialize};
use yurt_jobspec::SpanMap;
use yurt_jobspec::schema::{self, BlockSchema, FieldKind, FieldSchema};

use super::diagnostic::number;
use super::plan::{DiffKind, DiffLineView};

/// A place in the job file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceView {
    /// Its first byte.
    pub byte: u32,
    /// Its line, from 1.
    pub line: u32,
}

/// A block of the difference that is open at a line.
struct Open {
    schema: Option<&'static BlockSchema>,
    /// Where it may stand in the file: several when the file has several blocks of its kind.
    paths: Vec<String>,
    /// The line that opened it.
    line: usize,
}

/// Notes on each line where it stands in the file.
pub(super) fn set_places(lines: &mut [DiffLineView], spans: &SpanMap, source: &str) {
    if spans.is_empty() {
        return;
    }
    let mut walk = Walk {
        spans,
        source,
        group: String::new(),
        open: Vec::new(),
    };
    for at in 0..lines.len() {
        let text = lines[at].line.text();
        let text = unsigned(&text);
        let (place, better) = walk.step(at, text, lines[at].kind);
        lines[at].place = place;
        // A block among several of its kind is known by what is in it.
        if let Some((opened, place)) = better {
            lines[opened].place = place;
        }
    }
}

/// A printed line without its indentation and its sign.
fn unsigned(text: &str) -> &str {
    let text = text.trim_start();
    ["+/- ", "+ ", "- "]
        .iter()
        .find_map(|sign| text.strip_prefix(sign))
        .unwrap_or(text)
        .trim_start()
}

/// The name in quotes after a heading such as `Task: `.
fn quoted<'a>(text: &'a str, heading: &str) -> Option<&'a str> {
    let (name, _) = text
        .strip_prefix(heading)?
        .strip_prefix('"')?
        .split_once('"')?;
    Some(name)
}

struct Walk<'a> {
    spans: &'a SpanMap,
    source: &'a str,
    group: String,
    open: Vec<Open>,
}

type Found = (Option<PlaceView>, Option<(usize, Option<PlaceView>)>);

impl Walk<'_> {
    fn step(&mut self, at: usize, text: &str, kind: DiffKind) -> Found {
        if text.is_empty() {
            return (None, None);
        }
        if quoted(text, "Job: ").is_some() {
            return (self.enter(at, &schema::JOB, String::new()), None);
        }
        if let Some(name) = quoted(text, "Task Group: ") {
            self.group = format!("group.{name}");
            return (self.enter(at, &schema::GROUP, self.group.clone()), None);
        }
        if let Some(name) = quoted(text, "Task: ") {
            let path = format!("{}.task.{name}", self.group);
            return (self.enter(at, &schema::TASK, path), None);
        }
        if text == "}" {
            self.open.pop();
            return (None, None);
        }
        if let Some((name, value)) = text.split_once(": ") {
            return self.field(name, value.trim_start(), kind);
        }
        match text.strip_suffix(" {") {
            Some(name) => (self.object(at, name), None),
            None => (None, None),
        }
    }

    fn enter(
        &mut self,
        at: usize,
        schema: &'static BlockSchema,
        path: String,
    ) -> Option<PlaceView> {
        self.open = vec![Open {
            schema: Some(schema),
            paths: vec![path.clone()],
            line: at,
        }];
        self.place(&path)
    }

    fn object(&mut self, at: usize, name: &str) -> Option<PlaceView> {
        let outer = self.open.last()?;
        let field = outer.schema.and_then(|schema| member(schema, name));
        let (schema, word) = match field {
            Some(field) => (inner(field), field.name),
            None => (None, ""),
        };
        let mut paths: Vec<String> = Vec::new();
        for around in &outer.paths {
            let path = join(around, word);
            let several = matches!(
                field.map(|field| field.kind),
                Some(FieldKind::BlockList(_) | FieldKind::BlockMap(_))
            );
            if several {
                paths.extend(self.members_of(&path));
            } else {
                paths.push(path);
            }
        }
        if paths.is_empty() {
            paths.clone_from(&outer.paths);
        }
        let place = self.place(&paths[0]);
        self.open.push(Open {
            schema,
            paths,
            line: at,
        });
        place
    }

    /// The paths of the blocks right below a path.
    fn members_of(&self, path: &str) -> Vec<String> {
        let start = format!("{path}.");
        let below = self.spans.range(start.clone()..);
        below
            .map(|(key, _)| key)
            .take_while(|key| key.starts_with(&start))
            .filter(|key| !key[start.len()..].contains('.'))
            .cloned()
            .collect()
    }

    fn field(&mut self, name: &str, value: &str, kind: DiffKind) -> Found {
        let Some(outer) = self.open.last() else {
            return (None, None);
        };
        let (head, key) = match name.split_once('[') {
            Some((head, rest)) => (head, rest.trim_end_matches(']')),
            None => (name, ""),
        };
        let word = outer
            .schema
            .and_then(|schema| member(schema, head))
            .map_or(head, |field| field.name);
        let new = value.rsplit(" => ").next().unwrap_or(value);
        let new = new
            .split("\" (forces")
            .next()
            .unwrap_or(new)
            .trim_matches('"');
        let says_it = |path: &&String| {
            let range = self.spans.get(&join(path, word));
            let text = range.and_then(|range| self.source.get(range.start.byte..range.end.byte));
            kind != DiffKind::Removed
                && !new.is_empty()
                && text.is_some_and(|text| text.contains(new))
        };
        let likely: Vec<String> = outer.paths.iter().filter(says_it).cloned().collect();
        let paths = if likely.is_empty() {
            outer.paths.clone()
        } else {
            likely
        };
        let path = join(&paths[0], word);
        let place = self.place(&join(&path, key));
        let better = (paths.len() < outer.paths.len()).then(|| (outer.line, self.place(&paths[0])));
        if let Some(outer) = self.open.last_mut() {
            outer.paths = paths;
        }
        (place, better)
    }

    /// Where a path stands, or what is around it.
    fn place(&self, path: &str) -> Option<PlaceView> {
        let mut path = path;
        loop {
            let found = if path.is_empty() { "job" } else { path };
            if let Some(range) = self.spans.get(found) {
                return Some(PlaceView {
                    byte: number(range.start.byte),
                    line: number(range.start.line),
                });
            }
            if path.is_empty() {
                return None;
            }
            path = path.rsplit_once('.').map_or("", |(around, _)| around);
        }
    }
}

fn join(around: &str, name: &str) -> String {
    match (around, name) {
        (_, "") => around.to_owned(),
        ("", _) => name.to_owned(),
        _ => format!("{around}.{name}"),
    }
}

/// The field of a block by its name in a difference.
fn member(schema: &'static BlockSchema, name: &str) -> Option<&'static FieldSchema> {
    let called = |field: &&FieldSchema| {
        let block =
            inner(field).is_some_and(|block| !block.api_name.is_empty() && block.api_name == name);
        let own = field.diff_name.unwrap_or(field.api_name) == name || field.api_name == name;
        !field.name.is_empty() && (block || own)
    };
    schema.fields.iter().find(called)
}

/// The block that a field is.
fn inner(field: &FieldSchema) -> Option<&'static BlockSchema> {
    match field.kind {
        FieldKind::Block(schema) | FieldKind::BlockList(schema) | FieldKind::BlockMap(schema) => {
            Some(schema)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Line;

    const SOURCE: &str = r#"job "docs" {
  constraint {
    attribute = "${attr.arch}"
    value = "amd64"
  }
  constraint {
    attribute = "${attr.os}"
    value = "linux"
  }
  group "api" {
    count = 5
    restart {
      attempts = 2
    }
    task "web" {
      driver = "docker"
      kill_timeout = "6s"
      config {
        image = "api:2"
        args = ["a"]
      }
      env {
        COLOR = "blue"
      }
    }
  }
}
"#;

    const DIFF: &str = r#"+/- Job: "docs"
+   Constraint {
    + LTarget: "${attr.os}"
    + RTarget: "linux"
    }
+/- Task Group: "api" (1 ignore)
  +/- Count: "4" => "5" (forces create)
  +/- RestartPolicy {
    +/- Attempts: "3" => "2"
    - Delay:    "5"
      }
  +/- Task: "web" (forces create/destroy update)
    + Env[COLOR]:  "blue"
    - Env[SHAPE]:  "round"
    +/- KillTimeout: "5000000000" => "6000000000"
    +/- Config {
      +/- image: "api:1" => "api:2"
      + args[0]: "a"
        }
- Task Group: "old" (1 destroy)
- Task: "gone""#;

    #[test]
    fn each_line_leads_to_its_line_in_the_file() {
        let parsed = yurt_jobspec::parse(&yurt_jobspec::ParseInput {
            file_name: "docs.nomad.hcl",
            source: SOURCE,
            ..yurt_jobspec::ParseInput::default()
        });
        let mut lines: Vec<DiffLineView> = DIFF
            .lines()
            .map(|text| super::super::plan::diff_line(Line::plain(text)))
            .collect();
        set_places(&mut lines, &parsed.spans, SOURCE);
        let found: Vec<u32> = lines
            .iter()
            .map(|line| line.place.map_or(0, |place| place.line))
            .collect();
        let wanted = [
            1, 6, 7, 8, 0, 10, 11, 12, 13, 12, 0, 15, 23, 22, 17, 18, 19, 20, 0, 1, 1,
        ];
        assert_eq!(found, wanted);
    }
}
