//! Values, conversions and the evaluator of expressions (spec: jobspec 6, 7, 10).
//!
//! May import `syntax`, `diagnostics` and `functions` (whose table it calls).

mod calls;
mod collections;
mod convert;
mod evaluate;
mod number;
mod operators;
mod runtime_reference;
mod templates;
mod value;

pub use convert::{convert, unify};
pub use evaluate::{Budget, Evaluator, References, SIZE_MAX, STEPS_MAX, Scope};
pub use number::Number;
pub use value::{Type, Value};
