//! Admission against recorded answers: what a server makes of a job, and what it says against one.

#[cfg(target_arch = "wasm32")]
#[macro_use]
extern crate yurt_everywhere;

use serde_json::{Value, json};
use yurt_jobspec::admission::{
    AdmissionContext, admit, canonical_document, check_names, check_update, preserve_counts,
    preserve_resources, with_count,
};
use yurt_jobspec::typed::spec_from_document;
use yurt_model::{JobSpec, Release};

fn lines(text: &str) -> impl Iterator<Item = Value> + '_ {
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
}

/// The paths at which two documents differ.
fn differences(left: &Value, right: &Value, path: &str, found: &mut Vec<String>) {
    match (left, right) {
        (Value::Object(a), Value::Object(b)) => {
            for name in a
                .keys()
                .chain(b.keys().filter(|name| !a.contains_key(*name)))
            {
                let (a, b) = (&left[name], &right[name]);
                differences(a, b, &format!("{path}.{name}"), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (a, b) in a.iter().zip(b) {
                differences(a, b, &format!("{path}[]"), found);
            }
        }
        _ if left != right => found.push(format!("{path}: {left} is not {right}")),
        _ => {}
    }
}

fn assert_same(left: &Value, right: &Value, name: &Value) {
    let mut found = Vec::new();
    differences(left, right, "", &mut found);
    assert!(found.is_empty(), "{name}: {found:#?}");
}

/// What a recorded job says that the document does not. Indexes of policies are the servers'.
fn missing(recorded: &Value, document: &Value, path: &str, lost: &mut Vec<String>) {
    match (recorded, document) {
        (Value::Object(members), Value::Object(_)) => {
            for (name, value) in members {
                if !matches!(name.as_str(), "CreateIndex" | "ModifyIndex") {
                    missing(value, &document[name], &format!("{path}.{name}"), lost);
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (a, b) in a.iter().zip(b) {
                missing(a, b, &format!("{path}[]"), lost);
            }
        }
        _ if recorded != document => lost.push(format!("{path}: {recorded} is {document}")),
        _ => {}
    }
}

/// A service job with one group `api` and one task `server`.
fn small() -> Value {
    json!({
        "ID": "docs",
        "Name": "docs",
        "TaskGroups": [{
            "Name": "api",
            "Tasks": [{"Name": "server", "Driver": "docker", "Config": {"image": "echo:1"}}],
        }],
    })
}

fn admitted(job: &Value) -> JobSpec {
    match admit(job, &AdmissionContext::default()) {
        Ok(admitted) => (*admitted.spec).clone(),
        Err(refused) => panic!("{refused}"),
    }
}

#[test]
fn the_canonical_job_is_the_recorded_one() {
    for case in lines(include_str!("data/canonical.jsonl")) {
        let ours = admitted(&case["request"]);
        let recorded = spec_from_document(&case["canonical"]).expect("a canonical job");
        assert_same(&ours.document, &recorded.document, &case["name"]);
    }
}

#[test]
fn recorded_jobs_stay_themselves() {
    for case in lines(include_str!("data/recorded-jobs.jsonl")) {
        let spec = spec_from_document(&case["job"]).expect("a canonical job");
        let again = spec_from_document(&spec.document).expect("still a canonical job");
        assert_same(&spec.document, &again.document, &case["name"]);
        let mut lost = Vec::new();
        missing(&case["job"], &spec.document, "", &mut lost);
        assert!(lost.is_empty(), "{}: {lost:#?}", case["name"]);
    }
}

#[test]
fn the_guide_needs_release_0_7_or_a_progress_deadline() {
    let mut job = small();
    job["TaskGroups"][0]["Update"] = json!({
        "MaxParallel": 1, "Canary": 5, "MinHealthyTime": "30s", "HealthyDeadline": "10m",
    });
    let refused = admit(&job, &AdmissionContext::default()).expect_err("10m is not below 10m");
    assert_eq!(
        refused.to_string(),
        "1 error occurred:\n\t* Task group api validation failed: 1 error occurred:\n\t* Healthy \
         deadline must be less than progress deadline: 10m0s > 10m0s\n\n\n\n"
    );
    let path = refused.errors[0].path.as_deref();
    assert_eq!(path, Some("group.api.update.healthy_deadline"));

    let context = AdmissionContext {
        release: Release::V0_7,
        ..AdmissionContext::default()
    };
    let admitted = admit(&job, &context).expect("0.7 has no progress deadline");
    let update = admitted.spec.groups[0]
        .update
        .as_ref()
        .expect("an update block");
    assert_eq!(update.progress_deadline.nanos(), 0);
    assert_eq!(admitted.spec.document["Datacenters"], json!(["dc1"]));

    job["TaskGroups"][0]["Update"]["ProgressDeadline"] = json!("15m");
    admitted_with_canaries(&job, 5);
}

fn admitted_with_canaries(job: &Value, canaries: i64) {
    let update = admitted(job).groups[0].update.clone();
    assert_eq!(update.map(|update| update.canary), Some(canaries));
}

#[test]
fn groups_override_what_they_inherit() {
    let mut job = small();
    job["Update"] = json!({"Canary": 2, "AutoRevert": true});
    job["TaskGroups"][0]["Update"] = json!({"AutoRevert": false});
    job["TaskGroups"][0]["RestartPolicy"] = json!({"Attempts": 7});
    job["TaskGroups"][0]["Tasks"][0]["RestartPolicy"] = json!({"Mode": "delay"});
    job["TaskGroups"][0]["Scaling"] = json!({"Min": 3, "Max": 9});
    let spec = admitted(&job);
    let group = &spec.groups[0];
    let update = group.update.as_ref().expect("an update block");
    assert_eq!(
        (update.canary, update.auto_revert, update.max_parallel),
        (2, false, 1)
    );
    assert_eq!(group.restart.attempts, 7);
    assert_eq!(group.tasks[0].restart.attempts, 7);
    assert_eq!(
        group.tasks[0].restart.mode,
        yurt_model::job::RestartMode::Delay
    );
    assert_eq!(
        (group.count, group.scaling.as_ref().map(|s| s.max)),
        (3, Some(9))
    );
}

#[test]
fn contents_imply_constraints() {
    let mut job = small();
    let group = &mut job["TaskGroups"][0];
    group["Networks"] = json!([{"Mode": "bridge"}]);
    group["Services"] = json!([{
        "Name": "${JOB}-x", "Provider": "nomad",
        "Checks": [{"Type": "tcp", "PortLabel": "http", "Interval": "10s", "Timeout": "2s"}],
    }]);
    group["Tasks"][0]["KillSignal"] = json!("SIGINT");
    group["Tasks"][0]["Templates"] =
        json!([{"EmbeddedTmpl": "x", "DestPath": "local/x", "ChangeMode": "signal"}]);
    let spec = admitted(&job);
    let constraints: Vec<String> = spec.groups[0]
        .constraints
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        constraints,
        [
            "${attr.os.signals} set_contains SIGHUP,SIGINT",
            "${attr.nomad.service_discovery} = true",
            "${attr.nomad.version} semver >= 1.4.0",
            "${attr.plugins.cni.version.bridge} semver >= 0.4.0",
            "${attr.plugins.cni.version.firewall} semver >= 0.4.0",
            "${attr.plugins.cni.version.host-local} semver >= 0.4.0",
            "${attr.plugins.cni.version.loopback} semver >= 0.4.0",
            "${attr.plugins.cni.version.portmap} semver >= 0.4.0",
        ]
    );
    assert_eq!(&*spec.groups[0].services[0].name, "docs-x");
    let again = canonical_document(&spec.document, Release::V2_0).expect("a job");
    assert_same(&spec.document, &again, &json!("canonical twice"));
}

#[test]
fn what_may_replace_what() {
    let service = admitted(&small());
    let with = |member: &str, value: Value| {
        let mut job = small();
        job["Type"] = json!("batch");
        job[member] = value;
        admitted(&job)
    };
    let batch = with("Meta", Value::Null);
    let periodic = with("Periodic", json!({"Specs": ["@daily"]}));
    let parameterized = with("ParameterizedJob", json!({}));
    let cases = [
        (
            &service,
            &batch,
            "cannot update job from type \"service\" to \"batch\"",
        ),
        (
            &periodic,
            &batch,
            "cannot update periodic job to being non-periodic",
        ),
        (
            &batch,
            &periodic,
            "cannot update non-periodic job to being periodic",
        ),
        (
            &parameterized,
            &batch,
            "cannot update parameterized job to being non-parameterized",
        ),
        (
            &batch,
            &parameterized,
            "cannot update non-parameterized job to being parameterized",
        ),
    ];
    for (old, new, text) in cases {
        assert_eq!(check_update(old, new), Err(text.to_owned()));
    }
    assert_eq!(check_update(&batch, &batch), Ok(()));
}

#[test]
fn an_update_may_keep_what_is_running() {
    let mut before = small();
    before["TaskGroups"][0]["Count"] = json!(7);
    before["TaskGroups"][0]["Tasks"][0]["Resources"] = json!({"CPU": 900});
    let (old, new) = (admitted(&before), admitted(&small()));
    let counts = preserve_counts(&new, &old).expect("still a job");
    assert_eq!(
        (
            counts.groups[0].count,
            counts.document["TaskGroups"][0]["Count"].as_i64()
        ),
        (7, Some(7))
    );
    let resources = preserve_resources(&new, &old).expect("still a job");
    assert_eq!(resources.groups[0].tasks[0].resources.cpu_mhz, 900);
    assert_eq!(
        with_count(&old, "api", 1).map(|job| job.groups[0].count),
        Ok(1)
    );
    assert_eq!(with_count(&old, "other", 1), Ok(old));
}

#[test]
fn namespaces_and_pools_must_exist() {
    let mut job = small();
    job["Namespace"] = json!("foo");
    job["NodePool"] = json!("gpu");
    job["TaskGroups"][0]["Count"] = json!(-1);
    let names = |names: &[&str]| Some(names.iter().map(ToString::to_string).collect());
    let context = AdmissionContext {
        namespaces: names(&["default"]),
        node_pools: names(&["all", "default"]),
        ..AdmissionContext::default()
    };
    let refused = admit(&job, &context).expect_err("neither exists");
    assert_eq!(
        refused.entries,
        [
            "job \"docs\" is in nonexistent namespace \"foo\"",
            "job \"docs\" is in nonexistent node pool \"gpu\"",
            "Task group api validation failed: 1 error occurred:\n\t* Task group count can't be \
             negative\n\n",
        ]
    );
    assert!(admit(&small(), &context).is_ok());
    job["NodePool"] = json!("default");
    let spec = spec_from_document(&canonical_document(&job, Release::V2_0).expect("a job"));
    let text = "job \"docs\" is in nonexistent namespace \"foo\"";
    let spec = spec.expect("a canonical job");
    assert_eq!(check_names(&spec, &context), Err(text.to_owned()));
}
