//! What the stored job has beside, or without, what a job file can say.
//!
//! The members themselves are those of the one table of the language (`schema`); here is only what
//! admission changes about them. Blocks go by their names in job files.

use crate::schema::{BlockSchema, FieldKind, FieldSchema};

use super::Stage;

/// Assigned by servers: no part of what was asked for.
const ASSIGNED: [(&str, &str); 19] = [
    ("job", "Stop"),
    ("job", "ParentID"),
    ("job", "Dispatched"),
    ("job", "DispatchIdempotencyToken"),
    ("job", "Payload"),
    ("job", "NomadTokenID"),
    ("job", "Status"),
    ("job", "StatusDescription"),
    ("job", "Stable"),
    ("job", "Version"),
    ("job", "SubmitTime"),
    ("job", "CreateIndex"),
    ("job", "ModifyIndex"),
    ("job", "JobModifyIndex"),
    ("job", "VersionTag"),
    ("scaling", "ID"),
    ("scaling", "Namespace"),
    ("scaling", "CreateIndex"),
    ("scaling", "ModifyIndex"),
];

/// Used up by admission: the stored job lacks them.
const REQUEST_ONLY: [(&str, &str); 6] = [
    ("job", "Reschedule"),
    ("job", "Migrate"),
    ("service", "CheckRestart"),
    ("check", "Advertise"),
    ("vault", "Policies"),
    ("logs", "Enabled"),
];

/// Scalars that stay null in the stored job while they are unset; others become zero.
const OPTIONAL: [(&str, &str); 11] = [
    ("group", "ShutdownDelay"),
    ("group", "MaxRunDuration"),
    ("group", "StopAfterClientDisconnect"),
    ("group", "MaxClientDisconnect"),
    ("disconnect", "StopOnClientAfter"),
    ("scaling", "Min"),
    ("scaling", "Max"),
    ("template", "Uid"),
    ("template", "Gid"),
    ("wait", "Min"),
    ("wait", "Max"),
];

/// Inert as a whole: kept as given, without what is empty.
const INERT: [(&str, &str); 2] = [("job", "Multiregion"), ("service", "Connect")];

/// Only the stored job has it: the namespace of Nomad's own services.
const SERVICE_NAMESPACE: FieldSchema = FieldSchema::new(
    "",
    "Namespace",
    FieldKind::String,
    "Filled by the server; a job file cannot set it.",
);

fn is_in(list: &[(&str, &str)], block: &BlockSchema, field: &FieldSchema) -> bool {
    list.contains(&(block.name, field.api_name))
}

/// The members of an object at a stage.
pub(super) fn members(
    block: &'static BlockSchema,
    stage: Stage,
) -> impl Iterator<Item = FieldSchema> {
    let namespace = (block.name == "service").then_some(SERVICE_NAMESPACE);
    let fields = block.fields.iter().filter(move |field| {
        let is_gone = stage == Stage::Canonical && is_in(&REQUEST_ONLY, block, field);
        !field.api_name.is_empty() && !is_gone && !is_in(&ASSIGNED, block, field)
    });
    fields.copied().chain(namespace)
}

/// Whether a scalar stays null in the stored job.
pub(super) fn is_optional(block: &BlockSchema, field: &FieldSchema) -> bool {
    is_in(&OPTIONAL, block, field)
}

/// Whether a member is kept as given.
pub(super) fn is_inert(block: &BlockSchema, field: &FieldSchema) -> bool {
    is_in(&INERT, block, field)
}
