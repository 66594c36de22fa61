//! The walk over two objects of one shape (spec: plan-diff 3, 4).

use yurt_model::{Gather, InOrder};

use std::collections::BTreeSet;

use serde_json::Value;

use crate::catalogue::{Child, Judged, Match, Part, Shape};
use crate::flatten::{Flat, at, flatten};
use crate::generic;
use crate::matching;
use crate::types::{DiffType, FieldDiff, ObjectDiff};

/// Two sides of something.
pub(crate) type Sides<'a> = (Option<&'a Value>, Option<&'a Value>);

/// Same in every respect; what is null, empty or absent is the same.
pub(crate) fn is_same(old: Option<&Value>, new: Option<&Value>) -> bool {
    let (old, new) = (old.filter(|v| !is_empty(v)), new.filter(|v| !is_empty(v)));
    match (old, new) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let keys: BTreeSet<_> = old.keys().chain(new.keys()).gather();
            keys.into_iter()
                .all(|key| is_same(old.get(key), new.get(key)))
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            old.len() == new.len()
                && old
                    .iter()
                    .zip(new)
                    .all(|(old, new)| is_same(Some(old), Some(new)))
        }
        (old, new) => old == new,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// What happened to one field or set: `None` when neither side has it.
pub(crate) fn presence(old: bool, new: bool, same: bool) -> DiffType {
    match (old, new) {
        (false, true) => DiffType::Added,
        (true, false) => DiffType::Deleted,
        _ if same => DiffType::None,
        _ => DiffType::Edited,
    }
}

/// The fields that differ; all of them when `contextual`.
pub(crate) fn field_diffs(old: &Flat, new: &Flat, contextual: bool) -> Vec<FieldDiff> {
    let names: BTreeSet<_> = old.keys().chain(new.keys()).gather();
    let text = |flat: &Flat, name: &String| flat.get(name).cloned().unwrap_or_default();
    let all = names.into_iter().map(|name| {
        let (old, new) = (text(old, name), text(new, name));
        FieldDiff {
            kind: presence(!old.is_empty(), !new.is_empty(), old == new),
            name: name.clone(),
            old,
            new,
            annotations: Vec::new(),
        }
    });
    all.filter(|field| contextual || field.kind != DiffType::None)
        .collect()
}

/// One block; `None` when it did not change.
pub(crate) fn object_diff(
    shape: &'static Shape,
    (old, new): Sides<'_>,
    contextual: bool,
) -> Option<ObjectDiff> {
    let kind = presence(old.is_some(), new.is_some(), is_same(old, new));
    if kind == DiffType::None {
        return None;
    }
    let (before, after) = (flatten(shape.fields, old), flatten(shape.fields, new));
    let fields = field_diffs(&before, &after, contextual && shape.contextual);
    let kind = match (kind, shape.judged) {
        (DiffType::Edited, Judged::Shown) if before == after => return None,
        (DiffType::Edited, Judged::Fields) => judge(&fields),
        (kind, _) => kind,
    };
    Some(ObjectDiff {
        kind,
        name: shape.name.into(),
        fields,
        objects: part_diffs(shape.parts, (old, new), contextual),
    })
}

/// What the changed fields have in common.
fn judge(fields: &[FieldDiff]) -> DiffType {
    let kinds: BTreeSet<_> = fields.iter().map(|field| field.kind).gather();
    let mut changed = kinds.into_iter().filter(|kind| *kind != DiffType::None);
    match (changed.next(), changed.next()) {
        (Some(only), None) => only,
        _ => DiffType::Edited,
    }
}

/// The blocks within one, in the order of the catalogue.
pub(crate) fn part_diffs(
    parts: &'static [Part],
    sides: Sides<'_>,
    contextual: bool,
) -> Vec<ObjectDiff> {
    let mut diffs = Vec::new();
    for part in parts {
        let (old, new) = sides;
        let old = old.and_then(|value| at(value, part.path));
        let new = new.and_then(|value| at(value, part.path));
        match part.child {
            Child::One(shape) => diffs.extend(object_diff(shape, (old, new), contextual)),
            Child::Many(shape, by) => diffs.extend(list_diffs(shape, by, (old, new), contextual)),
            Child::Set => diffs.extend(set_diff(part.name, (old, new), contextual)),
            Child::ChangedSet => {
                let set = set_diff(part.name, (old, new), contextual);
                diffs.extend(set.filter(|set| set.kind != DiffType::None));
            }
            Child::Generic(block) => {
                diffs.extend(generic::object_diff(block, (old, new), contextual));
            }
        }
    }
    diffs
}

fn list_diffs(
    shape: &'static Shape,
    by: Match,
    sides: Sides<'_>,
    contextual: bool,
) -> Vec<ObjectDiff> {
    let pairs = matching::pairs(by, sides);
    let diffs = pairs.into_iter();
    let mut diffs: Vec<_> = diffs
        .filter_map(|pair| object_diff(shape, pair, contextual))
        .collect();
    put_in_order(&mut diffs);
    diffs
}

/// Members of one list, as a difference lists them.
pub(crate) fn put_in_order(diffs: &mut [ObjectDiff]) {
    diffs.put_in_order_by(|a, b| order(a).cmp(&order(b)));
}

/// The order of objects of one list. The reference's is not a total one; the texts of the fields
/// settle the rest, from the last one back, which is how recordings have it (spec: plan-diff 5).
fn order(object: &ObjectDiff) -> (&str, DiffType, usize, usize, Vec<(&str, &str)>) {
    let texts = object.fields.iter().rev();
    (
        &object.name,
        object.kind,
        object.fields.len(),
        object.objects.len(),
        texts.map(|field| (&*field.old, &*field.new)).collect(),
    )
}

/// A set of texts: a field for each member, all under the set's name.
pub(crate) fn set_diff(name: &str, (old, new): Sides<'_>, contextual: bool) -> Option<ObjectDiff> {
    let members = |side: Option<&Value>| -> BTreeSet<String> {
        let items = side.and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).gather()
    };
    let (old, new) = (members(old), members(new));
    let added = new.difference(&old).next().is_some();
    let deleted = old.difference(&new).next().is_some();
    let kind = match (added, deleted) {
        (true, true) => DiffType::Edited,
        (true, false) => DiffType::Added,
        (false, true) => DiffType::Deleted,
        (false, false) => DiffType::None,
    };
    let all: BTreeSet<_> = old.union(&new).gather();
    let fields = all.into_iter().map(|member| {
        let side = |set: &BTreeSet<String>| set.get(member).cloned().unwrap_or_default();
        FieldDiff {
            kind: presence(old.contains(member), new.contains(member), true),
            name: name.into(),
            old: side(&old),
            new: side(&new),
            annotations: Vec::new(),
        }
    });
    let changed = |field: &FieldDiff| contextual || field.kind != DiffType::None;
    let mut fields: Vec<_> = fields.filter(changed).collect();
    fields.put_in_order_by(|a, b| (&a.old, &a.new).cmp(&(&b.old, &b.new)));
    (!fields.is_empty()).then(|| ObjectDiff {
        kind,
        name: name.into(),
        fields,
        objects: Vec::new(),
    })
}
