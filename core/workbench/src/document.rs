//! What a command prints, before anyone decides about colour.
//!
//! Belongs here: text written in the reference's markup (`[bold]Deployed[reset]`), and its three
//! forms: plain, with the reference's exact colour codes, and as labelled lines. Not here: what any
//! command says.
//! May import: view (its labels and lines).
//!
//! The reference colours a whole printed string at once: tags become codes in order, a code holds
//! until the next reset, and tags inside a person's own data count too (spec: plan-diff 9). So a
//! document is a stream of texts and codes, and not a tree.

use crate::view::{Label, Line, Span};

/// The names of tags and their codes (spec: plan-diff 9).
const TAGS: [(&str, u8); 43] = [
    ("default", 39),
    ("_default_", 49),
    ("black", 30),
    ("red", 31),
    ("green", 32),
    ("yellow", 33),
    ("blue", 34),
    ("magenta", 35),
    ("cyan", 36),
    ("light_gray", 37),
    ("dark_gray", 90),
    ("light_red", 91),
    ("light_green", 92),
    ("light_yellow", 93),
    ("light_blue", 94),
    ("light_magenta", 95),
    ("light_cyan", 96),
    ("white", 97),
    ("_black_", 40),
    ("_red_", 41),
    ("_green_", 42),
    ("_yellow_", 43),
    ("_blue_", 44),
    ("_magenta_", 45),
    ("_cyan_", 46),
    ("_light_gray_", 47),
    ("_dark_gray_", 100),
    ("_light_red_", 101),
    ("_light_green_", 102),
    ("_light_yellow_", 103),
    ("_light_blue_", 104),
    ("_light_magenta_", 105),
    ("_light_cyan_", 106),
    ("_white_", 107),
    ("bold", 1),
    ("dim", 2),
    ("underline", 4),
    ("blink_slow", 5),
    ("blink_fast", 6),
    ("invert", 7),
    ("hidden", 8),
    ("reset", 0),
    ("reset_bold", 21),
];

/// One element of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// From here on, this code holds.
    Code(u8),
    /// Text, line ends included.
    Text(Label, String),
}

/// What a command prints.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Document {
    pieces: Vec<Piece>,
    /// A tag was replaced since the last printed string ended.
    coloured: bool,
    /// The codes that hold at the end, to label text that says nothing of itself.
    bold: bool,
    colour: Option<u8>,
}

impl Document {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds text with tags. [`Label::Plain`] means: as the codes that hold say.
    pub fn write(&mut self, label: Label, marked: &str) {
        let mut rest = marked;
        let mut text = String::new();
        while let Some(start) = rest.find('[') {
            let (before, from) = rest.split_at(start);
            text.push_str(before);
            match tag(from) {
                Some((code, length)) => {
                    self.push_text(label, std::mem::take(&mut text));
                    self.push_code(code);
                    rest = &from[length..];
                }
                None => {
                    text.push('[');
                    rest = &from[1..];
                }
            }
        }
        text.push_str(rest);
        self.push_text(label, text);
    }

    /// Ends one printed string: the reference puts a last reset behind one that had any tag.
    pub fn end(&mut self) {
        if self.coloured {
            self.push_code(0);
            self.coloured = false;
        }
        self.push_text(Label::Plain, "\n".into());
    }

    /// One printed string.
    pub fn print(&mut self, label: Label, marked: &str) {
        self.write(label, marked);
        self.end();
    }

    /// Adds what another document prints.
    pub fn append(&mut self, other: Self) {
        self.pieces.extend(other.pieces);
        (self.bold, self.colour) = (other.bold, other.colour);
        self.coloured |= other.coloured;
    }

