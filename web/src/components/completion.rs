//! What Tab completes on the command line.

/// Completes the last word of `line` as far as the candidates agree; `None` when there is nothing
/// to complete. A single candidate is followed by a space. `candidates` are whole lines (`nomad job
/// plan`) or single words (`docs.nomad.hcl`).
pub fn complete(line: &str, candidates: &[String]) -> Option<String> {
    if line.trim().is_empty() {
        return None;
    }
    let start = line.rfind(' ').map_or(0, |space| space + 1);
    let (before, word) = line.split_at(start);
    // While the line is the beginning of a command, only commands go on from it.
    let verbs: Vec<String> = candidates
        .iter()
        .filter_map(|candidate| next_verb(candidate, line, word))
        .collect();
    let ends = if verbs.is_empty() {
        let fits = |candidate: &&String| !word.is_empty() && candidate.starts_with(word);
        candidates.iter().filter(fits).cloned().collect()
    } else {
        verbs
    };
    let first = ends.first()?;
    let shared = ends.iter().fold(first.len(), |length, end| {
        first
            .char_indices()
            .zip(end.chars())
            .take_while(|((at, one), other)| *at < length && one == other)
            .last()
            .map_or(0, |((at, one), _)| at + one.len_utf8())
    });
    let single = ends.iter().all(|end| end == first);
    let completed = format!(
        "{before}{}{}",
        &first[..shared],
        if single { " " } else { "" }
    );
    (completed.len() > line.len()).then_some(completed)
}

/// The word that a command would put in place of `word`.
fn next_verb(candidate: &str, line: &str, word: &str) -> Option<String> {
    let rest = candidate
        .strip_prefix(line)
        .filter(|_| candidate.contains(' '))?;
    let end = rest.find(' ').unwrap_or(rest.len());
    Some(format!("{word}{}", &rest[..end]))
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn completes_commands_and_words() {
        let candidates: Vec<String> = [
            "nomad job plan",
            "nomad job promote",
            "nomad deployment status",
            "docs.nomad.hcl",
            "docs",
            "8f2c1d3e",
        ]
        .map(String::from)
        .to_vec();
        for (line, want) in [
            ("", None),
            ("   ", None),
            ("no", Some("nomad ")),
            ("nomad d", Some("nomad deployment ")),
            ("nomad job p", None),
            ("nomad job pl", Some("nomad job plan ")),
            ("nomad job plan d", Some("nomad job plan docs")),
            (
                "nomad job plan docs.",
                Some("nomad job plan docs.nomad.hcl "),
            ),
            (
                "nomad deployment status 8f",
                Some("nomad deployment status 8f2c1d3e "),
            ),
            ("nomad job plan docs.nomad.hcl ", None),
            ("nomad é", None),
        ] {
            assert_eq!(complete(line, &candidates).as_deref(), want, "{line:?}");
        }
    }
}
