//! Which Nomad is emulated.

/// The release whose texts and defaults a world shows. The reference is 2.0.x; 0.7 is the release
/// that the guide to blue/green and canary deployments was written for. Only admission and
/// rendering look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Release {
    /// The reference.
    #[default]
    V2_0,
    /// The guide's.
    V0_7,
}

impl Release {
    /// The release of that name: `2.0` or `0.7`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "2.0" => Some(Self::V2_0),
            "0.7" => Some(Self::V0_7),
            _ => None,
        }
    }
}
