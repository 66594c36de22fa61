//! What a page weighs, and how much it may weigh.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::digest;
use crate::project::Project;
use crate::shell::{self, Trouble};

/// The most that everything the first view loads may weigh, in bytes, brotli-compressed.
const FIRST_VIEW_BROTLI_BYTES_MAX: u64 = 900_000;

/// How far above the recorded figure a page may be before someone has to look, in percent.
const TOLERANCE_PERCENT: u64 = 5;

/// Compresses as static hosts do: gzip 9 and brotli 11. Node has both; a crate for brotli is large.
const COMPRESS: &str = "const z=require('zlib'),b=require('fs').readFileSync(process.argv[1]);\
const gzip=z.gzipSync(b,{level:9}).length;\
const brotli=z.brotliCompressSync(b,{params:{[z.constants.BROTLI_PARAM_QUALITY]:11,\
[z.constants.BROTLI_PARAM_SIZE_HINT]:b.length}}).length;\
console.log(JSON.stringify({raw:b.length,gzip,brotli}))";

/// Sizes of one file, in bytes.
#[derive(Clone, Copy, Default)]
pub struct Size {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// Sizes of the files of a page, by name.
pub struct Sizes {
    files: Vec<(String, Size)>,
}

impl Sizes {
    /// Everything the first view loads: all of it, as long as nothing is loaded later.
    fn total(&self) -> Size {
        self.files
            .iter()
            .fold(Size::default(), |sum, (_, size)| Size {
                raw: sum.raw + size.raw,
                gzip: sum.gzip + size.gzip,
                brotli: sum.brotli + size.brotli,
            })
    }

    /// A table for people.
    pub fn table(&self) -> String {
        let width = self
            .files
            .iter()
            .map(|(name, _)| name.len())
            .max()
            .unwrap_or(0);
        let mut text = format!(
            "{:width$}  {:>10} {:>10} {:>10}\n",
            "bytes", "raw", "gzip", "brotli"
        );
        let total = ("first view".to_string(), self.total());
        for (name, size) in self.files.iter().chain([&total]) {
            text += &format!(
                "{name:width$}  {:>10} {:>10} {:>10}\n",
                size.raw, size.gzip, size.brotli
            );
        }
        text
    }
}

/// Measures the files of a folder; what was measured before is remembered by content.
pub fn measure(project: &Project, folder: &Path) -> Result<Sizes, Trouble> {
    let entries = fs::read_dir(folder)
        .map_err(|error| Trouble::new(format!("no page in {}: {error}", folder.display())))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        files.push((name, measure_file(project, &path)?));
    }
    Ok(Sizes { files })
}

fn measure_file(project: &Project, path: &Path) -> Result<Size, Trouble> {
    let known = project
        .cache()
        .join("sizes")
        .join(digest::digest(&[&shell::read_bytes(path)?]));
    if !known.exists() {
        let mut node = project.command("node");
        node.args(["-e", COMPRESS]).arg(path);
        shell::write(&known, shell::output(&mut node, "mend Node.js")?)?;
    }
    let json = parse(&known)?;
    let field = |name: &str| {
        json[name]
            .as_u64()
            .ok_or_else(|| Trouble::new(format!("remove {}", known.display())))
    };
    Ok(Size {
        raw: field("raw")?,
        gzip: field("gzip")?,
        brotli: field("brotli")?,
    })
}

fn parse(path: &Path) -> Result<Value, Trouble> {
    serde_json::from_str(&shell::read(path)?)
        .map_err(|error| Trouble::new(format!("{}: {error}", path.display())))
}

fn budget_file(project: &Project) -> PathBuf {
    project.root.join("web/size-budget.json")
}

/// Makes the measured size the recorded one.
pub fn record(project: &Project, sizes: &Sizes) -> Result<(), Trouble> {
    let json = json!({ "first_view_brotli_bytes": sizes.total().brotli });
    let text = serde_json::to_string_pretty(&json).expect("plain data") + "\n";
    shell::write(&budget_file(project), text)
}

/// Fails when the page has outgrown its budget; else returns a note for the report.
pub fn check(project: &Project, sizes: &Sizes) -> Result<String, Trouble> {
    let file = budget_file(project);
    let recorded = parse(&file)?["first_view_brotli_bytes"]
        .as_u64()
        .ok_or_else(|| Trouble::new("web/size-budget.json lacks `first_view_brotli_bytes`"))?;
    judge(sizes.total().brotli, recorded)
}

fn judge(measured: u64, recorded: u64) -> Result<String, Trouble> {
    if measured > FIRST_VIEW_BROTLI_BYTES_MAX {
        return Err(Trouble::new(format!(
            "the first view weighs {measured} bytes in brotli, more than \
             {FIRST_VIEW_BROTLI_BYTES_MAX}: make it smaller"
        )));
    }
    let allowed = recorded + recorded * TOLERANCE_PERCENT / 100;
    if measured > allowed {
        return Err(Trouble::new(format!(
            "the first view weighs {measured} bytes in brotli, the recorded {recorded} and \
             {TOLERANCE_PERCENT} % allow {allowed}: make it smaller, or `cargo xtask build \
             --record-size` and say why in the commit"
        )));
    }
    let limit = allowed.min(FIRST_VIEW_BROTLI_BYTES_MAX);
    Ok(format!("{measured} bytes brotli of {limit} allowed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_percent_above_the_record_passes_and_more_fails() {
        assert!(judge(105_000, 100_000).is_ok());
        assert!(judge(105_001, 100_000).is_err());
        assert!(judge(900_000, 900_000).is_ok());
        assert!(judge(900_001, 900_000).is_err());
    }
}
