//! Lists of allocations.

use std::rc::Rc;

use yurt_model::{Allocation, InOrder};

use super::{Length, Scene};
use crate::command::columns;
use crate::command::release::texts;
use crate::command::times::{absolute, ago};

/// Newest first; those of one write by id.
pub(crate) fn newest_first(allocs: &mut [Rc<Allocation>]) {
    allocs.put_in_order_by_key(|alloc| (std::cmp::Reverse(alloc.create_index), alloc.id));
}

/// The list, or the line that says that there are none.
pub(crate) fn table(scene: Scene<'_>, allocs: &[Rc<Allocation>], verbose: bool) -> Vec<String> {
    if allocs.is_empty() {
        return vec!["No allocations placed".into()];
    }
    let mut rows = vec![heading(scene, verbose)];
    rows.extend(allocs.iter().map(|alloc| row(scene, alloc, verbose)));
    columns::list(&rows)
}

fn heading(scene: Scene<'_>, verbose: bool) -> Vec<String> {
    let first: &[&str] = if verbose {
        &["ID", "Eval ID", "Node ID", "Node Name"]
    } else {
        &["ID", "Node ID"]
    };
    let last: &[&str] = if texts(scene.release).allocs_have_created_and_modified {
        &["Created", "Modified"]
    } else {
        &["Created At"]
    };
    let middle = &["Task Group", "Version", "Desired", "Status"];
    let all = first.iter().chain(middle).chain(last);
    all.map(|text| (*text).to_string()).collect()
}

fn row(scene: Scene<'_>, alloc: &Allocation, verbose: bool) -> Vec<String> {
    let length = Length::of(verbose);
    let mut cells = vec![length.id(alloc.id.0)];
    if verbose {
        cells.push(length.id(alloc.eval_id.0));
    }
    cells.push(length.id(alloc.node_id.0));
    if verbose {
        cells.push(alloc.node_name.to_string());
    }
    cells.extend([
        alloc.group.to_string(),
        alloc.job.version.to_string(),
        alloc.desired_status.to_string(),
        alloc.client_status.to_string(),
    ]);
    if !texts(scene.release).allocs_have_created_and_modified {
        cells.push(absolute(alloc.create_time, scene.release));
    } else if verbose {
        cells.push(absolute(alloc.create_time, scene.release));
        cells.push(absolute(alloc.modify_time, scene.release));
    } else {
        cells.push(ago(alloc.create_time, scene.now));
        cells.push(ago(alloc.modify_time, scene.now));
    }
    cells
}
