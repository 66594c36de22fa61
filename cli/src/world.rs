//! Files of worlds, for the commands that take one.

use yurt_engine::Cluster;
use yurt_jobspec::render;
use yurt_model::Release;
use yurt_workbench::session::{DEFAULT_SEED, Session};
use yurt_workbench::world_file;

/// The world of a file, or that of the recordings. What is said on the command line wins. The error
/// is the text to print.
pub(crate) fn session(
    file: Option<&str>,
    seed: Option<u64>,
    release: Option<Release>,
) -> Result<Session, String> {
    let Some(file) = file else {
        let seed = seed.unwrap_or(DEFAULT_SEED);
        return Ok(Session::new(seed, release.unwrap_or_default()));
    };
    let source = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let mut config = world_file::read(file, &source, seed).map_err(|errors| render(&errors))?;
    config.release = release.unwrap_or(config.release);
    Cluster::new(config)
        .map(Session::on)
        .map_err(|error| format!("{file}: {error}"))
}
