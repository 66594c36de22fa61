//! Every leaf of the language, edited, taken away and added: a difference names that leaf with the
//! right type, and nothing else (spec: plan-diff 2 to 5).
//!
//! The job has one of every block, filled from the table of the language. What each leaf must give
//! follows from its kind, but for the exceptions below, which are the specification's own.

#[cfg(target_arch = "wasm32")]
#[macro_use]
extern crate yurt_everywhere;

use serde_json::{Map, Value, json};
use yurt_diff::{DiffType, FieldDiff, ObjectDiff, diff};
use yurt_jobspec::schema::{BlockSchema, FieldKind, FieldSchema, JOB};

/// Compared and not shown: what holds it is edited (spec: plan-diff 4.2, 4.3, 4.4, trap 17).
const EDITED_ALONE: &[&str] = &[
    "group.Spreads",
    "group.MaxRunDuration",
    "group.StopAfterClientDisconnect",
    "group.MaxClientDisconnect",
    "task.Lifecycle",
    "task.RestartPolicy",
    "task.CSIPluginConfig",
    "task.ScalingPolicies",
    "service.CheckRestart",
    "check.Args",
    "check.Advertise",
    "device.Constraints",
    "device.Affinities",
    "identity.ExtraClaims",
    "vault.Policies",
    "logs.Enabled",
    "scaling.Type",
    "scaling.ID",
    "scaling.Namespace",
    "scaling.Target",
    "scaling.CreateIndex",
    "scaling.ModifyIndex",
    "numa.Devices",
    "update.Stagger",
];

/// Not compared at all (spec: plan-diff 4.1, 4.2).
const UNSEEN: &[&str] = &[
    "job.Spreads",
    "job.Update",
    "job.Reschedule",
    "job.Migrate",
    "job.Payload",
    "job.NomadTokenID",
    "job.Status",
    "job.StatusDescription",
    "job.Stable",
    "job.Version",
    "job.SubmitTime",
    "job.CreateIndex",
    "job.ModifyIndex",
    "job.JobModifyIndex",
    "job.VersionTag",
];

/// What they are matched by: changed, it is another block (spec: plan-diff 5).
const KEYS: &[&str] = &[
    "check.Name",
    "device.Name",
    "secret.Name",
    "artifact.RelativeDest",
    "upstreams.DestinationName",
    "upstreams.Datacenter",
];

/// Blocks that are never edited: the old one goes, the new one comes (spec: plan-diff 5), and
/// blocks of lists of which nothing is specified.
const WHOLE: &[&str] = &[
    "Constraint",
    "Affinity",
    "Network",
    "Listener",
    "LinkedService",
    "Path",
    "Region",
];

/// Fields that are none while they are unset; others are 0, false or `nil`.
const OPTIONAL: &[&str] = &["group.ShutdownDelay", "template.Uid", "template.Gid"];

/// Blocks with such members that are themselves not shown.
const HIDDEN_WITHIN: &[&str] = &["device.Constraints", "device.Affinities"];

/// A value of each kind, and another.
fn sample(field: &FieldSchema, which: usize) -> Value {
    let text = ["one", "two"][which];
    match field.kind {
        FieldKind::String => json!(text),
        FieldKind::Boolean => json!(which == 0),
        FieldKind::Integer
        | FieldKind::UnsignedByte
        | FieldKind::SignedByte
        | FieldKind::Unsigned => json!(7 + which),
        FieldKind::Duration => json!(7_000_000_000_u64 + which as u64),
        FieldKind::StringList => json!(["kept", text]),
        FieldKind::StringMapAttribute | FieldKind::StringMapBlock | FieldKind::StringMap => {
            json!({"kept": "same", "key": text})
        }
        FieldKind::ListMapBlock => json!({"kept": ["same"], "key": [text]}),
        FieldKind::FreeBlock | FieldKind::Free => json!({"kept": 1, "key": text}),
        FieldKind::Block(block) => filled(block),
        FieldKind::BlockList(block) => json!([filled(block)]),
        FieldKind::BlockMap(block) => json!({"label": filled(block)}),
    }
}

/// The block with everything in it.
fn filled(block: &'static BlockSchema) -> Value {
    let fields = block
        .fields
        .iter()
        .filter(|field| !field.api_name.is_empty());
    let members: Map<String, Value> = fields
        .map(|field| (field.api_name.to_owned(), sample(field, 0)))
        .collect();
    Value::Object(members)
}

/// A leaf: the blocks around it, its pointer in the document, and the table's line.
struct Leaf {
    blocks: Vec<&'static BlockSchema>,
    pointer: String,
    field: &'static FieldSchema,
}

impl Leaf {
    fn name(&self) -> String {
        let block = self.blocks.last().map_or("", |block| block.name);
        format!("{block}.{}", self.field.api_name)
    }

