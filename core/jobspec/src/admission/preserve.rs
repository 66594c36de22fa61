//! What an update may keep of the job it replaces (spec: deployments 25.1), and changed counts.

use serde_json::Value;
use yurt_model::JobSpec;

use crate::document::View;
use crate::typed::{TypedError, edited};

/// The job with the counts of the groups it had before.
pub fn preserve_counts(new: &JobSpec, old: &JobSpec) -> Result<JobSpec, TypedError> {
    edited(new, |document| {
        for_each_group(document, |group| {
            if let Some(before) = old.group(View(group).text("Name")) {
                group["Count"] = Value::from(before.count);
            }
        });
    })
}

/// The job with the resources of the tasks it had before.
pub fn preserve_resources(new: &JobSpec, old: &JobSpec) -> Result<JobSpec, TypedError> {
    edited(new, |document| {
        for_each_group(document, |group| {
            let Some(before) = old.group_document(View(group).text("Name")) else {
                return;
            };
            let Some(tasks) = group["Tasks"].as_array_mut() else {
                return;
            };
            for task in tasks {
                let mut tasks = View(before).objects("Tasks");
                let name = View(task).text("Name");
                let same = tasks.find(|before| before.text("Name") == name);
                if let Some(resources) = same.and_then(|before| before.get("Resources")) {
                    task["Resources"] = resources.clone();
                }
            }
        });
    })
}

/// The job with another count for one group.
pub fn with_count(job: &JobSpec, group: &str, count: i64) -> Result<JobSpec, TypedError> {
    edited(job, |document| {
        for_each_group(document, |given| {
            if View(given).text("Name") == group {
                given["Count"] = Value::from(count);
            }
        });
    })
}

fn for_each_group(document: &mut Value, work: impl FnMut(&mut Value)) {
    if let Some(groups) = document["TaskGroups"].as_array_mut() {
        groups.iter_mut().for_each(work);
    }
}
