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
    if tagged(store, &key, &name).is_some_and(|other| other != version) {
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
    let Some(version) = tagged(store, &key, name) else {
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

/// The version that has the tag.
fn tagged(store: &Store, key: &JobKey, name: &Name) -> Option<u64> {
    let mut versions = store.job_versions(key).iter();
    let has = |job: &yurt_model::Job| {
        job.version_tag
            .as_ref()
            .is_some_and(|tag| tag.name == *name)
    };
    versions.find(|job| has(job)).map(|job| job.version)
}
