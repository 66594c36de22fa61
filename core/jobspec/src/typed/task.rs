//! Tasks and what they need.

use serde_json::{Map, Value};
use yurt_model::Task;
use yurt_model::job::{
    DeviceRequest, Lifecycle, LifecycleHook, LogConfig, RestartPolicy, TaskResources,
};

use super::{TypedError, affinities, constraints, group, name, pairs, service, unknown};
use crate::document::View;

pub(super) fn read(task: View<'_>, restart: &RestartPolicy) -> Result<Task, TypedError> {
    let own = task
        .object("RestartPolicy")
        .map(group::restart)
        .transpose()?;
    let config = task.get("Config").cloned();
    Ok(Task {
        name: name(task, "Name"),
        driver: name(task, "Driver"),
        config: config.unwrap_or_else(|| Value::Object(Map::new())),
        env: pairs(task, "Env"),
        meta: pairs(task, "Meta"),
        constraints: constraints(task),
        affinities: affinities(task),
        resources: task.object("Resources").map(resources).unwrap_or_default(),
        restart: own.unwrap_or_else(|| restart.clone()),
        lifecycle: task.object("Lifecycle").map(lifecycle).transpose()?,
        leader: task.flag("Leader"),
        kill_timeout: task.span("KillTimeout"),
        kill_signal: name(task, "KillSignal"),
        shutdown_delay: task.span("ShutdownDelay"),
        services: service::services(task),
        logs: logs(task),
        artifact_count: task.objects("Artifacts").len(),
        template_count: task.objects("Templates").len(),
    })
}

fn lifecycle(lifecycle: View<'_>) -> Result<Lifecycle, TypedError> {
    Ok(Lifecycle {
        hook: match lifecycle.text("Hook") {
            "prestart" => LifecycleHook::Prestart,
            "poststart" => LifecycleHook::Poststart,
            "poststop" => LifecycleHook::Poststop,
            other => return Err(unknown("lifecycle hook", other)),
        },
        sidecar: lifecycle.flag("Sidecar"),
    })
}

/// More than any machine has, so that it fits nowhere, and small enough for sums over all tasks
/// and allocations that a job may have.
pub(super) const MUCH: i64 = 1 << 41;

fn resources(resources: View<'_>) -> TaskResources {
    let device = |device: View<'_>| DeviceRequest {
        name: name(device, "Name"),
        count: u64::try_from(device.int("Count")).unwrap_or(0),
        constraints: constraints(device),
        affinities: affinities(device),
    };
    let amount = |name: &str| resources.int(name).min(MUCH);
    TaskResources {
        cpu_mhz: amount("CPU"),
        cores: amount("Cores"),
        memory_mb: amount("MemoryMB"),
        memory_max_mb: amount("MemoryMaxMB"),
        secrets_mb: amount("SecretsMB"),
        devices: resources.objects("Devices").map(device).collect(),
        networks: service::networks(resources),
    }
}

fn logs(task: View<'_>) -> LogConfig {
    let logs = task.object("LogConfig");
    LogConfig {
        max_files: logs.map_or(0, |logs| logs.int("MaxFiles")),
        max_file_size_mb: logs.map_or(0, |logs| logs.int("MaxFileSizeMB")),
        disabled: logs.is_some_and(|logs| logs.flag("Disabled")),
    }
}
