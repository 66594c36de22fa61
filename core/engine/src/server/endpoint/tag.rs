//! Names of job versions, by which they are found and kept (spec: deployments 25.9).

use yurt_model::job::VersionTag;
use yurt_model::{JobKey, Name};
use yurt_state::{Change, Store};

use super::{Context, Decision, Refusal};

pub(super) fn apply(
    store: &Store,
    context: &Context<'_>,
    key: JobKey,
    version: Option<u64>,
    name: Name,
    description: Name,
) -> Result<Decision, Refusal> {
    let current = store.job(&key).map(|job| job.version);
    let Some(current) = current else {
        return Err(Refusal(format!("job \"{}\" version 0 not found", key.id)));
    };
    let version = version.unwrap_or(current);
    if store.job_version(&key, version).is_none() {
        let text = format!("job \"{}\" version {version} not found", key.id);
        return Err(Refusal(text));
    }
    let other = store.tagged_version(&key, &name);
    if other.is_some_and(|other| other.version != version) {
        return Err(Refusal(format!(
            "tag \"{name}\" already exists on a different version of job \"{}\"",
            key.id
        )));
    }
    let tag = Some(VersionTag {
        name,
        description,
        tagged_time: context.at,
    });
    Ok(Decision::change(Change::JobVersionTagged {
        key,
        version,
        tag,
    }))
}

pub(super) fn unset(store: &Store, key: JobKey, name: &Name) -> Result<Decision, Refusal> {
    let Some(version) = store.tagged_version(&key, name).map(|job| job.version) else {
        return Err(Refusal(format!(
            "tag \"{name}\" not found on job \"{}\"",
            key.id
        )));
    };
    let tag = None;
    Ok(Decision::change(Change::JobVersionTagged {
        key,
        version,
        tag,
    }))
}
