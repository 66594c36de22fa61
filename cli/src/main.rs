//! The `yurt` command.

fn main() {}
