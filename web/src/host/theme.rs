//! Light or dark.

use super::storage;

/// Which colours the page has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// What the system says.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The one chosen at the last visit.
    pub fn load() -> Self {
        match storage::load(storage::key::THEME).as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    /// Its name on the switch.
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The one that the switch goes to next.
    pub const fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    /// Colours the page so, now and at the next visit.
    pub fn apply(self) {
        let Some(root) = gloo::utils::document().document_element() else {
            return;
        };
        let kept = match self {
            Self::System => None,
            Self::Light | Self::Dark => Some(self.name()),
        };
        storage::save(storage::key::THEME, kept);
        let _ = match kept {
            Some(name) => root.set_attribute("data-theme", name),
            None => root.remove_attribute("data-theme"),
        };
    }
}
