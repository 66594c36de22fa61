//! Which characters make identifiers, and how many columns text takes.

/// May the character begin an identifier?
pub(super) fn starts_identifier(character: char) -> bool {
    character == '_' || character.is_alphabetic()
}

/// May the character stand inside an identifier?
pub(super) fn continues_identifier(character: char) -> bool {
    matches!(character, '_' | '-') || character.is_alphanumeric() || extends_cluster(character)
}

/// Is the text one identifier?
pub fn is_identifier(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(starts_identifier) && characters.all(continues_identifier)
}

/// Does the character belong to the cluster of the one before it? (Combining marks, joiners,
/// variation selectors, skin tones: the common part of Unicode's rules for grapheme clusters.)
pub(super) fn extends_cluster(character: char) -> bool {
    matches!(character as u32,
        0x0300..=0x036f | 0x0483..=0x0489 | 0x0591..=0x05bd | 0x0610..=0x061a
        | 0x064b..=0x065f | 0x0670 | 0x06d6..=0x06dc | 0x0900..=0x0903 | 0x093a..=0x094f
        | 0x0e31 | 0x0e34..=0x0e3a | 0x0e47..=0x0e4e | 0x1ab0..=0x1aff | 0x1dc0..=0x1dff
        | 0x200d | 0x20d0..=0x20ff | 0x3099..=0x309a | 0xfe00..=0xfe0f | 0xfe20..=0xfe2f
        | 0x1f3fb..=0x1f3ff | 0xe0020..=0xe007f | 0xe0100..=0xe01ef)
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
            Some(previous) => extends_cluster(character) && !previous.is_control(),
        };
        self.open_flag = flag && !(joined && self.open_flag);
        self.previous = Some(character);
        !joined
    }
}

/// How many columns (grapheme clusters) the text takes.
pub fn column_count(text: &str) -> usize {
    let mut clusters = Clusters::default();
    text.chars()
        .filter(|&character| clusters.begins(character))
        .count()
}
