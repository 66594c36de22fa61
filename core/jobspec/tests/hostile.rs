//! Whatever comes in as a job: admission answers, and an admitted job is canonical.

#[cfg(target_arch = "wasm32")]
#[macro_use]
extern crate yurt_everywhere;

use serde_json::{Value, json};
use yurt_jobspec::admission::{AdmissionContext, admit, canonical_document};
use yurt_jobspec::document::{Stage, normalise};
use yurt_jobspec::typed::spec_from_document;
use yurt_model::{Release, Rng};

/// Values that break things.
fn odd_values() -> Vec<Value> {
    vec![
        Value::Null,
        json!(0),
        json!(-1),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e300),
        json!(0.5),
        json!(true),
        json!(""),
        json!("${"),
        json!("é/\u{0}\"'*["),
        json!([]),
        json!([[]]),
        json!({}),
        json!({"": null}),
    ]
}

/// Every place in a document, as a JSON pointer.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                places(value, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (i, value) in items.iter().enumerate() {
                places(value, &format!("{at}/{i}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn odd_jobs_are_answered() {
    let seeds = include_str!("data/recorded-jobs.jsonl").lines();
    let mut jobs: Vec<Value> = seeds
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["job"].clone())
        .collect();
    jobs.push(serde_json::from_str(include_str!("data/web.json")).expect("JSON"));
    let odd = odd_values();
    let mut rng = Rng::new(7);
    let mut pick = |length: usize| rng.below(u32::try_from(length).expect("short")) as usize;
    let mut admitted = 0;
    for _ in 0..3_000 {
        let seed = &jobs[pick(jobs.len())];
        // What is given, and what could be given.
        let mut job = match pick(2) {
            0 => seed.clone(),
            _ => normalise(seed, Stage::Canonical).expect("a job"),
        };
        let mut all = Vec::new();
        places(&job, "", &mut all);
        for _ in 0..=pick(3) {
            if let Some(slot) = job.pointer_mut(&all[pick(all.len())]) {
                *slot = odd[pick(odd.len())].clone();
            }
        }
        let context = AdmissionContext::default();
        match admit(&job, &context) {
            Ok(admission) => {
                admitted += 1;
                let document = &admission.spec.document;
                let again = spec_from_document(document).expect("a canonical job");
                assert_eq!(*document, again.document, "{job}");
            }
            Err(refused) => {
                assert!(!refused.errors.is_empty(), "{job}");
                assert!(!refused.to_string().is_empty(), "{job}");
            }
        }
        // Release 0.7 must not fall over either.
        let _ = canonical_document(&job, Release::V0_7);
    }
    assert!(admitted > 100, "some of the edits do no harm: {admitted}");
}
