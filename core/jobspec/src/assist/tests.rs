//! Help at every place: the tables are offered and explained, and odd places stop nothing.

use super::*;
use crate::schema::{BlockSchema, FieldKind, FieldSchema, JOB, Labels};
use crate::{ParseInput, parse};

/// A file of the text with its cursor `|` taken out, and where that stood.
fn cursor(marked: &str) -> (String, usize) {
    let offset = marked.find('|').expect("a cursor");
    (marked.replacen('|', "", 1), offset)
}

fn complete(marked: &str) -> Completions {
    let (source, offset) = cursor(marked);
    completions(&source, offset)
}

fn labels(marked: &str) -> Vec<String> {
    let items = complete(marked).items;
    items.into_iter().map(|item| item.label).collect()
}

/// What the file becomes when the completion of this label is taken and its fields stay as they
/// are.
fn taken(marked: &str, label: &str) -> String {
    let (source, offset) = cursor(marked);
    let found = completions(&source, offset);
    let item = found.items.iter().find(|item| item.label == label);
    let item = item.unwrap_or_else(|| panic!("{label} in {marked}: {found:?}"));
    let mut text = source;
    text.replace_range(found.start_byte..offset, &filled(&item.insert));
    text
}

/// A snippet with its fields as they stand first.
fn filled(snippet: &str) -> String {
    let mut parts = snippet.split("#{");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (field, rest) = part.split_once('}').expect("a field ends");
        text.push_str(field);
        text.push_str(rest);
    }
    text
}

// The tables.

/// Every block that the tables hold, with the path of names that leads to it.
fn blocks() -> Vec<(Vec<&'static str>, &'static BlockSchema)> {
    let mut found = vec![(vec!["job"], &JOB)];
    let mut next = 0;
    while next < found.len() {
        let (path, block) = found[next].clone();
        for field in block.fields.iter().filter(|field| field.is_block()) {
            if let Some(inner) = field.block()
                && !found.iter().any(|(_, known)| std::ptr::eq(*known, inner))
            {
                let path = path.iter().copied().chain([field.name]).collect();
                found.push((path, inner));
            }
        }
        next += 1;
    }
    found
}

