//! `#[test]` for wasm: the engine's tests run natively and in wasm from the same source.
//!
//! Rust's own test harness does not run on wasm32-unknown-unknown; wasm-bindgen-test does, but
//! wants an attribute of its own. A crate that says `#[cfg(all(test, target_arch = "wasm32"))]
//! #[macro_use] extern crate yurt_everywhere;` has that attribute stand in for `#[test]`
//! throughout, and no test need know. May import: nothing.

use proc_macro::TokenStream;

/// `#[test]` that wasm-bindgen-test's runner finds. The crate needs `wasm-bindgen-test` beside this
/// one.
#[proc_macro_attribute]
pub fn test(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut marked: TokenStream = "#[::wasm_bindgen_test::wasm_bindgen_test]"
        .parse()
        .expect("a constant attribute");
    marked.extend(item);
    marked
}
