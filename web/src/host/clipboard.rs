//! The clipboard.

use wasm_bindgen_futures::JsFuture;

/// Copies a text; `done` learns whether the browser allowed it.
pub fn copy(text: String, done: impl FnOnce(bool) + 'static) {
    wasm_bindgen_futures::spawn_local(async move {
        let clipboard = gloo::utils::window().navigator().clipboard();
        // Pages that are not served securely have no clipboard at all.
        let there = !AsRef::<wasm_bindgen::JsValue>::as_ref(&clipboard).is_undefined();
        let copied = there && JsFuture::from(clipboard.write_text(&text)).await.is_ok();
        done(copied);
    });
}
