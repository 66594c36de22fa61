//! Rules about volumes and their mounts (spec: jobspec 15.7).

use crate::admission::issues::Issues;
use crate::document::View;

/// The volumes of a group, by label.
pub(super) fn group(group: View<'_>, kind: &str, at: &str, issues: &mut Issues) {
    let canaries = group.object("Update").map_or(0, |u| u.int("Canary"));
    for (label, volume) in group.entries("Volumes") {
        let at = format!("{at}.volume.{label}");
        let heading = format!("Task group volume validation for {label} failed: ");
        let count = group.int("Count");
        let own = one(View(volume), kind, count, canaries, &at);
        issues.nest(heading, own);
    }
}

fn one(volume: View<'_>, kind: &str, count: i64, canaries: i64, at: &str) -> Issues {
    let mut issues = Issues::default();
    let per_alloc = volume.flag("PerAlloc");
    if volume.text("Source").is_empty() {
        issues.add(format!("{at}.source"), "volume has an empty source");
    }
    let at_per_alloc = format!("{at}.per_alloc");
    if per_alloc && matches!(kind, "system" | "sysbatch") {
        let text = "volume cannot be per_alloc for system or sysbatch jobs";
        issues.add(at_per_alloc.clone(), text);
    }
    if per_alloc && canaries > 0 {
        let text = "volume cannot be per_alloc when canaries are in use";
        issues.add(at_per_alloc.clone(), text);
    }
    if per_alloc && volume.flag("Sticky") {
        let text = "volume cannot be per_alloc and sticky at the same time";
        issues.add(at_per_alloc, text);
    }
    match volume.text("Type") {
        "host" => host(volume, at, &mut issues),
        _ => csi(volume, count, at, &mut issues),
    }
    issues
}

fn host(volume: View<'_>, at: &str, issues: &mut Issues) {
    if volume.has("MountOptions") {
        let text = "host volumes cannot have mount options";
        issues.add(format!("{at}.mount_options"), text);
    }
    let at = format!("{at}.access_mode");
    match volume.text("AccessMode") {
        "single-node-reader-only" if !volume.flag("ReadOnly") => {
            let text = "single-node-reader-only volumes must be read-only";
            issues.add(at, text);
        }
        mode @ ("multi-node-reader-only"
        | "multi-node-single-writer"
        | "multi-node-multi-writer") => {
            let text = format!("host volumes cannot be mounted with {mode} access mode");
            issues.add(at, text);
        }
        _ => {}
    }
}

fn csi(volume: View<'_>, count: i64, at: &str, issues: &mut Issues) {
    let attachment = volume.text("AttachmentMode");
    if attachment.is_empty() {
        let text = "CSI volumes must have an attachment mode";
        issues.add(format!("{at}.attachment_mode"), text);
    }
    let access = volume.text("AccessMode");
    let at_access = format!("{at}.access_mode");
    if access.is_empty() {
        issues.add(at_access.clone(), "CSI volumes must have an access mode");
    }
    if attachment == "block-device" && volume.has("MountOptions") {
        let text = "block devices cannot have mount options";
        issues.add(format!("{at}.mount_options"), text);
    }
    let is_shared = count > 1 && !volume.flag("PerAlloc");
    let reads = volume.flag("ReadOnly");
    match access {
        "single-node-reader-only" if !reads => {
            let text = "single-node-reader-only volumes must be read-only";
            issues.add(at_access, text);
        }
        "single-node-writer" if is_shared => {
            let text =
                "volume with single-node-writer access mode allows only one reader or writer";
            issues.add(at_access, text);
        }
        "single-node-reader-only" if is_shared => {
            let text = "volume with single-node-reader-only access mode allows only one reader";
            issues.add(at_access, text);
        }
        "multi-node-single-writer" if is_shared && !reads => {
            let text = "volume with multi-node-single-writer access mode allows only one writer";
            issues.add(at_access, text);
        }
        _ => {}
    }
}

/// The mounts of a task.
pub(super) fn mounts(group: View<'_>, task: View<'_>, at: &str, issues: &mut Issues) {
    let known = group.entries("Volumes");
    for (i, mount) in task.objects("VolumeMounts").enumerate() {
        let at = format!("{at}.volume_mount.{i}");
        let volume = mount.text("Volume");
        if let Err(text) = mount_itself(mount) {
            let text = format!("Volume Mount ({i}) is invalid: {text:?}");
            issues.add(at, text);
        } else if !known.iter().any(|(label, _)| *label == volume) {
            let text = format!("Volume Mount ({i}) references undefined volume {volume}");
            issues.add(format!("{at}.volume"), text);
        }
    }
}

fn mount_itself(mount: View<'_>) -> Result<(), String> {
    if mount.text("Volume").is_empty() {
        return Err("volume mount references an empty volume".to_owned());
    }
    let mode = mount.text("PropagationMode");
    if !matches!(mode, "private" | "host-to-task" | "bidirectional") {
        let text = format!("volume mount has an invalid propagation mode: {mode:?}");
        return Err(text);
    }
    let label = mount.text("SELinuxLabel");
    if !matches!(label, "" | "z" | "Z") {
        let text = format!("volume mount has an invalid SELinux label: {label:?}");
        return Err(text);
    }
    Ok(())
}
