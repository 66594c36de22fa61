//! What lets the engine's tests run natively and in wasm from the same source.
//!
//! Rust's own test harness does not run on wasm32-unknown-unknown; wasm-bindgen-test does, but
//! wants an attribute of its own. A crate that says
//! `#[cfg(all(test, target_arch = "wasm32"))] #[macro_use] extern crate yurt_everywhere;` has that
//! attribute stand in for `#[test]` throughout, and no test need know. And there are no files in
//! wasm, so recordings come in at compile time. May import: nothing.

use std::fs;
use std::path::Path;

use proc_macro::{TokenStream, TokenTree};

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

/// `folder!("../../tests/reference/cli", "transcript")`: the files of a folder with that extension,
/// as `&[(&str, &str)]`, name and text, sorted by name. The folder is named from the crate's own.
#[proc_macro]
pub fn folder(arguments: TokenStream) -> TokenStream {
    let words: Vec<String> = arguments
        .into_iter()
        .filter_map(|token| match token {
            TokenTree::Literal(text) => Some(text.to_string().trim_matches('"').to_string()),
            _ => None,
        })
        .collect();
    let [folder, extension] = words.as_slice() else {
        panic!("folder! takes a folder and an extension");
    };
    let crate_folder = std::env::var("CARGO_MANIFEST_DIR").expect("cargo compiles us");
    let folder = Path::new(&crate_folder).join(folder);
    let entries = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("cannot list {}: {error}", folder.display()));
    let mut paths: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|found| found == extension.as_str())
        })
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no .{extension} in {}", folder.display());
    let mut list = String::from("&[");
    for path in &paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        list += &format!("({name:?}, include_str!({path:?})),");
    }
    list.push(']');
    list.parse().expect("names and paths in quotes")
}
