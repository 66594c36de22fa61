//! What a fresh page holds: a file by the name of the guide's.

pub use yurt_workbench::workbench::OPENING_FILE as FILE_NAME;