    /// Some block around it, or the leaf itself, is one of these.
    fn is_in(&self, names: &[&str]) -> bool {
        let around = self.blocks.windows(2).map(|pair| {
            let inner = pair[0].fields.iter().find(|field| {
                field
                    .block()
                    .is_some_and(|block| std::ptr::eq(block, pair[1]))
                    && self.pointer.contains(&format!("/{}/", field.api_name))
            });
            format!(
                "{}.{}",
                pair[0].name,
                inner.map_or("", |field| field.api_name)
            )
        });
        let mut all = around.chain([self.name()]);
        all.any(|name| names.contains(&name.as_str()))
    }
}

fn leaves(blocks: Vec<&'static BlockSchema>, pointer: &str, found: &mut Vec<Leaf>) {
    let block = blocks[blocks.len() - 1];
    for field in block
        .fields
        .iter()
        .filter(|field| !field.api_name.is_empty())
    {
        let pointer = format!("{pointer}/{}", field.api_name);
        let inner = match field.kind {
            FieldKind::Block(inner) => Some((inner, pointer.clone())),
            FieldKind::BlockList(inner) => Some((inner, format!("{pointer}/0"))),
            FieldKind::BlockMap(inner) => Some((inner, format!("{pointer}/label"))),
            _ => None,
        };
        match inner {
            Some((inner, pointer)) => {
                let blocks = blocks.iter().copied().chain([inner]).collect();
                leaves(blocks, &pointer, found);
            }
            None => found.push(Leaf {
                blocks: blocks.clone(),
                pointer,
                field,
            }),
        }
    }
}

/// A change that a difference shows: blocks that came or went stand for all within.
fn changes(old: &Value, new: &Value) -> (DiffType, Vec<(DiffType, String, String, String)>) {
    let mut found = Vec::new();
    let field = |field: &FieldDiff| {
        (
            field.kind,
            field.name.clone(),
            field.old.clone(),
            field.new.clone(),
        )
    };
    fn objects(list: &[ObjectDiff], found: &mut Vec<(DiffType, String, String, String)>) {
        for object in list {
            match object.kind {
                DiffType::Added | DiffType::Deleted if !is_set(object) && is_whole(object) => {
                    found.push((
                        object.kind,
                        object.name.clone(),
                        String::new(),
                        String::new(),
                    ));
                }
                _ => {
                    let fields = object.fields.iter();
                    found.extend(fields.filter(|field| field.kind != DiffType::None).map(
                        |field| {
                            (
                                field.kind,
                                field.name.clone(),
                                field.old.clone(),
                                field.new.clone(),
                            )
                        },
                    ));
                    objects(&object.objects, found);
                }
            }
        }
    }
    let all = diff(Some(old), Some(new), true).expect("one job");
    let mut own = |fields: &[FieldDiff]| found.extend(fields.iter().map(field));
    own(&all.fields);
    for group in &all.task_groups {
        own(&group.fields);
        group.tasks.iter().for_each(|task| own(&task.fields));
    }
    objects(&all.objects, &mut found);
    for group in &all.task_groups {
        let objects_of_group = group.objects.iter().filter(|object| {
            // A stored policy is always edited: recorded.
            !(object.name == "Scaling" && object.fields.is_empty() && object.objects.is_empty())
        });
        let list: Vec<ObjectDiff> = objects_of_group.cloned().collect();
        objects(&list, &mut found);
        group
            .tasks
            .iter()
            .for_each(|task| objects(&task.objects, &mut found));
    }
    (all.kind, found)
}

/// All of it came or went: an artifact is also called added when only fields of it were.
fn is_whole(object: &ObjectDiff) -> bool {
    let mut fields = object.fields.iter();
    fields.all(|field| field.kind == object.kind || field.old.is_empty() && field.new.is_empty())
}

/// A set of texts carries its own name in each of its fields.
fn is_set(object: &ObjectDiff) -> bool {
    object.fields.iter().all(|field| field.name == object.name) && !object.fields.is_empty()
}

