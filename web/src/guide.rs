//! What a fresh page holds: the guide's job.

/// The name of the file in the editor.
pub const FILE_NAME: &str = "docs.nomad.hcl";

/// The guide's job. The guide itself has no `progress_deadline`: it was written when there was none.
pub const JOB: &str = include_str!("guide.nomad.hcl");
