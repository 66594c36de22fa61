//! Groups and their policies.

use yurt_model::Duration;
use yurt_model::job::{
    DelayFunction, DisconnectStrategy, EphemeralDisk, MigrateStrategy, ReconcileOption,
    ReschedulePolicy, RestartMode, RestartPolicy, Scaling, TaskGroup, VolumeRequest,
};

use super::{
    TypedError, affinities, constraints, health_check, name, pairs, service, spreads, task,
    unknown, update,
};
use crate::document::View;

pub(super) fn read(group: View<'_>) -> Result<TaskGroup, TypedError> {
    let restart = group.object("RestartPolicy").map(restart).transpose()?;
    let restart = restart.unwrap_or_else(no_restarts);
    let tasks: Result<Vec<_>, TypedError> = group
        .objects("Tasks")
        .map(|given| task::read(given, &restart))
        .collect();
    Ok(TaskGroup {
        name: name(group, "Name"),
        count: group.int("Count"),
        constraints: constraints(group),
        affinities: affinities(group),
        spreads: spreads(group),
        update: group.object("Update").map(update).transpose()?,
        migrate: group.object("Migrate").map(migrate).transpose()?,
        restart,
        reschedule: group
            .object("ReschedulePolicy")
            .map(reschedule)
            .transpose()?,
        disconnect: group.object("Disconnect").map(disconnect).transpose()?,
        ephemeral_disk: ephemeral_disk(group),
        networks: service::networks(group),
        volumes: volumes(group),
        services: service::services(group),
        tasks: tasks?,
        meta: pairs(group, "Meta"),
        shutdown_delay: group.span("ShutdownDelay"),
        max_run_duration: group.span("MaxRunDuration"),
        scaling: group.object("Scaling").and_then(scaling),
    })
}

/// What a document without a policy says: nothing restarts.
fn no_restarts() -> RestartPolicy {
    RestartPolicy {
        attempts: 0,
        interval: Duration::ZERO,
        delay: Duration::ZERO,
        mode: RestartMode::Fail,
        render_templates: false,
    }
}

pub(super) fn restart(policy: View<'_>) -> Result<RestartPolicy, TypedError> {
    Ok(RestartPolicy {
        attempts: policy.int("Attempts"),
        interval: policy.span("Interval"),
        delay: policy.span("Delay"),
        mode: match policy.text("Mode") {
            "fail" => RestartMode::Fail,
            "delay" => RestartMode::Delay,
            other => return Err(unknown("restart mode", other)),
        },
        render_templates: policy.flag("RenderTemplates"),
    })
}

/// A policy that reschedules nothing may say what it likes about the function.
fn reschedule(policy: View<'_>) -> Result<ReschedulePolicy, TypedError> {
    let (attempts, unlimited) = (policy.int("Attempts"), policy.flag("Unlimited"));
    Ok(ReschedulePolicy {
        attempts,
        interval: policy.span("Interval"),
        delay: policy.span("Delay"),
        delay_function: match policy.text("DelayFunction") {
            "constant" | "" => DelayFunction::Constant,
            "exponential" => DelayFunction::Exponential,
            "fibonacci" => DelayFunction::Fibonacci,
            _ if attempts <= 0 && !unlimited => DelayFunction::Constant,
            other => return Err(unknown("delay function", other)),
        },
        max_delay: policy.span("MaxDelay"),
        unlimited,
    })
}

fn migrate(migrate: View<'_>) -> Result<MigrateStrategy, TypedError> {
    Ok(MigrateStrategy {
        max_parallel: migrate.int("MaxParallel"),
        health_check: health_check(migrate.text("HealthCheck"))?,
        min_healthy_time: migrate.span("MinHealthyTime"),
        healthy_deadline: migrate.span("HealthyDeadline"),
    })
}

fn disconnect(disconnect: View<'_>) -> Result<DisconnectStrategy, TypedError> {
    Ok(DisconnectStrategy {
        lost_after: disconnect.span("LostAfter"),
        stop_on_client_after: disconnect.optional_span("StopOnClientAfter"),
        replace: disconnect.flag("Replace"),
        reconcile: match disconnect.text("Reconcile") {
            "best_score" | "" => ReconcileOption::BestScore,
            "keep_original" => ReconcileOption::KeepOriginal,
            "keep_replacement" => ReconcileOption::KeepReplacement,
            "longest_running" => ReconcileOption::LongestRunning,
            other => return Err(unknown("reconcile option", other)),
        },
    })
}

fn ephemeral_disk(group: View<'_>) -> EphemeralDisk {
    let disk = group.object("EphemeralDisk");
    EphemeralDisk {
        size_mb: disk.map_or(0, |disk| disk.int("SizeMB").min(task::MUCH)),
        sticky: disk.is_some_and(|disk| disk.flag("Sticky")),
        migrate: disk.is_some_and(|disk| disk.flag("Migrate")),
    }
}

fn volumes(group: View<'_>) -> Vec<VolumeRequest> {
    group
        .entries("Volumes")
        .into_iter()
        .map(|(key, volume)| {
            let volume = View(volume);
            VolumeRequest {
                name: key.into(),
                kind: name(volume, "Type"),
                source: name(volume, "Source"),
                read_only: volume.flag("ReadOnly"),
                sticky: volume.flag("Sticky"),
                per_alloc: volume.flag("PerAlloc"),
                access_mode: name(volume, "AccessMode"),
                attachment_mode: name(volume, "AttachmentMode"),
            }
        })
        .collect()
}

fn scaling(scaling: View<'_>) -> Option<Scaling> {
    Some(Scaling {
        min: scaling.int("Min"),
        max: scaling.get("Max")?.as_i64()?,
        enabled: scaling.flag("Enabled"),
    })
}