fn set(document: &Value, pointer: &str, value: Value) -> Value {
    let mut document = document.clone();
    *document.pointer_mut(pointer).expect("it is there") = value;
    document
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn all_leaves() -> Vec<Leaf> {
    let mut found = Vec::new();
    leaves(vec![&JOB], "", &mut found);
    // With another name it is another job, group or task.
    found.retain(|leaf| !["job.ID", "group.Name", "task.Name"].contains(&leaf.name().as_str()));
    found
}

/// What a change of the leaf must show.
fn wanted(leaf: &Leaf, old: &Value, new: &Value) -> Vec<(DiffType, String)> {
    let api_name = leaf.field.api_name.to_owned();
    let block = leaf.blocks[leaf.blocks.len() - 1];
    let another = |name: &str| {
        let both = [DiffType::Added, DiffType::Deleted];
        both.map(|kind| (kind, name.to_owned())).to_vec()
    };
    let whole = leaf
        .blocks
        .iter()
        .find(|block| WHOLE.contains(&block.api_name));
    if let Some(block) = whole.filter(|_| !leaf.is_in(HIDDEN_WITHIN)) {
        return another(block.api_name);
    }
    let is_named = leaf.pointer.contains("/Identities/") && api_name == "Name";
    if leaf.is_in(KEYS) || is_named {
        return another(block.api_name);
    }
    if leaf.is_in(UNSEEN) || leaf.is_in(EDITED_ALONE) {
        return Vec::new();
    }
    let kind = |old: &str, new: &str| match (old, new) {
        ("", _) => DiffType::Added,
        (_, "") => DiffType::Deleted,
        _ => DiffType::Edited,
    };
    let entries = |name: &dyn Fn(&str) -> String| {
        let texts = |side: &Value, key: &str| text(&side[key]);
        let keys = ["kept", "key"].into_iter();
        let changed = keys.filter(|key| texts(old, key) != texts(new, key));
        let all = changed.map(|key| (kind(&texts(old, key), &texts(new, key)), name(key)));
        all.collect()
    };
    match leaf.field.kind {
        FieldKind::StringList => {
            let has = |side: &Value, text: &str| {
                side.as_array()
                    .is_some_and(|list| list.contains(&json!(text)))
            };
            let members = ["kept", "one", "two"].into_iter();
            let changes = members.filter_map(|member| match (has(old, member), has(new, member)) {
                (true, false) => Some((DiffType::Deleted, api_name.clone())),
                (false, true) => Some((DiffType::Added, api_name.clone())),
                _ => None,
            });
            changes.collect()
        }
        FieldKind::StringMapAttribute | FieldKind::StringMapBlock | FieldKind::StringMap => {
            entries(&|key| format!("{api_name}[{key}]"))
        }
        FieldKind::FreeBlock if block.name == "secret" => {
            entries(&|key| format!("{api_name}[{key}]"))
        }
        FieldKind::FreeBlock | FieldKind::Free | FieldKind::ListMapBlock => {
            match (old.is_null(), new.is_null()) {
                (true, _) => vec![(DiffType::Added, api_name)],
                (_, true) => vec![(DiffType::Deleted, api_name)],
                _ if matches!(leaf.field.kind, FieldKind::ListMapBlock) => {
                    entries(&|key| format!("{key}[0]"))
                }
                _ => entries(&str::to_owned),
            }
        }
        FieldKind::String => vec![(kind(&text(old), &text(new)), api_name)],
        _ if leaf.is_in(OPTIONAL) => vec![(kind(&text(old), &text(new)), api_name)],
        _ => vec![(DiffType::Edited, api_name)],
    }
}

#[test]
fn an_unchanged_job_has_no_difference() {
    let job = filled(&JOB);
    let (_, found) = changes(&job, &job);
    assert_eq!(found, []);
    let mut plain = job;
    plain["TaskGroups"][0]["Scaling"] = Value::Null;
    assert_eq!(changes(&plain, &plain).0, DiffType::None);
}

#[test]
fn every_leaf_alone_is_named() {
    let job = filled(&JOB);
    let leaves = all_leaves();
    assert!(leaves.len() > 450, "{}", leaves.len());
    let mut wrong = Vec::new();
    for leaf in &leaves {
        let other = sample(leaf.field, 1);
        for (old, new) in [
            (sample(leaf.field, 0), other),
            (sample(leaf.field, 0), Value::Null),
            (Value::Null, sample(leaf.field, 0)),
        ] {
            let before = set(&job, &leaf.pointer, old.clone());
            let after = set(&job, &leaf.pointer, new.clone());
            let (_, found) = changes(&before, &after);
            let names = found.iter().map(|(kind, name, ..)| (*kind, name.clone()));
            let mut got: Vec<_> = names.collect();
            let mut want = wanted(leaf, &old, &new);
            got.sort();
            want.sort();
            // An edited text is told as it was and as it is.
            let tells = |(kind, name, before, after): &(DiffType, String, String, String)| {
                let is_told = (before, after) == (&text(&old), &text(&new));
                *kind != DiffType::Edited || name != leaf.field.api_name || is_told
            };
            let is_told = old.is_null()
                || new.is_null()
                || leaf.field.api_name == "ConnectTimeout"
                || found.iter().all(tells);
            if got != want || !is_told {
                wrong.push(format!(
                    "{} {old} -> {new}: {found:?}, wanted {want:?}",
                    leaf.pointer
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        leaves.len() * 3,
        wrong.join("\n")
    );
}
