//! YAML that people write, what is refused, and how time grows.

use serde_json::json;

use super::*;

#[test]
fn writes_and_reads() {
    let value = Value::from_json(&json!({
        "a": 1, "b": ["x", {"c": true, "d": []}], "e": {"f": null}
    }));
    let text = encode(&value);
    assert_eq!(
        text,
        "\"a\": 1\n\"b\":\n- \"x\"\n- \"c\": true\n  \"d\": []\n\"e\":\n  \"f\": null\n"
    );
    assert_eq!(decode(&text), Ok(value));
}

#[test]
fn reads_what_people_write() {
    for (text, wanted) in [
        ("", json!(null)),
        (
            "a: 1\nb: two words # not\n",
            json!({"a": 1, "b": "two words"}),
        ),
        (
            "k: |\n  one\n  two\nl:\n  - y\n  - {a: 1, 'b': [2, x]}\n",
            json!({"k": "one\ntwo\n", "l": [true, {"a": 1, "b": [2, "x"]}]}),
        ),
        ("a:\n- 1\n- 2\nb:\n  - 3\n", json!({"a": [1, 2], "b": [3]})),
        (
            "- a: 1\n  b: 2\n- c\n-\n  d: 3\n- - 4\n  - 5\n",
            json!([{"a": 1, "b": 2}, "c", {"d": 3}, [4, 5]]),
        ),
        (
            "base: &base\n  a: 1\n  b: 2\nuse:\n  <<: *base\n  b: 3\n",
            json!({"base": {"a": 1, "b": 2}, "use": {"a": 1, "b": 3}}),
        ),
        (
            "x: &x 5\ny: [*x, *x]\nz: *x\n",
            json!({"x": 5, "y": [5, 5], "z": 5}),
        ),
        (
            "p: &p {a: 1}\nq: &q {a: 2, b: 2}\nm:\n  <<: [*p, *q]\n",
            json!({"p": {"a": 1}, "q": {"a": 2, "b": 2}, "m": {"a": 1, "b": 2}}),
        ),
        ("a: !!str 5\nb: !!int \"7\"\n", json!({"a": "5", "b": 7})),
        (
            "a: one\n  two\n  three\nb: \"x\n  y\"\n",
            json!({"a": "one two three", "b": "x y"}),
        ),
        ("a: [1,\n  2,\n  3]\n", json!({"a": [1, 2, 3]})),
        (
            "a: >\n  one\n  two\n\n  three\n    in\n  four\nb: 1\n",
            json!({"a": "one two\nthree\n  in\nfour\n", "b": 1}),
        ),
        (
            "a: |-\n  x\n\nb: |+\n  y\n\nc: |2\n    z\n",
            json!({"a": "x", "b": "y\n\n", "c": "  z\n"}),
        ),
        (
            "a: 0x1f\nb: 0755\nc: 1_000\nd: 1.5e3\ne: -.5\nf: 1.2.3\ng: 08:30\n",
            json!({"a": 31, "b": 493, "c": 1000, "d": 1500, "e": -0.5, "f": "1.2.3", "g": "08:30"}),
        ),
        (
            "%YAML 1.1\n---\na: yes\nb: No\nc: ~\nd:\n",
            json!({"a": true, "b": false, "c": null, "d": null}),
        ),
        (
            "a: 'it''s # one'\nb: \"\\x41\\u00e9\\n\"\n",
            json!({"a": "it's # one", "b": "Aé\n"}),
        ),
        (
            "url: http://x:80/y#z\n\"q: k\": 1\n",
            json!({"url": "http://x:80/y#z", "q: k": 1}),
        ),
        ("--- 5\n...\n", json!(5)),
    ] {
        let got = decode(text).unwrap_or_else(|reason| panic!("{text}\n{reason}"));
        assert_eq!(got.to_json(), wanted, "{text}");
    }
}

#[test]
fn refuses_the_rest() {
    let laughs = (1..40).fold("a0: &a0 [x, x]\n".to_owned(), |text, i| {
        let before = i - 1;
        text + &format!("a{i}: &a{i} [*a{before}, *a{before}]\n")
    });
    for (text, wanted) in [
        ("a: 1\n---\nb: 2\n", "extra content"),
        ("a: *b\n", "undefined anchor"),
        ("a: !odd 1\n", "unsupported tag"),
        ("a: [1, 2\n", "expected"),
        ("a: \"x\n", "end of stream"),
        ("a: one\n  b: two\n", "mapping values"),
        ("a: 1\n   b: 2\n", "mapping values"),
        ("<<: 5\n", "merge requires"),
        (&laughs, "aliases would exceed 16777216 bytes"),
    ] {
        let reason = decode(text).expect_err(text);
        assert!(reason.contains(wanted), "{text}\n{reason}");
    }
}

#[test]
fn time_grows_with_the_text() {
    let text = format!("a: [{}1]\n", "1,\n  ".repeat(50_000));
    assert!(decode(&text).is_ok());
    let plain = format!("a: x\n{}", "  word\n".repeat(50_000));
    assert!(decode(&plain).is_ok());
}
