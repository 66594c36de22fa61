//! Groups: counts, disks, networks, volumes, and what they inherit.

use serde_json::{Value, json};

use super::policy::{Parents, overlay};
use super::{
    JobNames, Members, connect, each, fill, fill_empty, object, object_or_new, service, task, text,
    weights,
};

/// Fills a group.
pub(super) fn fill_group(group: &mut Members, job: &JobNames, parents: &Parents) {
    let name = text(group, "Name").to_owned();
    scaling(group, job, &name);
    ephemeral_disk(group);
    weights(group);
    policies(group, parents);
    if let Some(disconnect) = object(group, "Disconnect") {
        fill(disconnect, "LostAfter", json!(0));
        fill(disconnect, "Replace", json!(true));
        fill_empty(disconnect, "Reconcile", "best_score");
    }
    // Older forms of `disconnect`: read, and dropped without a word (spec: jobspec 12.2).
    for dropped in ["StopAfterClientDisconnect", "MaxClientDisconnect"] {
        group.insert(dropped.into(), Value::Null);
    }
    group.insert("PreventRescheduleOnLost".into(), json!(false));
    if let Some(consul) = object(group, "Consul") {
        fill_empty(consul, "Cluster", "default");
    }
    volumes(group);
    each(group, "Services", |given| {
        service::fill_service(given, job, &name, None);
    });
    connect::add_proxies(group);
    networks(group);
    let restart = group["RestartPolicy"].clone();
    each(group, "Tasks", |given| {
        task::fill_task(given, job, &name, &restart);
    });
}

fn scaling(group: &mut Members, job: &JobNames, name: &str) {
    let count = group["Count"].clone();
    let Some(scaling) = object(group, "Scaling") else {
        fill(group, "Count", json!(1));
        return;
    };
    let count = match (&count, &scaling["Min"]) {
        (Value::Null, Value::Null) => json!(1),
        (Value::Null, min) => min.clone(),
        (count, _) => count.clone(),
    };
    fill(scaling, "Enabled", json!(true));
    fill_empty(scaling, "Type", "horizontal");
    fill(scaling, "Min", count.clone());
    scaling.insert(
        "Target".into(),
        json!({"Group": name, "Job": job.id, "Namespace": job.namespace}),
    );
    group.insert("Count".into(), count);
}

fn ephemeral_disk(group: &mut Members) {
    let disk = object_or_new(group, "EphemeralDisk");
    fill(disk, "Migrate", json!(false));
    fill(disk, "SizeMB", json!(300));
    fill(disk, "Sticky", json!(false));
}

fn policies(group: &mut Members, parents: &Parents) {
    let update = parents.group_update(&group["Update"]);
    group.insert("Update".into(), update);
    let migrate = parents.group_migrate(&group["Migrate"]);
    group.insert("Migrate".into(), migrate);
    let reschedule = parents.group_reschedule(&group["ReschedulePolicy"]);
    group.insert("ReschedulePolicy".into(), reschedule);
    let restart = overlay(&parents.restart, &group["RestartPolicy"]);
    group.insert("RestartPolicy".into(), restart);
}

/// Ports belong to the host network `default`. The device is dropped.
pub(super) fn networks(owner: &mut Members) {
    each(owner, "Networks", |network| {
        network.insert("Device".into(), json!(""));
        for list in ["DynamicPorts", "ReservedPorts"] {
            each(network, list, |port| {
                fill_empty(port, "HostNetwork", "default");
            });
        }
    });
}

/// Volumes of an unknown type vanish; the mounts that name them are found later.
fn volumes(group: &mut Members) {
    let Some(volumes) = object(group, "Volumes") else {
        return;
    };
    let known = |volume: &Value| matches!(volume["Type"].as_str(), Some("host" | "csi"));
    let kept: Vec<(String, Value)> = volumes
        .iter()
        .filter(|(_, volume)| known(volume))
        .map(|(name, volume)| (name.clone(), volume.clone()))
        .collect();
    volumes.clear();
    for (name, mut volume) in kept {
        volume["Name"] = Value::from(name.as_str());
        volumes.insert(name, volume);
    }
}
