//! Rules about resources and logs (spec: jobspec 15.6).

use super::placement;
use crate::admission::issues::Issues;
use crate::document::View;

/// The resources of a task.
pub(super) fn validate(task: View<'_>, at: &str) -> Issues {
    let mut issues = Issues::default();
    let Some(resources) = task.object("Resources") else {
        return issues;
    };
    let (cpu, cores) = (resources.int("CPU"), resources.int("Cores"));
    if cores > 0 && cpu > 0 {
        let text = "Task can only ask for 'cpu' or 'cores' resource, not both.";
        issues.add(format!("{at}.cores"), text);
    }
    if cores < 0 {
        let text = format!("cores value ({cores}) cannot be negative");
        issues.add(format!("{at}.cores"), text);
    }
    let memory = resources.int("MemoryMB");
    let mut minimums = Issues::default();
    if cores == 0 && cpu < 1 {
        let text = format!("minimum CPU value is 1; got {cpu}");
        minimums.add(format!("{at}.cpu"), text);
    }
    if memory < 10 {
        let text = format!("minimum MemoryMB value is 10; got {memory}");
        minimums.add(format!("{at}.memory"), text);
    }
    issues.nest("", minimums);
    memory_limits(resources, memory, at, &mut issues);
    devices(resources, at, &mut issues);
    issues
}

fn memory_limits(resources: View<'_>, memory: i64, at: &str, issues: &mut Issues) {
    let max = resources.int("MemoryMaxMB");
    if max != 0 && max != -1 && max < memory {
        let text =
            format!("MemoryMaxMB value ({max}) should be larger than MemoryMB value ({memory})");
        issues.add(format!("{at}.memory_max"), text);
    }
    let secrets = resources.int("SecretsMB");
    if secrets > memory {
        let text =
            format!("SecretsMB value ({secrets}) cannot be larger than MemoryMB value ({memory})");
        issues.add(format!("{at}.secrets"), text);
    }
    if secrets < 0 {
        let text = format!("SecretsMB value ({secrets}) cannot be negative");
        issues.add(format!("{at}.secrets"), text);
    }
}

fn devices(resources: View<'_>, at: &str, issues: &mut Issues) {
    for (i, device) in resources.objects("Devices").enumerate() {
        let at = format!("{at}.device.{}", device.text("Name"));
        let mut own = Issues::default();
        let parts: Vec<&str> = device.text("Name").splitn(3, '/').collect();
        if parts.iter().any(|part| part.is_empty()) {
            let text = "device name must be given as one of the following: type, vendor/type, or \
                        vendor/type/name";
            own.add(at.clone(), text);
        }
        placement::constraints(device, &at, &mut own);
        placement::affinities(device, &at, &mut own);
        issues.nest(format!("device {} failed validation: ", i + 1), own);
    }
    let Some(numa) = resources.object("NUMA") else {
        return;
    };
    let affinity = numa.text("Affinity");
    if !matches!(affinity, "none" | "prefer" | "require") {
        let text = "numa affinity must be one of none, prefer, or require";
        issues.add(format!("{at}.numa.affinity"), text);
    }
    for name in numa.texts("Devices") {
        let mut devices = resources.objects("Devices");
        if !devices.any(|device| device.text("Name") == name) {
            let text = format!("numa device {name:?} not requested as task resource");
            issues.add(format!("{at}.numa.devices"), text);
        }
    }
}

/// The logs of a task must fit on the disk of its group.
pub(super) fn logs(task: View<'_>, disk_mb: i64, at: &str) -> Issues {
    let mut issues = Issues::default();
    let Some(logs) = task.object("LogConfig") else {
        return issues;
    };
    let (files, size) = (logs.int("MaxFiles"), logs.int("MaxFileSizeMB"));
    if files < 1 {
        let text = format!("minimum number of files is 1; got {files}");
        issues.add(format!("{at}.max_files"), text);
    }
    if size < 1 {
        let text = format!("minimum file size is 1MB; got {size}");
        issues.add(format!("{at}.max_file_size"), text);
    }
    let total = files.saturating_mul(size);
    if total > 0 && total >= disk_mb {
        let text = format!(
            "log storage ({total} MB) must be less than requested disk capacity ({disk_mb} MB)"
        );
        issues.add(at, text);
    }
    issues
}
