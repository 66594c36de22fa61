//! Tests across crates: one binary, a file a topic.
