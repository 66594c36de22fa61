//! Blocks without a shape of their own in the catalogue: they are walked as the table of the
//! language says. All of them are inert in the simulation (`connect`, `multiregion`).

use serde_json::Value;
use yurt_jobspec::schema::{BlockSchema, FieldKind};

use crate::catalogue::{Field, Kind, Match, shape_within};
use crate::flatten::{Flat, at, flatten};
use crate::matching;
use crate::objects::{self, Sides, field_diffs, is_same, presence, put_in_order, set_diff};
use crate::types::{DiffType, ObjectDiff};

/// One block; `None` when it did not change.
pub(crate) fn object_diff(
    block: &'static BlockSchema,
    (old, new): Sides<'_>,
    contextual: bool,
) -> Option<ObjectDiff> {
    if let Some(shape) = shape_within(block.name) {
        return objects::object_diff(shape, (old, new), contextual);
    }
    let kind = presence(old.is_some(), new.is_some(), is_same(old, new));
    if kind == DiffType::None {
        return None;
    }
    let fields = fields(block);
    // The task of a proxy lists its changed fields alone, as every task does.
    let lists_all = contextual && block.name != "sidecar_task";
    let (before, after) = (flatten(&fields, old), flatten(&fields, new));
    Some(ObjectDiff {
        kind,
        name: block.api_name.into(),
        fields: field_diffs(&before, &after, lists_all),
        objects: parts(block, (old, new), contextual),
    })
}

fn fields(block: &'static BlockSchema) -> Vec<Field> {
    let compared = block.fields.iter().filter_map(|field| {
        let kind = match field.kind {
            FieldKind::String => Kind::Text,
            FieldKind::Boolean => Kind::Flag,
            FieldKind::Duration if field.api_name == "ConnectTimeout" => Kind::Span,
            FieldKind::Integer
            | FieldKind::UnsignedByte
            | FieldKind::SignedByte
            | FieldKind::Unsigned
            | FieldKind::Duration => Kind::Whole,
            FieldKind::StringMapAttribute | FieldKind::StringMapBlock | FieldKind::StringMap => {
                Kind::Map
            }
            _ => return None,
        };
        let name = field.api_name;
        (!name.is_empty()).then_some(Field {
            path: name,
            name,
            kind,
        })
    });
    compared.collect()
}

fn parts(block: &'static BlockSchema, (old, new): Sides<'_>, contextual: bool) -> Vec<ObjectDiff> {
    let mut diffs = Vec::new();
    for field in block
        .fields
        .iter()
        .filter(|field| !field.api_name.is_empty())
    {
        let part =
            |side: Option<&'_ Value>| side.and_then(|value| at(value, field.api_name)).cloned();
        let (old, new) = (part(old), part(new));
        let sides = (old.as_ref(), new.as_ref());
        match field.kind {
            FieldKind::StringList => diffs.extend(set_diff(field.api_name, sides, contextual)),
            FieldKind::Block(block) => diffs.extend(object_diff(block, sides, contextual)),
            FieldKind::BlockList(block) => {
                diffs.extend(list_diffs(block, match_of(block), sides, contextual));
            }
            FieldKind::BlockMap(block) => {
                diffs.extend(list_diffs(block, Match::Key, sides, contextual));
            }
            FieldKind::ListMapBlock | FieldKind::FreeBlock | FieldKind::Free => {
                diffs.extend(free_diff(field.api_name, sides, contextual));
            }
            _ => {}
        }
    }
    diffs
}

/// How the members of a list are matched (spec: plan-diff 5).
fn match_of(block: &BlockSchema) -> Match {
    match block.name {
        "upstreams" => Match::By(&["Datacenter", "DestinationName"]),
        "identity" => Match::By(&["Name"]),
        "volume_mount" => Match::Place,
        _ => Match::Whole,
    }
}

fn list_diffs(
    block: &'static BlockSchema,
    by: Match,
    sides: Sides<'_>,
    contextual: bool,
) -> Vec<ObjectDiff> {
    let pairs = matching::pairs(by, sides).into_iter();
    let mut diffs: Vec<_> = pairs
        .filter_map(|pair| object_diff(block, pair, contextual))
        .collect();
    put_in_order(&mut diffs);
    diffs
}

fn free_diff(name: &str, (old, new): Sides<'_>, contextual: bool) -> Option<ObjectDiff> {
    let kind = presence(old.is_some(), new.is_some(), is_same(old, new));
    let entries = [Field {
        path: "",
        name: "",
        kind: Kind::Entries,
    }];
    let flat = |side| -> Flat { flatten(&entries, side) };
    (kind != DiffType::None).then(|| ObjectDiff {
        kind,
        name: name.into(),
        fields: field_diffs(&flat(old), &flat(new), contextual),
        objects: Vec::new(),
    })
}
