//! Identifiers as types. Only rendering shortens them to eight characters.

use std::fmt;
use std::rc::Rc;
use std::str::FromStr;

use super::Rng;

/// One committed write of the state store; each write has the next number. 0 means "never".
pub type Index = u64;

/// A short shared text: a group's, a task's or a node's name.
pub type Name = Rc<str>;

/// A namespace's name.
pub type Namespace = Rc<str>;

/// A job's id, which people choose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub Rc<str>);

impl JobId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for JobId {
    fn from(text: &str) -> Self {
        Self(Rc::from(text))
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A 128-bit identifier, shown as 32 hexadecimal digits in five groups.
///
/// Aligned as a word: by its own alignment every optional identifier would take twice its bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(Rust, packed(8))]
pub struct Uuid(pub u128);

impl Uuid {
    /// The first eight hexadecimal digits, as short listings show them.
    pub fn short(self) -> String {
        format!("{:08x}", self.0 >> 96)
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0;
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            n >> 96,
            (n >> 80) & 0xffff,
            (n >> 64) & 0xffff,
            (n >> 48) & 0xffff,
            n & 0xffff_ffff_ffff
        )
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Uuid {
    type Err = NotUuid;

    /// Reads the form that `Display` writes (upper case digits are taken too).
    fn from_str(text: &str) -> Result<Self, NotUuid> {
        let groups = [8, 4, 4, 4, 12];
        let mut parts = text.split('-');
        let mut number = 0u128;
        for length in groups {
            let part = parts.next().ok_or(NotUuid)?;
            let hexadecimal = part.len() == length && part.bytes().all(|b| b.is_ascii_hexdigit());
            if !hexadecimal {
                return Err(NotUuid);
            }
            let value = u128::from_str_radix(part, 16).map_err(|_| NotUuid)?;
            number = (number << (4 * length)) | value;
        }
        if parts.next().is_some() {
            Err(NotUuid)
        } else {
            Ok(Self(number))
        }
    }
}

/// The text is not an identifier in five groups of hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotUuid;

macro_rules! uuid_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The first eight hexadecimal digits, as short listings show them.
            pub fn short(self) -> String {
                self.0.short()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = NotUuid;

            fn from_str(text: &str) -> Result<Self, NotUuid> {
                text.parse().map(Self)
            }
        }
    };
}

uuid_type!(
    /// An allocation's id.
    AllocId
);
uuid_type!(
    /// An evaluation's id.
    EvalId
);
uuid_type!(
    /// A deployment's id.
    DeploymentId
);
uuid_type!(
    /// A node's id.
    NodeId
);

/// Makes identifiers that look random and repeat with the seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UuidMaker(Rng);

impl UuidMaker {
    /// A maker that draws from `rng` alone.
    pub fn new(rng: Rng) -> Self {
        Self(rng)
    }

    /// The next identifier.
    pub fn make(&mut self) -> Uuid {
        Uuid((u128::from(self.0.next_u64()) << 64) | u128::from(self.0.next_u64()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        let text = "60fd6225-f4ca-16cc-ef21-3294f41891e8";
        let id: Uuid = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(id.short(), "60fd6225");
        for bad in [
            "",
            "60fd6225",
            "60fd6225-f4ca-16cc-ef21-3294f41891e",
            "g0fd6225-f4ca-16cc-ef21-3294f41891e8",
        ] {
            assert!(bad.parse::<Uuid>().is_err(), "{bad}");
        }
    }
}