fn named(block: &'static BlockSchema) -> impl Iterator<Item = &'static FieldSchema> {
    block.fields.iter().filter(|field| !field.name.is_empty())
}

/// A file in which the cursor stands inside the blocks of a path.
fn file_at(path: &[&str]) -> String {
    let mut text = String::new();
    for name in path {
        text.push_str(&format!("{name} \"x\" {{\n"));
    }
    format!("{text}|\n{}", "}\n".repeat(path.len()))
}

#[test]
fn everything_in_the_tables_has_a_sentence_and_a_type() {
    let blocks = blocks();
    assert!(blocks.len() > 60, "{}", blocks.len());
    for (path, block) in blocks {
        let sentence = |text: &str| text.ends_with('.') && text.len() > 5;
        assert!(sentence(block.doc), "{path:?}");
        for field in named(block) {
            assert!(sentence(field.doc), "{path:?} {}", field.name);
            for is_block in [field.is_attribute(), field.is_block()] {
                let type_text = entries::type_text(field.kind, is_block);
                assert!(!type_text.is_empty(), "{path:?} {}", field.name);
            }
            let values = field.values;
            let default = field.default;
            assert!(
                values.is_empty() || default.is_empty() || values.contains(&default),
                "{path:?} {}: {default} is none of {values:?}",
                field.name
            );
        }
    }
}

#[test]
fn defaults_are_values_of_their_type() {
    for (path, block) in blocks() {
        for field in named(block).filter(|field| !field.default.is_empty()) {
            let is_right = match field.kind {
                FieldKind::Boolean => matches!(field.default, "true" | "false"),
                FieldKind::Duration => yurt_model::Duration::parse(field.default).is_ok(),
                _ => true,
            };
            assert!(is_right, "{path:?} {}: {}", field.name, field.default);
        }
    }
}

#[test]
fn every_field_is_offered_in_its_block() {
    for (path, block) in blocks() {
        let file = file_at(&path);
        let offered = complete(&file).items;
        for field in named(block) {
            let item = offered.iter().find(|item| item.label == field.name);
            let item = item.unwrap_or_else(|| panic!("{} in {path:?}", field.name));
            assert!(!item.detail.is_empty() && !item.documentation.is_empty());
            if !field.default.is_empty() {
                assert!(item.detail.contains("default "), "{path:?} {item:?}");
            }
        }
    }
}

#[test]
fn every_field_explains_itself() {
    for (path, block) in blocks() {
        for field in named(block) {
            let item = match (field.is_block(), field.block()) {
                (false, _) => format!("{} = x", field.name),
                (true, Some(inner)) if inner.labels != Labels::None => {
                    format!("{} \"x\" {{}}", field.name)
                }
                (true, _) => format!("{} {{}}", field.name),
            };
            let (source, offset) = cursor(&file_at(&path).replace('|', &format!("|{item}")));
            let found = hover(&source, offset).unwrap_or_else(|| panic!("{path:?} {item}"));
            assert_eq!(
                (found.title.as_str(), found.default_text.as_str()),
                (field.name, field.default)
            );
            assert_eq!(&source[found.start_byte..found.end_byte], field.name);
            assert!(found.text.starts_with(field.doc) && !found.type_text.is_empty());
        }
    }
}

/// Whatever a table offers can be taken: the file then parses, and holds no unknown name.
#[test]
fn what_is_offered_can_be_taken() {
    for (path, block) in blocks() {
        let file = file_at(&path);
        for field in named(block) {
            let text = taken(&file, field.name).replace('\t', "  ");
            let parsed = parse(&ParseInput {
                file_name: "t.hcl",
                source: &text,
                ..ParseInput::default()
            });
            for problem in parsed.diagnostics {
                let summary = problem.summary.as_str();
                let unknown = matches!(summary, "Unsupported argument" | "Unsupported block type");
                let own_place = problem.detail.contains(&format!("\"{}\"", field.name));
                assert!(!(unknown && own_place), "{problem}\n{text}");
                // Attributes without a default get an empty value to fill in.
                let empty = summary == "Invalid expression";
                let is_syntax = problem.stage == crate::Stage::Parse;
                assert!(
                    !is_syntax || empty || summary.starts_with("Missing"),
                    "{problem}\n{text}"
                );
            }
        }
    }
}

// Places.

const FILE: &str = "variable \"tag\" {\n  type = string\n  \
    default = \"1.3\"\n  description = \"Which image.\"\n}\n\
    locals {\n  image = \"api:1\"\n}\n";

/// A file with its cursor, what is offered there, what is not.
const PLACES: &[(&str, &[&str], &[&str])] = &[
    ("|", &["job", "variable", "locals"], &["group", "count"]),
    ("job \"a\" {}\n|", &["variable"], &["job"]),
    (
        "job \"a\" {\n  |\n}",
        &["group", "type", "update"],
        &["count", "job"],
    ),
    ("job \"a\" {\n  gr|", &["group"], &["count"]),
    (
        "job \"a\" {\n  type = \"batch\"\n  |\n}",
        &["group"],
        &["type"],
    ),
    ("job \"a\" {\n  ty|pe = \"batch\"\n}", &["type"], &[]),
    ("job \"a\" {\n  update {}\n  |\n}", &["group"], &["update"]),
    ("job \"a\" {\n  group \"x\" {}\n  |\n}", &["group"], &[]),
    ("job \"a\" {\n  |\n  update {}\n}", &["group"], &["update"]),
    (
        "job \"a\" {\n  type = |\n}",
        &["\"service\"", "\"batch\"", "upper"],
        &["group"],
    ),
    (
        "job \"a\" {\n  type = \"|\n}",
        &["service", "sysbatch"],
        &["\"service\""],
    ),
    (
        "job \"a\" {\n  type = \"ba|\"\n}",
        &["service", "batch"],
        &[],
    ),
    ("job \"a\" {\n  all_at_once = |\n}", &["true", "false"], &[]),
    ("job \"a\" {\n  priority = 5 |\n}", &[], &["upper", "50"]),
    ("job \"a\" {\n  priority = |\n}", &["50"], &[]),
    ("job \"a\" {\n  # ty|\n}", &[], &["type"]),
    ("job \"a\" {\n  /* \n  | */\n}", &[], &["type"]),
    ("job |", &[], &["job", "type"]),
    ("job \"|", &[], &["job", "type"]),
    ("job \"a\" {\n  group \"b\" {} |\n}", &[], &["type"]),
    // Unfinished lines before the cursor.
    (
        "job \"a\" {\n  region = \"x\n  |\n}",
        &["type"],
        &["region"],
    ),
    ("job \"a\" {\n  upd\n  |\n}", &["update"], &[]),
    (
        "job \"a\" {\n  meta = [1, (2\n}\njob \"b\" {\n  |\n}",
        &["type"],
        &[],
    ),
    // Deeper blocks.
    (
        "job \"a\" {\n group \"b\" {\n  update {\n   |\n",
        &["canary", "max_parallel"],
        &["count"],
    ),
    (
        "job \"a\" {\n group \"b\" {\n  network { port \"h\" { | } }\n",
        &["static", "to"],
        &[],
    ),
    ("job \"a\" {\n meta {\n  |\n }\n}", &[], &["type", "count"]),
    (
        "job \"a\" {\n dynamic \"group\" {\n  for_each = [1]\n  |\n }\n}",
        &["labels", "content"],
        &["for_each", "count"],
    ),
    (
        "job \"a\" {\n dynamic \"group\" {\n  content {\n   |\n  }\n }\n}",
        &["count", "task"],
        &["for_each"],
    ),
    (
        "job \"a\" {\n dynamic \"group\" {\n  content {\n   count = |",
        &["group.value"],
        &[],
    ),
    (
        "variable \"a\" {\n  |\n}",
        &["type", "default", "validation"],
        &["group"],
    ),
    (
        "variable \"a\" {\n  type = |\n}",
        &["string", "list(string)"],
        &[],
    ),
    (
        "variable \"a\" {\n  validation {\n    |\n  }\n}",
        &["condition"],
        &["type"],
    ),
    // References.
    (
        "FILEjob \"a\" {\n  region = |",
        &["var.tag", "local.image"],
        &["node.class"],
    ),
    (
        "FILEjob \"a\" {\n  region = var.|",
        &["var.tag"],
        &["local.image", "upper"],
    ),
    (
        "FILEjob \"a\" {\n  region = lo|",
        &["local.image", "lower"],
        &[],
    ),
    (
        "FILEjob \"a\" {\n  region = upper(|)",
        &["var.tag", "trimspace"],
        &[],
    ),
    (
        "FILEjob \"a\" {\n  region = \"${|}\"",
        &["var.tag", "node.class", "upper"],
        &[],
    ),
    (
        "FILEjob \"a\" {\n  region = \"x-$|\"",
        &["${var.tag}", "${node.class}"],
        &["upper"],
    ),
    (
        "FILEjob \"a\" {\n  region = \"${node.unique.|}\"",
        &["node.unique.name"],
        &["node.class"],
    ),
    (
        "FILEjob \"a\" {\n  datacenters = [|",
        &["var.tag"],
        &["\"[\\\"*\\\"]\""],
    ),
    ("job \"a\" {\n  datacenters = [for x in |", &["upper"], &[]),
    (
        "job \"a\" {\n group \"b\" {\n  network {\n   \
             port \"http\" {}\n  }\n  service {\n   port = \"|",
        &["http"],
        &[],
    ),
    (
        "job \"a\" {\n group \"b\" {\n  network {\n   \
             port \"http\" {}\n  }\n  task \"c\" {\n   config {\n    ports = [\"|\"]",
        &["http"],
        &[],
    ),
    (
        "job \"a\" {\n group \"b\" {\n  network {\n   \
             port \"http\" {}\n  }\n  task \"c\" {\n   env {\n    P = \"${NOMAD_|}\"",
        &["NOMAD_PORT_http", "NOMAD_ALLOC_ID"],
        &["NOMAD_PORT_<label>"],
    ),
];

#[test]
fn places_offer_what_may_stand_there() {
    for (marked, offered, others) in PLACES {
        let marked = marked.replacen("FILE", FILE, 1);
        let found = labels(&marked);
        for label in *offered {
            assert!(
                found.iter().any(|each| each == label),
                "{label} at {marked}\n{found:?}"
            );
        }
        for label in *others {
            assert!(
                !found.iter().any(|each| each == label),
                "{label} at {marked}\n{found:?}"
            );
        }
    }
}

#[test]
fn taking_a_completion_writes_it() {
    let cases = [
        (
            "job \"a\" {\n  ty|\n}",
            "type",
            "job \"a\" {\n  type = \"service\"\n}",
        ),
        (
            "job \"a\" {\n  ty| = 1\n}",
            "type",
            "job \"a\" {\n  type = 1\n}",
        ),
        (
            "job \"a\" {\n  gr|\n}",
            "group",
            "job \"a\" {\n  group \"name\" {\n\t\n}\n}",
        ),
        (
            "job \"a\" {\n  t = \"${node.cl|\"",
            "node.class",
            "job \"a\" {\n  t = \"${node.class}\"",
        ),
        (
            "job \"a\" {\n  t = \"${node.cl|}\"",
            "node.class",
            "job \"a\" {\n  t = \"${node.class}\"",
        ),
        (
            "job \"a\" {\n  t = \"x$|\"",
            "${node.class}",
            "job \"a\" {\n  t = \"x${node.class}\"",
        ),
        (
            "job \"a\" {\n  type = \"ba|\"",
            "batch",
            "job \"a\" {\n  type = \"batch\"",
        ),
        (
            "job \"a\" {\n  type = up|",
            "upper",
            "job \"a\" {\n  type = upper(string)",
        ),
        (
            "job \"a\" {\n group \"b\" {\n task \"c\" {\n  life|",
            "lifecycle",
            "job \"a\" {\n group \"b\" {\n task \"c\" {\n  lifecycle {\n\thook = \"prestart\"\n}",
        ),
    ];
    for (marked, label, after) in cases {
        let found = taken(marked, label);
        // Names of parameters are the functions' own.
        let matches = found == after || (label == "upper" && found.contains("type = upper("));
        assert!(matches, "{found:?} instead of {after:?}");
    }
}

#[test]
fn words_explain_themselves() {
    // File with the cursor, the word that is explained, its type, its default, part of the text.
    let cases = [
        (
            "job \"a\" {\n  ty|pe = \"batch\"\n}",
            "type",
            "string",
            "service",
            "One of: service, batch",
        ),
        (
            "|job \"a\" {}",
            "job",
            "block, exactly one",
            "",
            "What to run",
        ),
        (
            "job \"a\" {\n  group| \"b\" {}\n}",
            "group",
            "block, any number",
            "",
            ".",
        ),
        (
            "FILEjob \"a\" {\n  region = v|ar.tag\n}",
            "var.tag",
            "variable, string",
            "\"1.3\"",
            "Which image.",
        ),
        (
            "FILEjob \"a\" {\n  region = \"${local.im|age}\"\n}",
            "local.image",
            "local",
            "",
            "\"api:1\"",
        ),
        (
            "job \"a\" {\n  region = up|per(\"x\")\n}",
            "upper",
            "upper(",
            "",
            ".",
        ),
        (
            "job \"a\" {\n  region = \"${node.un|ique.name}\"\n}",
            "node.unique.name",
            "string",
            "",
            "Name of the node",
        ),
        (
            "job \"a\" {\n  region = \"${NOMAD_PORT_h|ttp}\"\n}",
            "NOMAD_PORT_http",
            "string",
            "",
            "Port",
        ),
        (
            "job \"a\" {\n  region = \"${meta.ra|ck}\"\n}",
            "meta.rack",
            "string",
            "",
            "configuration",
        ),
    ];
    for (marked, word, type_text, default, text) in cases {
        let (source, offset) = cursor(&marked.replacen("FILE", FILE, 1));
        let found = hover(&source, offset).unwrap_or_else(|| panic!("{marked}"));
        assert_eq!(&source[found.start_byte..found.end_byte], word, "{marked}");
        assert_eq!(found.title, word);
        assert!(found.type_text.starts_with(type_text), "{found:?}");
        assert_eq!(found.default_text, default);
        assert!(found.text.contains(text), "{found:?}");
    }
    for marked in [
        "job \"a\" {|\n}",
        "job \"a\" {\n  # ty|pe\n}",
        "job \"a\" {\n  nope| = 1\n}",
        "|",
    ] {
        let (source, offset) = cursor(marked);
        assert_eq!(hover(&source, offset), None, "{marked}");
    }
}

#[test]
fn no_place_of_any_text_is_too_odd() {
    let texts = [
        include_str!("../../tests/data/web.nomad.hcl"),
        "\u{feff}job \"é\" {\r\n  名前 = \"${ \n  \"\"\"\n }}} ]) <<EOT\n%{ if\nEOT\n",
        "a = {\"b\" = [(\"${{\n}\n\"${\"\n",
        "\"\n\"\n\"\n\"\n\"\n\"\n",
    ];
    for text in texts {
        for offset in 0..=text.len() + 1 {
            let found = completions(text, offset);
            assert!(found.start_byte <= offset && text.is_char_boundary(found.start_byte));
            if let Some(found) = hover(text, offset) {
                assert!(text.get(found.start_byte..found.end_byte).is_some());
            }
        }
    }
}
