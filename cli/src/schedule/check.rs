//! What a recording must look like before anything of it is played: types, names of events, times
//! and sizes. Said with the step, so that whoever writes a scenario finds the place.

use serde_json::Value;
use yurt_engine::NODES_MAX;

use super::list;

/// Most steps of one scenario.
const STEPS_MAX: usize = 100_000;

/// The longest time that one event may name, in seconds: ten years.
const SECONDS_MAX: f64 = 315_360_000.0;

/// What kind of value a member of an event is.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Truth,
    Whole,
    /// Seconds; the second says whether they may be negative.
    Seconds(bool),
    Object,
    List,
}

use Kind::{List, Object, Seconds, Text, Truth, Whole};

/// Members that must be there, and members that may.
struct Shape {
    event: &'static str,
    must: &'static [(&'static str, Kind)],
    may: &'static [(&'static str, Kind)],
}

const JOB: &[(&str, Kind)] = &[("id", Text)];
const NODE: &[(&str, Kind)] = &[("node", Text), ("node_of", Text)];

const fn shape(
    event: &'static str,
    must: &'static [(&'static str, Kind)],
    may: &'static [(&'static str, Kind)],
) -> Shape {
    Shape { event, must, may }
}

/// Every event that there is.
const SHAPES: &[Shape] = &[
    shape("advance", &[("s", Seconds(false))], &[]),
    shape("plan", &[("job", Object)], &[]),
    shape("register", &[("job", Object)], &[]),
    shape(
        "client",
        &[],
        &[
            ("updates", List),
            ("select", Text),
            ("set", Text),
            ("count", Whole),
            ("h", Truth),
            ("id", Text),
        ],
    ),
    shape("promote", JOB, &[("groups", List)]),
    shape("fail", JOB, &[]),
    shape("pause", JOB, &[]),
    shape("resume", JOB, &[]),
    shape("node_add", &[("def", Object)], &[]),
    shape("node_miss", &[], NODE),
    shape("node_status", &[("status", Text)], NODE),
    shape("eligibility", &[("eligible", Truth)], NODE),
    shape(
        "drain",
        &[],
        &[
            ("node", Text),
            ("node_of", Text),
            ("deadline", Seconds(true)),
            ("ignore_system", Truth),
        ],
    ),
    shape(
        "drain_stop",
        &[],
        &[("node", Text), ("node_of", Text), ("mark_eligible", Truth)],
    ),
    shape("revert", JOB, &[("version", Whole)]),
    shape("scale", JOB, &[("group", Text), ("count", Whole)]),
    shape("deregister", JOB, &[("purge", Truth)]),
    shape("eval", JOB, &[("force_reschedule", Truth)]),
    shape("alloc_stop", &[("a", Text)], &[]),
];

/// What is wrong with a scenario, if anything.
pub(super) fn check(recorded: &Value) -> Result<(), String> {
    if !recorded.is_object() {
        return Err("a scenario is an object".into());
    }
    for member in ["nodes", "steps"] {
        if !matches!(recorded[member], Value::Null | Value::Array(_)) {
            return Err(format!("\"{member}\" must be a list"));
        }
    }
    let (nodes, steps) = (list(&recorded["nodes"]).len(), list(&recorded["steps"]));
    if nodes > NODES_MAX {
        return Err(format!(
            "a world may have at most {NODES_MAX} nodes; this one asks for {nodes}"
        ));
    }
    if steps.len() > STEPS_MAX {
        let count = steps.len();
        return Err(format!(
            "a scenario may have at most {STEPS_MAX} steps; this one has {count}"
        ));
    }
    for (number, step) in steps.iter().enumerate() {
        check_event(&step["ev"]).map_err(|error| format!("step {}: {error}", number + 1))?;
    }
    Ok(())
}

fn check_event(event: &Value) -> Result<(), String> {
    let Some(name) = event["do"].as_str() else {
        return Err("no event: \"do\" must be its name".into());
    };
    let Some(shape) = SHAPES.iter().find(|shape| shape.event == name) else {
        return Err(format!("no event {name:?}"));
    };
    for (member, kind) in shape.must {
        check_member(member, *kind, &event[*member])?;
    }
    for (member, kind) in shape
        .may
        .iter()
        .filter(|(member, _)| !event[*member].is_null())
    {
        check_member(member, *kind, &event[*member])?;
    }
    Ok(())
}

fn check_member(name: &str, kind: Kind, value: &Value) -> Result<(), String> {
    let (is_good, what) = match kind {
        Text => (value.is_string(), "a text".to_owned()),
        Truth => (value.is_boolean(), "true or false".to_owned()),
        Whole => (value.is_i64(), "a whole number".to_owned()),
        Object => (value.is_object(), "an object".to_owned()),
        List => (value.is_array(), "a list".to_owned()),
        Seconds(may_be_negative) => {
            let least = if may_be_negative { -SECONDS_MAX } else { 0.0 };
            let range = least..=SECONDS_MAX;
            let is_good = value
                .as_f64()
                .is_some_and(|seconds| range.contains(&seconds));
            (
                is_good,
                format!("a number of seconds from {least} to {SECONDS_MAX}"),
            )
        }
    };
    if is_good {
        return Ok(());
    }
    // A value may be as large as a file.
    let shown: String = value.to_string().chars().take(60).collect();
    Err(format!("\"{name}\" must be {what}, not {shown}"))
}
