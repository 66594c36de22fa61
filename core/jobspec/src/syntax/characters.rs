//! Which characters make identifiers, and how many columns text takes: Unicode's rules for grapheme
//! clusters, without those for scripts of India that only fonts see.

use super::marks::is_mark;

/// May the character begin an identifier?
pub(super) fn starts_identifier(character: char) -> bool {
    character == '_' || character.is_alphabetic()
}

/// May the character stand inside an identifier?
pub(super) fn continues_identifier(character: char) -> bool {
    matches!(character, '_' | '-') || character.is_alphanumeric() || is_mark(character)
}

/// Is the text one identifier?
pub fn is_identifier(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(starts_identifier) && characters.all(continues_identifier)
}

/// Counts grapheme clusters while characters pass by.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Clusters {
    previous: Option<char>,
    open_flag: bool,
}

impl Clusters {
    /// Takes the next character; true when it begins a new cluster.
    pub(super) fn begins(&mut self, character: char) -> bool {
        let flag = matches!(character as u32, 0x1f1e6..=0x1f1ff);
        let joined = match self.previous {
            None => false,
            Some('\r') => character == '\n',
            Some('\u{200d}') => (character as u32) > 0x2000,
            Some(_) if flag && self.open_flag => true,
            Some(previous) => {
                !previous.is_control() && (is_mark(character) || one_syllable(previous, character))
            }
        };
        self.open_flag = flag && !(joined && self.open_flag);
        self.previous = Some(character);
        !joined
    }

    /// Takes text in which nothing joins what is before, but for a line feed a carriage return.
    pub(super) fn pass_ascii(&mut self, text: &str) {
        if let Some(last) = text.as_bytes().last() {
            self.previous = Some(char::from(*last));
            self.open_flag = false;
        }
    }
}

/// Do two letters stand in one syllable of Hangul? A leading consonant takes a vowel or a syllable,
/// a syllable that ends in a vowel takes a vowel, and both take a final consonant.
fn one_syllable(previous: char, character: char) -> bool {
    let kind = |letter: char| match letter as u32 {
        0x1100..=0x115f | 0xa960..=0xa97c => 'l',
        0x1160..=0x11a7 | 0xd7b0..=0xd7c6 => 'v',
        0x11a8..=0x11ff | 0xd7cb..=0xd7fb => 't',
        // A precomposed syllable, with a final consonant or without.
        at @ 0xac00..=0xd7a3 if (at - 0xac00).is_multiple_of(28) => 'V',
        0xac00..=0xd7a3 => 'T',
        _ => ' ',
    };
    match kind(previous) {
        'l' => matches!(kind(character), 'l' | 'v' | 'V' | 'T'),
        'v' | 'V' => matches!(kind(character), 'v' | 't'),
        't' | 'T' => kind(character) == 't',
        _ => false,
    }
}

/// How many columns (grapheme clusters) the text takes.
pub fn column_count(text: &str) -> usize {
    let mut clusters = Clusters::default();
    text.chars()
        .filter(|&character| clusters.begins(character))
        .count()
}

/// Where each grapheme cluster of the text begins, in bytes.
pub(crate) fn cluster_starts(text: &str) -> impl Iterator<Item = usize> {
    let mut clusters = Clusters::default();
    let letters = text.char_indices();
    letters.filter_map(move |(at, character)| clusters.begins(character).then_some(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ascii_joins_what_is_before_but_a_line_feed() {
        let before = [
            "",
            "a",
            "\t",
            "\r",
            "\u{200d}",
            "\u{1f1e6}",
            "\u{1100}",
            "e\u{301}",
        ];
        for before in before {
            for byte in 0..128_u8 {
                let mut clusters = Clusters::default();
                before.chars().for_each(|it| {
                    clusters.begins(it);
                });
                let mut passed = clusters;
                let joins = (before, byte) == ("\r", b'\n');
                assert_eq!(!clusters.begins(byte.into()), joins, "{before:?} {byte}");
                passed.pass_ascii(std::str::from_utf8(&[byte]).expect("ASCII"));
                assert_eq!(format!("{passed:?}"), format!("{clusters:?}"));
            }
        }
    }
}