    /// Without any colour.
    pub fn text(&self) -> String {
        let texts = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(_, text) => Some(&**text),
            Piece::Code(_) => None,
        });
        texts.collect()
    }

    /// With the reference's colour codes (`-force-color`).
    pub fn ansi(&self) -> String {
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::Text(_, text) => text.clone(),
            Piece::Code(code) => format!("\u{1b}[{code}m"),
        });
        pieces.collect()
    }

    /// As labelled lines. Joined, their texts are [`Document::text`] without its last line end.
    pub fn lines(&self) -> Vec<Line> {
        let texts = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(label, text) => Some((*label, &**text)),
            Piece::Code(_) => None,
        });
        split_lines(texts)
    }

    /// As lines whose text holds the colour codes.
    pub fn ansi_lines(&self) -> Vec<Line> {
        let text = self.ansi();
        split_lines([(Label::Plain, &*text)].into_iter())
    }

    fn push_text(&mut self, label: Label, text: String) {
        if text.is_empty() {
            return;
        }
        let label = match (label, self.colour, self.bold) {
            (Label::Plain, Some(31), _) => Label::Error,
            (Label::Plain, Some(32), _) => Label::Good,
            (Label::Plain, Some(33 | 93), _) => Label::Warning,
            (Label::Plain, None, true) => Label::Heading,
            (label, ..) => label,
        };
        match self.pieces.last_mut() {
            Some(Piece::Text(last, before)) if *last == label => before.push_str(&text),
            _ => self.pieces.push(Piece::Text(label, text)),
        }
    }

    fn push_code(&mut self, code: u8) {
        match code {
            0 => (self.bold, self.colour) = (false, None),
            1 => self.bold = true,
            21 => self.bold = false,
            39 => self.colour = None,
            30..=37 | 90..=97 => self.colour = Some(code),
            _ => {}
        }
        self.coloured = true;
        self.pieces.push(Piece::Code(code));
    }
}

/// The code of the tag that `text` begins with, and the tag's length in bytes.
fn tag(text: &str) -> Option<(u8, usize)> {
    let end = text.find(']')?;
    let name = &text[1..end];
    let (_, code) = TAGS.iter().find(|(known, _)| *known == name)?;
    Some((*code, end + 1))
}

fn split_lines<'a>(texts: impl Iterator<Item = (Label, &'a str)>) -> Vec<Line> {
    let mut lines = vec![Line::default()];
    for (label, text) in texts {
        for (number, part) in text.split('\n').enumerate() {
            if number > 0 {
                lines.push(Line::default());
            }
            if let (false, Some(line)) = (part.is_empty(), lines.last_mut()) {
                line.spans.push(Span {
                    label,
                    text: part.into(),
                });
            }
        }
    }
    if lines.last().is_some_and(|line| line.spans.is_empty()) {
        lines.pop();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(marked: &str) -> Document {
        let mut document = Document::new();
        document.print(Label::Plain, marked);
        document
    }

    #[test]
    fn tags_are_codes_or_nothing() {
        for (marked, text, ansi) in [
            ("plain", "plain\n", "plain\n"),
            (
                "[bold]Deployed[reset]\nx",
                "Deployed\nx\n",
                "\u{1b}[1mDeployed\u{1b}[0m\nx\u{1b}[0m\n",
            ),
            (
                "Env[red]: [RED] [no]",
                "Env: [RED] [no]\n",
                "Env\u{1b}[31m: [RED] [no]\u{1b}[0m\n",
            ),
            (
                "a[0] [[green]]",
                "a[0] []\n",
                "a[0] [\u{1b}[32m]\u{1b}[0m\n",
            ),
            ("open [bold", "open [bold\n", "open [bold\n"),
        ] {
            assert_eq!(printed(marked).text(), text);
            assert_eq!(printed(marked).ansi(), ansi);
        }
    }

    #[test]
    fn a_code_labels_text_until_the_reset() {
        let lines = printed("[bold]Job: \"x\"\nnext[reset] [green]fine[reset]").lines();
        assert_eq!(lines[0], Line::of(Label::Heading, "Job: \"x\""));
        assert_eq!(lines[1].spans[0].label, Label::Heading);
        assert_eq!(lines[1].spans[1].label, Label::Plain);
        assert_eq!(lines[1].spans[2].label, Label::Good);
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn blank_lines_stay() {
        let mut document = printed("a");
        document.print(Label::Plain, "");
        document.print(Label::DiffAdded, "b");
        let texts: Vec<_> = document.lines().iter().map(Line::text).collect();
        assert_eq!(texts, ["a", "", "b"]);
    }
}
