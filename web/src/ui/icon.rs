//! Icons, drawn in the colour of the text around them. Never the only name of anything.

use yew::{Html, html};

/// An icon of 16 by 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// Time stands.
    Pause,
    /// Time runs.
    Play,
    /// To the next event.
    Step,
    /// Follows the system's colours.
    HalfMoon,
    /// Light colours.
    Sun,
    /// Dark colours.
    Moon,
    /// An editor.
    Edit,
    /// A cluster.
    Cluster,
    /// A terminal.
    Terminal,
    /// The rest.
    More,
    /// Good.
    Tick,
    /// Bad.
    Cross,
    /// Waits.
    Clock,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Pause => "M5 3v10M11 3v10",
            Self::Play => "M5 3l8 5-8 5z",
            Self::Step => "M4 3l7 5-7 5zM13 3v10",
            Self::HalfMoon => "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12",
            Self::Sun => {
                "M8 5a3 3 0 1 0 0 6a3 3 0 0 0 0-6M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15\
                 M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1"
            }
            Self::Moon => "M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z",
            Self::Edit => "M3 13l.7-3L10.5 3.2l2.3 2.3L6 12.3z",
            Self::Cluster => "M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z",
            Self::Terminal => "M2 4l4 4-4 4M8 12h6",
            Self::More => "M3 8h.01M8 8h.01M13 8h.01",
            Self::Tick => "M3 8.5l3.5 3.5L13 4.5",
            Self::Cross => "M4 4l8 8M12 4l-8 8",
            Self::Clock => "M8 2a6 6 0 1 0 0 12a6 6 0 0 0 0-12M8 5v3l2 1.5",
        }
    }

    /// The drawing.
    pub fn view(self) -> Html {
        let solid = matches!(self, Self::Play | Self::Step);
        html! {
            <svg class={if solid { "icon solid" } else { "icon" }} viewBox="0 0 16 16"
                aria-hidden="true">
                <path d={self.path()} />
            </svg>
        }
    }
}
