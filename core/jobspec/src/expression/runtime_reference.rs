//! References that only mean something where the task runs stay in the text (spec: jobspec 10).

use crate::diagnostics::Range;

/// The text that stands for a reference such as `attr.kernel.name`: `${attr.kernel.name}`, with
/// the spaces that stand inside the braces. Closing braces and spaces that follow directly are
/// taken along although the template repeats them: a known slip of the reference that job files
/// rely on.
pub(super) fn text(source: &str, range: Range) -> String {
    let (start, end) = (range.start.byte, range.end.byte);
    let bare = source.get(start..end).unwrap_or_default();
    let before = source[..start].trim_end_matches(' ');
    if !before.ends_with("${") {
        return format!("${{{bare}}}");
    }
    let mut text = source[before.len() - 2..end].to_owned();
    for (offset, byte) in source.bytes().enumerate().skip(end + 1) {
        match byte {
            // From `end` each time, not from the last brace: so does the reference. Bounded, since
            // a run of braces would otherwise grow with its square.
            b'}' if offset - end <= 64 => text.push_str(&source[end..offset]),
            b' ' => {}
            _ => break,
        }
    }
    text.push('}');
    text
}
