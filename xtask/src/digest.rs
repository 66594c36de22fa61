//! Digests of content: names of files in `dist/`, and stamps that say a step need not run again.

use std::fs;
use std::path::Path;

use crate::shell::{self, Trouble};

/// FNV-1a, 64 bits, as 16 hex digits. Not for secrets: it only tells versions apart.
pub fn digest(parts: &[&[u8]]) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for part in parts {
        // The length goes in too, so that ("ab", "c") and ("a", "bc") differ.
        for byte in part
            .iter()
            .copied()
            .chain((part.len() as u64).to_le_bytes())
        {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}

/// Runs `work` unless it has run before with the same `key`; true says that it ran.
pub fn once(
    stamp: &Path,
    key: &str,
    work: impl FnOnce() -> Result<(), Trouble>,
) -> Result<bool, Trouble> {
    if fs::read_to_string(stamp).is_ok_and(|found| found == key) {
        return Ok(false);
    }
    // A stamp of an earlier success must not outlive a failure in between.
    let _ = fs::remove_file(stamp);
    work()?;
    shell::write(stamp, key)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_tells_content_and_cuts_apart() {
        assert_eq!(digest(&[b"a"]), digest(&[b"a"]));
        assert_ne!(digest(&[b"a"]), digest(&[b"b"]));
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
    }
}
