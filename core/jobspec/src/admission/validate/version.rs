//! Whether a text is a constraint on versions, such as `>= 1.2, < 2`.

/// Parts with an operator and a version, separated by commas; `~>` is one of the operators.
pub(super) fn version(text: &str) -> Result<(), String> {
    let operators = ["~>", ">=", "<=", "!=", "=", ">", "<"];
    parts(text, &operators, false).map_err(|part| format!("malformed constraint: {part}"))
}

/// The same with semantic versions, where `~>` means nothing.
pub(super) fn semver(text: &str) -> Result<(), String> {
    let operators = [">=", "<=", "!=", "=", ">", "<"];
    parts(text, &operators, true).map_err(|part| format!("Malformed constraint: {part}"))
}

fn parts<'a>(text: &'a str, operators: &[&str], is_semver: bool) -> Result<(), &'a str> {
    for part in text.split(',') {
        let trimmed = part.trim();
        let operator = operators.iter().find(|o| trimmed.starts_with(**o));
        let rest = trimmed[operator.map_or(0, |o| o.len())..].trim_start();
        if !is_version(rest, is_semver) {
            return Err(part);
        }
    }
    Ok(())
}

/// `v`, numbers with dots, then perhaps a pre-release and metadata. Outside semantic versions the
/// pre-release may follow without its hyphen.
fn is_version(text: &str, is_semver: bool) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    if numbers.is_empty() || numbers.split('.').any(str::is_empty) {
        return false;
    }
    let (pre_release, metadata) = match rest.split_once('+') {
        Some((pre_release, metadata)) => (pre_release, Some(metadata)),
        None => (rest, None),
    };
    let identifiers = |text: &str| {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '~';
        text.split('.')
            .all(|part| !part.is_empty() && part.chars().all(is_word))
    };
    let pre_release_holds = match pre_release.strip_prefix('-') {
        Some(after) => identifiers(after),
        None if pre_release.is_empty() => true,
        None => !is_semver && identifiers(pre_release),
    };
    pre_release_holds && metadata.is_none_or(identifiers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_on_versions() {
        for good in [
            ">= 1.2, < 2",
            "~> 1.0",
            "1.2.3",
            "= v1.2.3-beta1+ent",
            "1.2rc1",
        ] {
            assert_eq!(version(good), Ok(()), "{good}");
        }
        for good in [">= 0.6.1", ">= 1.7.0-a", "< 2.0.0"] {
            assert_eq!(semver(good), Ok(()), "{good}");
        }
        assert_eq!(version("abc"), Err("malformed constraint: abc".into()));
        assert_eq!(semver("abc"), Err("Malformed constraint: abc".into()));
        assert!(semver("~> 1.0").is_err());
        assert!(version("").is_err());
        assert!(version(">= 1..2").is_err());
    }
}
