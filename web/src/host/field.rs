//! The canvas of a large cluster, as `js/field.ts` draws it, and the size of what it is in.

use js_sys::{Float32Array, Function};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlCanvasElement, HtmlElement};

#[wasm_bindgen(module = "/js/dist/editor.js")]
extern "C" {
    // With `catch` it comes through the glue, whose addresses a build rewrites.
    #[wasm_bindgen(catch)]
    fn draw_field(
        canvas: &HtmlCanvasElement,
        width: i32,
        height: i32,
        nodes: &Float32Array,
        marks: &Float32Array,
    ) -> Result<(), JsValue>;

    #[wasm_bindgen(catch)]
    fn watch_size(element: &HtmlElement, tell: &Function) -> Result<Function, JsValue>;
}

/// Draws nodes (five numbers each) and marks (six each); what they mean is said in `js/field.ts`.
pub fn draw(canvas: &HtmlCanvasElement, size: (i32, i32), nodes: &[f32], marks: &[f32]) {
    // Without a canvas there is nothing to draw on, and the buttons over it still work.
    let _ = draw_field(
        canvas,
        size.0,
        size.1,
        &Float32Array::from(nodes),
        &Float32Array::from(marks),
    );
}

/// Watches the size of an element until dropped.
pub struct SizeWatch {
    end: Option<Function>,
    _tell: Closure<dyn FnMut(i32, i32)>,
}

impl SizeWatch {
    /// Tells the size now and whenever it changes.
    pub fn start(element: &HtmlElement, tell: impl FnMut(i32, i32) + 'static) -> Self {
        let tell = Closure::<dyn FnMut(i32, i32)>::new(tell);
        let end = watch_size(element, tell.as_ref().unchecked_ref()).ok();
        Self { end, _tell: tell }
    }
}

impl Drop for SizeWatch {
    fn drop(&mut self) {
        if let Some(end) = &self.end {
            // It only lets go of an observer.
            let _ = end.call0(&JsValue::NULL);
        }
    }
}
