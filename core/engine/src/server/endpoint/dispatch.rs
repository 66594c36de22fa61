//! Dispatching parameterized jobs (spec: scheduling 19).

use std::collections::BTreeSet;
use std::rc::Rc;

use yurt_jobspec::typed::edited;
use yurt_model::job::Parameterized;
use yurt_model::{EvalId, EvalTrigger, Evaluation, Gather, Job, JobId, JobKey, JobSpec, Name};
use yurt_state::{Change, JobWrite, Store};

use crate::event::{JobDispatch, Refusal};
use crate::server::{Context, Decision};

/// The most bytes of a payload (spec: scheduling 1).
const PAYLOAD_MAX: usize = 16_384;

/// The highest priority of a job.
const PRIORITY_MAX: i64 = 100;

pub(super) fn dispatch(
    store: &Store,
    context: &mut Context<'_>,
    dispatch: &JobDispatch,
) -> Result<Decision, Refusal> {
    let (parent, rules) = dispatchable(store, &dispatch.key)?;
    check_payload(rules, dispatch.payload.as_deref())?;
    check_meta(rules, &dispatch.meta)?;
    let priority = match dispatch.priority {
        0 => parent.spec.priority,
        given => given,
    };
    if !(1..=PRIORITY_MAX).contains(&priority) {
        let text = format!("dispatch job priority must be between [1, {PRIORITY_MAX}]");
        return Err(Refusal(text));
    }
    let token = dispatch.idempotency_token.as_ref();
    let token = token.filter(|token| !token.is_empty());
    if let Some(child) = token.and_then(|token| store.dispatched_child(&dispatch.key, token)) {
        return Ok(Decision {
            child: Some(child.id().clone()),
            ..Decision::default()
        });
    }
    let spec = child_spec(context, parent, dispatch, priority)?;
    let eval = spec.periodic.is_none().then(|| {
        let id = EvalId(context.ids.make());
        let trigger = EvalTrigger::JobRegister;
        Evaluation::new(id, &spec.key(), spec.kind, priority, trigger, context.at)
    });
    let child = Some(spec.id.clone());
    let mut write = JobWrite::copy_of(parent);
    write.spec = Rc::new(spec);
    write.stable = false;
    write.version_tag = None;
    write.submit_time = context.at;
    write.parent = Some(parent.id().clone());
    write.dispatched = true;
    write.dispatch_token = token.cloned();
    write.payload = dispatch.payload.clone();
    Ok(Decision {
        eval_id: eval.as_ref().map(|eval| eval.id),
        child,
        ..Decision::change(Change::JobUpserted {
            job: Box::new(write),
            evaluation: eval.map(Box::new),
            no_shutdown_delay: false,
        })
    })
}

/// The job, if it may be dispatched, and its rules.
fn dispatchable<'a>(
    store: &'a Store,
    key: &JobKey,
) -> Result<(&'a Rc<Job>, &'a Parameterized), Refusal> {
    let id = &key.id;
    if id.as_str().is_empty() {
        return Err(Refusal("missing parameterized job ID".to_owned()));
    }
    let Some(job) = store.job(key) else {
        return Err(Refusal("parameterized job not found".to_owned()));
    };
    let rules = job.spec.parameterized.as_ref();
    let Some(rules) = rules.filter(|_| job.is_parameterized()) else {
        let text = format!("Specified job \"{id}\" is not a parameterized job");
        return Err(Refusal(text));
    };
    if job.stop {
        return Err(Refusal(format!("Specified job \"{id}\" is stopped")));
    }
    Ok((job, rules))
}

fn check_payload(rules: &Parameterized, payload: Option<&[u8]>) -> Result<(), Refusal> {
    let length = payload.map_or(0, <[u8]>::len);
    let text = match (&*rules.payload, length) {
        ("required", 0) => "Payload is not provided but required by parameterized job".to_owned(),
        ("forbidden", 1..) => "Payload provided but forbidden by parameterized job".to_owned(),
        (_, length) if length > PAYLOAD_MAX => {
            format!("Payload exceeds maximum size; {length} > {PAYLOAD_MAX}")
        }
        _ => return Ok(()),
    };
    Err(Refusal(text))
}

/// Keys that may not be given are told before keys that are missing.
fn check_meta(rules: &Parameterized, meta: &[(Name, Name)]) -> Result<(), Refusal> {
    let given: BTreeSet<&str> = meta.iter().map(|(key, _)| &**key).gather();
    let names = |list: &'_ [Name]| -> BTreeSet<String> {
        list.iter().map(|name| name.to_string()).gather()
    };
    let (required, optional) = (names(&rules.meta_required), names(&rules.meta_optional));
    let listed = |keys: Vec<&str>, text: &str| match keys.is_empty() {
        true => Ok(()),
        false => Err(Refusal(format!("{text}: [{}]", keys.join(" ")))),
    };
    let is_known = |key: &&str| required.contains(*key) || optional.contains(*key);
    let unknown = given.iter().copied().filter(|key| !is_known(key));
    listed(
        unknown.collect(),
        "Dispatch request included unpermitted metadata keys",
    )?;
    let missing = required.iter().map(String::as_str);
    listed(
        missing.filter(|key| !given.contains(key)).collect(),
        "Dispatch did not provide required meta keys",
    )
}

/// The parent's spec under a new id, with the given meta over the parent's.
fn child_spec(
    context: &mut Context<'_>,
    parent: &Job,
    dispatch: &JobDispatch,
    priority: i64,
) -> Result<JobSpec, Refusal> {
    let seconds = context.at.0.div_euclid(1_000_000_000);
    let prefix = match dispatch.id_prefix.as_ref().filter(|text| !text.is_empty()) {
        Some(prefix) => format!("{prefix}-"),
        None => String::new(),
    };
    let unique = context.ids.make().short();
    let id = format!("{}/dispatch-{prefix}{seconds}-{unique}", parent.id());
    let id = JobId::from(id.as_str());
    edited(&parent.spec, |document| {
        document["ID"] = id.as_str().into();
        document["Name"] = id.as_str().into();
        document["Priority"] = priority.into();
        if !dispatch.meta.is_empty() && !document["Meta"].is_object() {
            document["Meta"] = serde_json::json!({});
        }
        for (key, value) in &dispatch.meta {
            document["Meta"][&**key] = value.to_string().into();
        }
    })
    .map_err(|error| Refusal(error.to_string()))
}
