//! `%deployment(docs)` and its like: identifiers that are known only while a transcript is played.

use yurt_model::JobKey;
use yurt_state::Store;

/// The line with each placeholder replaced; one that leads to nothing stays as it is.
pub(super) fn expand(line: &str, store: &Store) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('%') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let length = match rest.find(')') {
            Some(end) => end + 1,
            None => rest.len(),
        };
        match resolve(&rest[1..length], store) {
            Some(id) => {
                out.push_str(&id);
                rest = &rest[length..];
            }
            None => {
                out.push('%');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn resolve(text: &str, store: &Store) -> Option<String> {
    let (name, arguments) = text.strip_suffix(')')?.split_once('(')?;
    let arguments: Vec<&str> = arguments.split(',').map(str::trim).collect();
    let key = JobKey::in_default(arguments.first()?);
    match (name, arguments.as_slice()) {
        ("deployment", [_]) => deployment(store, &key, 0),
        ("deployment", [_, back]) => deployment(store, &key, back.parse().ok()?),
        ("alloc", [job, place]) => {
            let wanted = format!("{job}.{place}");
            let mut allocs = store.allocs_of_job(&key);
            let alloc = allocs.rfind(|alloc| alloc.name() == wanted)?;
            Some(alloc.id.to_string())
        }
        ("node", [name]) => {
            let node = store.nodes().find(|node| *node.name == **name)?;
            Some(node.id.to_string())
        }
        ("eval", [_]) => Some(store.evals_of_job(&key).next_back()?.id.to_string()),
        ("index", [_]) => Some(store.job(&key)?.job_modify_index.to_string()),
        ("child", [job]) => {
            let children = store.jobs().filter(|child| {
                child
                    .parent
                    .as_ref()
                    .is_some_and(|parent| parent.as_str() == *job)
            });
            let newest = children.max_by_key(|child| child.create_index)?;
            Some(newest.id().to_string())
        }
        _ => None,
    }
}

/// The id of a deployment, so many before the newest.
fn deployment(store: &Store, key: &JobKey, back: usize) -> Option<String> {
    let deployment = store.deployments_of_job(key).rev().nth(back)?;
    Some(deployment.id.to_string())
}
