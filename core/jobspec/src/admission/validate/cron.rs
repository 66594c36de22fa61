//! Rules about periodic jobs (spec: jobspec 15.2, scheduling 18).

use yurt_model::launch::{Cron, Zone};

use crate::admission::issues::Issues;
use crate::document::View;

/// The job's periodic block. Disabled blocks are not judged.
pub(super) fn periodic(job: View<'_>, issues: &mut Issues) {
    let Some(periodic) = job.object("Periodic") else {
        return;
    };
    if !matches!(job.text("Type"), "batch" | "sysbatch") {
        let text = "Periodic can only be used with \"batch\" or \"sysbatch\" scheduler";
        issues.add("periodic", text);
    }
    if !periodic.flag("Enabled") {
        return;
    }
    let mut own = Issues::default();
    let (spec, specs) = (periodic.text("Spec"), periodic.texts("Specs"));
    if !spec.is_empty() && !specs.is_empty() {
        own.add("periodic.crons", "Only cron or crons may be used");
    }
    if spec.is_empty() && specs.is_empty() {
        own.add("periodic.crons", "Must specify a spec");
    }
    let zone = periodic.text("TimeZone");
    if Zone::find(zone).is_none() {
        let text = format!("Invalid time zone {zone:?}: unknown time zone {zone}");
        own.add("periodic.time_zone", text);
    }
    match periodic.text("SpecType") {
        "cron" => {
            let single = Some(("periodic.cron", spec)).filter(|_| !spec.is_empty());
            let several = specs.into_iter().map(|spec| ("periodic.crons", spec));
            for (at, spec) in single.into_iter().chain(several) {
                if let Err(error) = Cron::parse(spec) {
                    own.add(at, format!("Invalid cron spec {spec:?}: {error}"));
                }
            }
        }
        "test" => {}
        other => {
            let text = format!("Unknown periodic specification type {other:?}");
            own.add("periodic", text);
        }
    }
    issues.nest("", own);
}
