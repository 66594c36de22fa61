//! Bytes that are no UTF-8, byte-order marks, line ends, and how columns count: by grapheme
//! clusters, as a terminal shows them (spec: jobspec 3.1, 3.9).

#[cfg(target_arch = "wasm32")]
#[macro_use]
extern crate yurt_everywhere;

use yurt_jobspec::{ParseInput, Stage, parse, reading, render};

fn read(source: &str) -> String {
    let parsed = parse(&ParseInput {
        file_name: "t.hcl",
        source,
        ..Default::default()
    });
    let text = render(&parsed.diagnostics);
    match parsed.document {
        Some(document) => document["Region"].as_str().unwrap_or_default().to_owned(),
        None => text.lines().next().unwrap_or_default().to_owned(),
    }
}

/// Every case puts a text in front of an error on the same line; the error's column tells how many
/// columns the text takes.
#[test]
fn columns_are_grapheme_clusters() {
    for (text, columns) in [
        ("a", 1),
        ("\t", 1),
        ("é", 1),
        ("e\u{301}", 1),
        ("e\u{301}\u{323}x", 2),
        ("日本", 2),
        ("😀", 1),
        ("👍🏽", 1),
        ("👩‍👩‍👧‍👦", 1),
        ("🇩🇪🇫🇷", 2),
        ("🇩🇪🇫", 2),
        ("❤\u{fe0f}", 1),
        ("1\u{fe0f}\u{20e3}", 1),
        ("한국", 2),
        ("\u{1112}\u{1161}\u{11ab}", 1),
        ("\u{1112}\u{1112}", 1),
        ("नि", 1),
        ("ப\u{bcd}", 1),
        ("ก\u{e33}", 1),
        ("\u{5d0}\u{5b8}", 1),
        ("a\u{200b}b", 3),
        ("\u{feff}", 1),
    ] {
        let got = read(&format!("job \"a\" {{\n/*{text}*/nope\n}}\n"));
        let start = 5 + columns;
        let wanted = format!("t.hcl:2,{start}-{}: Argument or block", start + 4);
        assert!(got.starts_with(&wanted), "{text:?}: {got}");
    }
}

/// What a problem is about stands at the bytes that the editor is given, whatever stands before.
#[test]
fn bytes_are_exact() {
    for before in ["", "é", "e\u{301}", "👩‍👩‍👧‍👦", "日本"] {
        for (form, source) in [
            ("HCL", format!("job \"a\" {{\n/*{before}*/ nope = 1\n}}\n")),
            (
                "JSON",
                format!("{{\"//\":\"{before}\",\"job\":{{\"a\":{{\"nope\":1}}}}}}"),
            ),
        ] {
            let parsed = parse(&ParseInput {
                file_name: "t.hcl",
                source: &source,
                ..Default::default()
            });
            let range = parsed.diagnostics[0].range.expect("a place");
            let text = &source[range.start.byte..range.end.byte];
            assert_eq!(text.trim_matches('"'), "nope", "{form} {before}");
        }
    }
}

#[test]
fn marks_and_line_ends() {
    for (source, wanted) in [
        ("job \"a\" {\r\n  region = \"x\"\r\n}\r\n", "x"),
        ("\u{feff}job \"a\" {\n  region = \"x\"\n}\n", "x"),
        ("\u{feff}{\"job\":{\"a\":{\"region\":\"x\"}}}", "x"),
        ("job \"a\" {\n  region = \"x\"\n}", "x"),
        ("job \"a\" {\n  region = \"x\u{0}y\"\n}\n", "x\u{0}y"),
        (
            "job \"a\" {\r\n  region = <<EOT\r\nx\r\nEOT\r\n}\r\n",
            "x\r\n",
        ),
        (
            "job \"a\" {\r\n  pineapple = 1\r\n}\r\n",
            "t.hcl:2,3-12: Unsupported argument; An argument named \"pineapple\" is not expected here.",
        ),
        (
            "job \"a\" {\r  region = \"x\"\r}\r",
            "t.hcl:1,10-11: Invalid character; This character is not used within the language.",
        ),
        (
            "job \"a\" {\n  \u{0}region = \"x\"\n}\n",
            "t.hcl:2,3-4: Invalid character; This character is not used within the language.",
        ),
        (
            "job \"a\" {\n  \u{feff}region = \"x\"\n}\n",
            "t.hcl:2,3-4: Invalid character; This character is not used within the language.",
        ),
    ] {
        let got = read(source);
        let whole = !wanted.starts_with("t.hcl");
        assert!(got.starts_with(wanted), "{source:?}: {got}");
        assert!(!whole || got == wanted, "{source:?}: {got}");
    }
}

#[test]
fn bytes_that_are_no_text() {
    let text = |bytes: &[u8]| match reading::text(bytes, "t.hcl", Stage::Parse) {
        Ok(text) => text.into_owned(),
        Err(error) => error.to_string(),
    };
    const REFUSED: &str = "Invalid character encoding; All input files must be UTF-8 encoded. \
                           Ensure that UTF-8 encoding is selected in your editor.";
    for (bytes, wanted) in [
        (&b"job \"a\" {}\n"[..], "job \"a\" {}\n".to_owned()),
        (
            b"# caf\xe9\njob \"a\" {}\n",
            "# caf\u{fffd}\njob \"a\" {}\n".into(),
        ),
        (
            b"/* \xe9 */ job \"a\" {}\n",
            "/* \u{fffd} */ job \"a\" {}\n".into(),
        ),
        (b"job \"caf\xe9\" {}\n", format!("t.hcl:1,9-10: {REFUSED}")),
        (
            b"# \xe9\n\xc3\xa9 \xe9\n",
            format!("t.hcl:2,3-4: {REFUSED}"),
        ),
        (b"a = <<EOT\n\xff\nEOT\n", format!("t.hcl:2,1-2: {REFUSED}")),
        (b"\xff\xfej\0o\0b\0", format!("t.hcl:1,1-2: {REFUSED}")),
        (b"{\"job\":\"\xe9\"}", "{\"job\":\"\u{fffd}\"}".into()),
    ] {
        assert_eq!(text(bytes), wanted, "{bytes:?}");
    }
    let prefix = "unable to parse var file: t.hcl:1,5-6: Invalid character encoding";
    let error = reading::text(b"a = \xe9", "t.hcl", Stage::VariableFile);
    assert!(render(&[*error.unwrap_err()]).starts_with(prefix));
}
