//! What makes an update replace allocations where the words of a job decide (spec: deployments
//! 13.1).

use serde_json::{Value, json};
use yurt_model::job::JobType;
use yurt_model::{JobSpec, testing};

use crate::destructive_difference;

/// A job of one task with this configuration and environment.
fn spec(config: Value, env: Value) -> JobSpec {
    let task = testing::task("server", "docker", config);
    let group = testing::group("api", 1, vec![task]);
    let mut spec = testing::spec("docs", JobType::Service, vec![group]);
    let task = json!({ "Name": "server", "Env": env });
    spec.document = json!({ "ID": "docs", "TaskGroups": [{ "Name": "api", "Tasks": [task] }] });
    spec
}

#[test]
fn every_key_counts_in_maps_that_are_free() {
    let full = json!({ "image": "web:1" });
    // Old, new, whether they differ.
    let table = [
        (Value::Null, json!({}), false),
        (full.clone(), full.clone(), false),
        (full.clone(), json!({ "image": "web:2" }), true),
        (
            full.clone(),
            json!({ "image": "web:1", "pull": false }),
            true,
        ),
        (full.clone(), json!({ "image": "web:1", "pull": "" }), true),
        (full.clone(), json!({ "image": "web:1", "args": [] }), true),
        (full.clone(), json!({ "image": "web:1", "args": {} }), true),
        (full, Value::Null, true),
        (
            json!({ "args": ["a", "b"] }),
            json!({ "args": ["b", "a"] }),
            true,
        ),
    ];
    for (old, new, differs) in table {
        let wanted = |what: &str| differs.then(|| format!("{what} of task \"server\""));
        for (a, b) in [(&old, &new), (&new, &old)] {
            let config = |config: &Value| spec(config.clone(), Value::Null);
            let found = destructive_difference(&config(a), &config(b), "api");
            assert_eq!(found, wanted("config"), "{a} {b}");
            let env = |env: &Value| spec(Value::Null, env.clone());
            let found = destructive_difference(&env(a), &env(b), "api");
            assert_eq!(found, wanted("environment"), "{a} {b}");
        }
    }
}
