//! The text of a job file beside the job: how much of it servers keep (spec: jobspec 16).

/// The largest text that servers keep, in bytes.
const JOB_MAX_SOURCE_BYTES: usize = 1_000_000;

/// What is said of a text that is too large to be kept; the job itself is taken all the same. Only
/// submitting keeps texts, so plans and validation do not ask this.
pub fn source_warning(bytes: usize) -> Option<String> {
    (bytes > JOB_MAX_SOURCE_BYTES).then(|| {
        format!(
            "job source size of {} exceeds maximum of {} and will be discarded",
            size(bytes),
            size(JOB_MAX_SOURCE_BYTES)
        )
    })
}

/// A size as people read it: two digits of the largest decimal unit, such as `1.2 MB` or `35 kB`.
fn size(bytes: usize) -> String {
    let bytes = bytes as u64;
    let (unit, name) = match bytes {
        0..1_000 => return format!("{bytes} B"),
        1_000..1_000_000 => (1_000, "kB"),
        _ => (1_000_000, "MB"),
    };
    let tenths = (bytes * 10 + unit / 2) / unit;
    if tenths < 100 {
        return format!("{}.{} {name}", tenths / 10, tenths % 10);
    }
    format!("{} {name}", (bytes + unit / 2) / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_two_digits() {
        let cases = [
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (99_499, "99 kB"),
            (1_000_000, "1.0 MB"),
            (1_250_000, "1.3 MB"),
            (9_949_999, "9.9 MB"),
            (12_600_000, "13 MB"),
        ];
        for (bytes, text) in cases {
            assert_eq!(size(bytes), text, "{bytes}");
        }
        assert_eq!(source_warning(JOB_MAX_SOURCE_BYTES), None);
    }
}
