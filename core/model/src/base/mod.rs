//! Layer 0: what every other module may use and what uses nothing of ours.

mod ids;
pub mod math;
mod order;
mod pattern;
mod rng;
mod share;
mod text;
mod time;

pub use ids::{
    AllocId, DeploymentId, EvalId, Index, JobId, Name, Namespace, NodeId, Uuid, UuidMaker,
};
pub use order::{Gather, InOrder};
pub use pattern::Pattern;
pub use rng::Rng;
pub use share::Recent;
pub use text::Text;
pub use time::{Duration, DurationError, Time};
