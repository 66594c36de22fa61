//! Texts that many rows hold, most of them the same few.

use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

/// A text that never changes. The program's own texts take no memory beyond the two words of the
/// value; others are shared by their clones.
#[derive(Clone)]
pub struct Text(Held);

#[derive(Clone)]
enum Held {
    Fixed(&'static str),
    // Behind one word rather than two, so that the whole is no larger than a `&str`.
    Shared(Rc<Box<str>>),
}

impl Text {
    /// A text of the program.
    pub const fn fixed(text: &'static str) -> Self {
        Self(Held::Fixed(text))
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::fixed("")
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.0 {
            Held::Fixed(text) => text,
            Held::Shared(text) => text,
        }
    }
}

impl From<&'static str> for Text {
    fn from(text: &'static str) -> Self {
        Self::fixed(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Held::Shared(Rc::new(text.into())))
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_and_own_texts_are_equal_and_no_larger_than_a_reference() {
        let own: Text = String::from("Task started by client").into();
        assert_eq!(Text::fixed("Task started by client"), own);
        assert_eq!(
            format!("{own} {own:?}"),
            "Task started by client \"Task started by client\""
        );
        assert!(Text::default().is_empty());
        assert_eq!(size_of::<Text>(), size_of::<&str>());
    }
}
