//! The `yurt` command as a library, so that tests can call it in process.
