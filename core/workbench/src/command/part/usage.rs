//! What a task uses, as `alloc status -stats` prints it.

use yurt_engine::TaskUsage;

use super::plain;
use crate::command::{Lines, columns};
use crate::view::{Label, Line};

/// The sections under a task's resources.
pub(in crate::command) fn sections(usage: &TaskUsage, document: &mut Lines) {
    let memory = vec![
        kibibytes(usage.memory_max_kib),
        kibibytes(usage.memory_kib),
        "0 B".into(),
    ];
    let percent = format!(
        "{}.{:02}%",
        usage.cpu_hundredths / 100,
        usage.cpu_hundredths % 100
    );
    let cpu = vec![percent, "0".into(), "0".into()];
    let tables = [
        ("Memory Stats", ["Max Usage", "RSS", "Swap"], memory),
        (
            "CPU Stats",
            ["Percent", "Throttled Periods", "Throttled Time"],
            cpu,
        ),
    ];
    for (heading, names, row) in tables {
        document.push(Line::of(Label::Heading, heading));
        let rows = [columns::row(names), row];
        document.extend(plain(columns::list(&rows)));
        document.push(Line::default());
    }
    document.pop(); // What comes next begins with an empty line of its own.
}

/// An amount in the largest binary unit, with one digit after the point.
pub(in crate::command) fn kibibytes(amount_kib: i64) -> String {
    let (tenths, unit) = match amount_kib {
        0..1024 => return format!("{amount_kib} KiB"),
        1024..1_048_576 => (amount_kib * 10 / 1024, "MiB"),
        _ => (amount_kib * 10 / 1_048_576, "GiB"),
    };
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        let cases = [
            (0, "0 KiB"),
            (900, "900 KiB"),
            (1024, "1.0 MiB"),
            (26_214, "25.5 MiB"),
            (3_145_728, "3.0 GiB"),
        ];
        for (kib, want) in cases {
            assert_eq!(kibibytes(kib), want, "{kib}");
        }
    }
}
