//! How updates, migrations, restarts and rescheduling come about: the type's defaults, the job's
//! block over them, the group's over that (spec: jobspec 13.2, 13.3).

use serde_json::{Value, json};
use yurt_model::Release;

use super::{Members, text};

const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// What groups inherit.
pub(super) struct Parents {
    /// The job's update block, filled; null for types without one.
    update: Value,
    /// Fills an update block that has no parent.
    update_default: Value,
    release: Release,
    /// The migrate block that groups start from.
    migrate: Value,
    /// The reschedule block that groups start from.
    reschedule: Value,
    /// The type's restart policy.
    pub(super) restart: Value,
}

impl Parents {
    /// The blocks that the groups of this job start from; the job's own update block is filled.
    pub(super) fn of(job: &mut Members, release: Release) -> Self {
        let kind = text(job, "Type").to_owned();
        let has_updates = matches!(&*kind, "service" | "system");
        let update_default = update_default(release);
        // A block of zeros is no block: it is what servers show for types that have none.
        let update = match &job["Update"] {
            given if is_unset(given) && has_updates => update_default.clone(),
            given if is_unset(given) => Value::Null,
            given => overlay(&update_default, given),
        };
        job.insert("Update".into(), update.clone());
        let migrate = match (&*kind, &job["Migrate"]) {
            ("service", given) => overlay(&migrate_default(), given),
            (_, Value::Null) => Value::Null,
            (_, given) => overlay(&migrate_default(), given),
        };
        let default = reschedule_default(&kind);
        let reschedule = match &job["Reschedule"] {
            Value::Null => default,
            given => overlay(&or_zero(default), given),
        };
        Self {
            update,
            update_default,
            release,
            migrate,
            reschedule,
            restart: restart_default(&kind),
        }
    }

    /// The group's update block. Release 0.7 has no progress deadline to be set.
    pub(super) fn group_update(&self, given: &Value) -> Value {
        let mut update = match (&self.update, given) {
            (Value::Null, Value::Null) => return Value::Null,
            (Value::Null, given) => overlay(&self.update_default, given),
            (parent, given) => overlay(parent, given),
        };
        if self.release == Release::V0_7 {
            update["ProgressDeadline"] = json!(0);
        }
        update
    }

    /// The group's migrate block.
    pub(super) fn group_migrate(&self, given: &Value) -> Value {
        match (&self.migrate, given) {
            (Value::Null, Value::Null) => Value::Null,
            (Value::Null, given) => overlay(&migrate_default(), given),
            (parent, given) => overlay(parent, given),
        }
    }

    /// The group's reschedule block.
    pub(super) fn group_reschedule(&self, given: &Value) -> Value {
        match (&self.reschedule, given) {
            (Value::Null, Value::Null) => Value::Null,
            (parent, given) => overlay(&or_zero(parent.clone()), given),
        }
    }
}

/// Servers keep two members of the job's update block, and nothing of the other parents.
pub(super) fn keep_job_update(job: &mut Members) {
    job.insert("Migrate".into(), Value::Null);
    job.insert("Reschedule".into(), Value::Null);
    if job["Update"].is_null() {
        job.insert("Update".into(), job_update(0, 0));
        return;
    }
    let member = |name: &str| job["Update"][name].as_i64().unwrap_or(0);
    let kept = job_update(member("Stagger"), member("MaxParallel"));
    job.insert("Update".into(), kept);
}

/// What servers keep of a job's own update block: two members, the others empty. In the order of
/// the shape, so that it is written the same before and after it is read.
pub(crate) fn job_update(stagger: i64, max_parallel: i64) -> Value {
    json!({
        "Stagger": stagger,
        "MaxParallel": max_parallel,
        "HealthCheck": "",
        "MinHealthyTime": 0,
        "HealthyDeadline": 0,
        "ProgressDeadline": 0,
        "Canary": 0,
        "AutoRevert": false,
        "AutoPromote": false,
    })
}

/// The members of `over` that are set, over those of `base`.
pub(super) fn overlay(base: &Value, over: &Value) -> Value {
    let mut result = base.clone();
    if let (Value::Object(result), Value::Object(over)) = (&mut result, over) {
        for (name, value) in over {
            if !value.is_null() {
                result.insert(name.clone(), value.clone());
            }
        }
    }
    result
}

/// No update block, or the block of zeros. A file that says `max_parallel = 0` and nothing else is
/// neither: what it leaves out is null, not zero (spec: jobspec 13.2).
fn is_unset(block: &Value) -> bool {
    let is_zero = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Number(number) => number.as_i64() == Some(0),
        _ => false,
    };
    match block {
        Value::Object(members) => members.values().all(is_zero) && !block["Stagger"].is_null(),
        _ => true,
    }
}

fn or_zero(policy: Value) -> Value {
    if policy.is_null() {
        return json!({
            "Attempts": 0, "Delay": 0, "DelayFunction": "", "Interval": 0, "MaxDelay": 0,
            "Unlimited": false,
        });
    }
    policy
}

/// Release 0.7 knows no progress deadline: it is off.
fn update_default(release: Release) -> Value {
    let progress_deadline = match release {
        Release::V2_0 => 10 * MINUTE,
        Release::V0_7 => 0,
    };
    json!({
        "AutoPromote": false,
        "AutoRevert": false,
        "Canary": 0,
        "HealthCheck": "checks",
        "HealthyDeadline": 5 * MINUTE,
        "MaxParallel": 1,
        "MinHealthyTime": 10 * SECOND,
        "ProgressDeadline": progress_deadline,
        "Stagger": 30 * SECOND,
    })
}

fn migrate_default() -> Value {
    json!({
        "HealthCheck": "checks",
        "HealthyDeadline": 5 * MINUTE,
        "MaxParallel": 1,
        "MinHealthyTime": 10 * SECOND,
    })
}

fn reschedule_default(kind: &str) -> Value {
    match kind {
        "service" => json!({
            "Attempts": 0, "Delay": 30 * SECOND, "DelayFunction": "exponential", "Interval": 0,
            "MaxDelay": HOUR, "Unlimited": true,
        }),
        "batch" => json!({
            "Attempts": 1, "Delay": 5 * SECOND, "DelayFunction": "constant", "Interval": 24 * HOUR,
            "MaxDelay": 0, "Unlimited": false,
        }),
        _ => Value::Null,
    }
}

fn restart_default(kind: &str) -> Value {
    let (attempts, interval) = match kind {
        "batch" | "sysbatch" => (3, 24 * HOUR),
        _ => (2, 30 * MINUTE),
    };
    json!({
        "Attempts": attempts,
        "Delay": 15 * SECOND,
        "Interval": interval,
        "Mode": "fail",
        "RenderTemplates": false,
    })
}
