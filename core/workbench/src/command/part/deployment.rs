//! Deployments: one as a block, several as a list.

use yurt_model::{Deployment, DeploymentGroup, InOrder};

use super::{Length, Scene, plain, section};
use crate::command::Lines;
use crate::command::columns::{self, row};
use crate::command::release::{deployment_description, texts};
use crate::command::times::absolute_or_na;
use crate::view::{Label, Line};

/// All of one deployment.
pub(crate) fn block(scene: Scene<'_>, deployment: &Deployment, verbose: bool) -> Lines {
    let mut pairs = vec![
        ("ID", Length::of(verbose).id(deployment.id.0)),
        ("Job ID", deployment.job_id.to_string()),
        ("Job Version", deployment.job_version.to_string()),
    ];
    pairs.extend(status(scene, deployment));
    let mut document = plain(columns::pairs(&pairs));
    if !deployment.groups.is_empty() {
        section(&mut document, "Deployed", groups(scene, deployment));
    }
    document
}

/// The deployment within a job's status.
pub(crate) fn within_job(scene: Scene<'_>, deployment: &Deployment, verbose: bool) -> Lines {
    let mut pairs = vec![("ID", Length::of(verbose).id(deployment.id.0))];
    pairs.extend(status(scene, deployment));
    let mut document = vec![
        Line::default(),
        Line::of(Label::Heading, "Latest Deployment"),
    ];
    document.extend(plain(columns::pairs(&pairs)));
    if !deployment.groups.is_empty() {
        section(&mut document, "Deployed", groups(scene, deployment));
    }
    document
}

fn status(scene: Scene<'_>, deployment: &Deployment) -> [(&'static str, String); 2] {
    let description = deployment_description(&deployment.status_description, scene.release);
    [
        ("Status", deployment.status.to_string()),
        ("Description", description.to_string()),
    ]
}

/// The groups, by name; columns that no group uses are left out.
pub(crate) fn groups(scene: Scene<'_>, deployment: &Deployment) -> Vec<String> {
    let any = |has: fn(&DeploymentGroup) -> bool| deployment.groups.iter().any(has);
    let auto_revert = any(|group| group.auto_revert);
    let canaries = any(|group| group.desired_canaries > 0);
    let deadline = texts(scene.release).deployment_has_progress_deadline
        && any(|group| group.progress_deadline.nanos() != 0);
    let mut heading = row(["Task Group"]);
    let mut add = |wanted: bool, names: &[&str]| {
        let names = names.iter().filter(|_| wanted);
        heading.extend(names.map(|name| (*name).to_string()));
    };
    add(auto_revert, &["Auto Revert"]);
    add(canaries, &["Promoted"]);
    add(true, &["Desired"]);
    add(canaries, &["Canaries"]);
    add(true, &["Placed", "Healthy", "Unhealthy"]);
    add(deadline, &["Progress Deadline"]);
    let mut rows = vec![heading];
    let mut groups: Vec<_> = deployment.groups.iter().collect();
    groups.put_in_order_by_key(|group| group.name.clone());
    for group in groups {
        let mut cells = row([&*group.name]);
        cells.extend(auto_revert.then(|| group.auto_revert.to_string()));
        cells.extend(canaries.then(|| promoted(group)));
        cells.push(group.desired_total.to_string());
        cells.extend(canaries.then(|| group.desired_canaries.to_string()));
        cells.push(group.placed_allocs.to_string());
        cells.push(group.healthy_allocs.to_string());
        cells.push(group.unhealthy_allocs.to_string());
        cells.extend(deadline.then(|| {
            let due = group.require_progress_by;
            absolute_or_na(due, scene.release)
        }));
        rows.push(cells);
    }
    columns::list(&rows)
}

fn promoted(group: &DeploymentGroup) -> String {
    if group.desired_canaries > 0 {
        group.promoted.to_string()
    } else {
        "N/A".into()
    }
}

/// A list of deployments, newest first.
pub(crate) fn table<'a>(
    scene: Scene<'_>,
    deployments: impl IntoIterator<Item = &'a Deployment>,
    verbose: bool,
) -> Vec<String> {
    let mut deployments: Vec<_> = deployments.into_iter().collect();
    if deployments.is_empty() {
        return vec!["No deployments found".into()];
    }
    deployments.put_in_order_by_key(|deployment| std::cmp::Reverse(deployment.create_index));
    let mut rows = vec![row([
        "ID",
        "Job ID",
        "Job Version",
        "Status",
        "Description",
    ])];
    rows.extend(deployments.into_iter().map(|deployment| {
        let description = deployment_description(&deployment.status_description, scene.release);
        vec![
            Length::of(verbose).id(deployment.id.0),
            deployment.job_id.to_string(),
            deployment.job_version.to_string(),
            deployment.status.to_string(),
            description.to_string(),
        ]
    }));
    columns::list(&rows)
}
