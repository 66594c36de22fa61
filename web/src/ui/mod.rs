//! Building blocks that know no word of Nomad's.

mod button;
mod dialog;
mod icon;

pub use button::{Button, Weight};
pub use dialog::Dialog;
pub use icon::Icon;
