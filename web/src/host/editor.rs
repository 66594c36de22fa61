//! CodeMirror, as `js/editor.ts` wraps it.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;
use yew::Callback;
use yurt_workbench::view::{
    CompletionKind, CompletionView, CompletionsView, DiagnosticView, FixView, HoverView, Severity,
};

#[wasm_bindgen(module = "/js/dist/editor.js")]
extern "C" {
    type Editor;

    #[wasm_bindgen(catch, js_name = mount)]
    fn mount_editor(parent: &HtmlElement, options: &JsValue) -> Result<Editor, JsValue>;

    #[wasm_bindgen(method)]
    fn set_text(this: &Editor, text: &str);

    #[wasm_bindgen(method)]
    fn set_problems(this: &Editor, problems: &JsValue);

    #[wasm_bindgen(method)]
    fn answer(this: &Editor, question: u32, answer: &JsValue);

    #[wasm_bindgen(method)]
    fn reveal(this: &Editor, offset: u32);

    #[wasm_bindgen(method)]
    fn focus(this: &Editor);

    #[wasm_bindgen(method)]
    fn destroy(this: &Editor);
}

/// What the editor tells the page.
pub struct EditorEvents {
    /// The whole text, after each change by a person.
    pub on_change: Callback<String>,
    /// The keys for Run.
    pub on_run: Callback<()>,
    /// The keys for Plan.
    pub on_plan: Callback<()>,
    /// The keys for Format.
    pub on_format: Callback<()>,
    /// It wants to know something about its text.
    pub on_ask: Callback<Ask>,
}

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// What may stand there.
    Completions,
    /// What the word there means.
    Word,
}

/// A question about a place of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// About what.
    pub about: About,
    /// The answer repeats it.
    pub question: u32,
    /// The text.
    pub text: String,
    /// The place in it.
    pub byte: u32,
}

/// A mounted editor; dropping it removes it.
pub struct MountedEditor {
    editor: Editor,
    _on_change: Closure<dyn FnMut(String)>,
    _on_run: Closure<dyn FnMut()>,
    _on_plan: Closure<dyn FnMut()>,
    _on_format: Closure<dyn FnMut()>,
    _on_ask: Closure<dyn FnMut(bool, u32, String, u32)>,
    /// The last questions about completions and words: an answer counts bytes of their text.
    asked: Rc<RefCell<[Option<Ask>; 2]>>,
}

impl MountedEditor {
    /// Mounts an editor; `None` where the browser cannot, and a plain text box must do.
    pub fn mount(
        parent: &HtmlElement,
        text: &str,
        label: &str,
        described_by: &str,
        events: EditorEvents,
    ) -> Option<Self> {
        let on_change = Closure::<dyn FnMut(String)>::new(move |text| events.on_change.emit(text));
        let on_run = Closure::<dyn FnMut()>::new(move || events.on_run.emit(()));
        let on_plan = Closure::<dyn FnMut()>::new(move || events.on_plan.emit(()));
        let on_format = Closure::<dyn FnMut()>::new(move || events.on_format.emit(()));
        let asked: Rc<RefCell<[Option<Ask>; 2]>> = Rc::default();
        let on_ask = ask_closure(asked.clone(), events.on_ask);
        let options = object(&[
            ("text", JsValue::from_str(text)),
            ("label", JsValue::from_str(label)),
            ("describedBy", JsValue::from_str(described_by)),
            (
                "onChange",
                on_change.as_ref().unchecked_ref::<JsValue>().clone(),
            ),
            ("onRun", on_run.as_ref().unchecked_ref::<JsValue>().clone()),
            (
                "onPlan",
                on_plan.as_ref().unchecked_ref::<JsValue>().clone(),
            ),
            (
                "onFormat",
                on_format.as_ref().unchecked_ref::<JsValue>().clone(),
            ),
            ("onAsk", on_ask.as_ref().unchecked_ref::<JsValue>().clone()),
        ]);
        let editor = mount_editor(parent, &options).ok()?;
        Some(Self {
            editor,
            _on_change: on_change,
            _on_run: on_run,
            _on_plan: on_plan,
            _on_format: on_format,
            _on_ask: on_ask,
            asked,
        })
    }

    /// Replaces the text without telling `on_change`.
    pub fn set_text(&self, text: &str) {
        self.editor.set_text(text);
    }

    /// Underlines what is wrong with `text`.
    pub fn set_problems(&self, text: &str, diagnostics: &[DiagnosticView]) {
        let problems: Array = diagnostics
            .iter()
            .map(|diagnostic| {
                let severity = match diagnostic.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                };
                object(&[
                    ("from", utf16_offset(text, diagnostic.start_byte).into()),
                    ("to", utf16_offset(text, diagnostic.end_byte).into()),
                    ("severity", severity.into()),
                    ("message", message(diagnostic).into()),
                    ("fixes", fixes(text, &diagnostic.fixes).into()),
                ])
            })
            .collect();
        self.editor.set_problems(&problems);
    }

    /// Offers completions, if they answer the last question about some.
    pub fn offer(&self, view: &CompletionsView) {
        let Some(text) = self.asked_text(About::Completions, view.question) else {
            return;
        };
        let items: Array = view.items.iter().map(completion).collect();
        let answer = object(&[
            ("from", utf16_offset(&text, view.start_byte).into()),
            ("items", items.into()),
        ]);
        self.editor.answer(view.question, &answer);
    }

    /// Explains a word, if that answers the last question about one.
    pub fn explain(&self, view: &HoverView) {
        let Some(text) = self.asked_text(About::Word, view.question) else {
            return;
        };
        let answer = match &view.word {
            None => JsValue::NULL,
            Some(word) => object(&[
                ("from", utf16_offset(&text, word.start_byte).into()),
                ("to", utf16_offset(&text, word.end_byte).into()),
                ("title", word.title.as_str().into()),
                ("holds", word.holds.as_str().into()),
                ("text", word.text.as_str().into()),
            ]),
        };
        self.editor.answer(view.question, &answer);
    }

    fn asked_text(&self, about: About, question: u32) -> Option<String> {
        let asked = self.asked.borrow();
        let ask = asked[about as usize].as_ref()?;
        (ask.question == question).then(|| ask.text.clone())
    }

    /// Puts the cursor at a byte of `text` and the focus on the editor.
    pub fn reveal(&self, text: &str, byte: u32) {
        self.editor.reveal(utf16_offset(text, byte));
    }

    /// Puts the focus on the editor.
    pub fn focus(&self) {
        self.editor.focus();
    }
}

impl Drop for MountedEditor {
    fn drop(&mut self) {
        self.editor.destroy();
    }
}

/// Called by the editor with: whether it is about a word, a number, the text, a unit of UTF-16.
fn ask_closure(
    asked: Rc<RefCell<[Option<Ask>; 2]>>,
    on_ask: Callback<Ask>,
) -> Closure<dyn FnMut(bool, u32, String, u32)> {
    Closure::new(move |word, question, text: String, unit| {
        let about = match word {
            true => About::Word,
            false => About::Completions,
        };
        let ask = Ask {
            about,
            question,
            byte: byte_offset(&text, unit),
            text,
        };
        asked.borrow_mut()[about as usize] = Some(ask.clone());
        on_ask.emit(ask);
    })
}

fn completion(item: &CompletionView) -> JsValue {
    let kind = match item.kind {
        CompletionKind::Block => "block",
        CompletionKind::Attribute => "attribute",
        CompletionKind::Value => "value",
        CompletionKind::Function => "function",
        CompletionKind::Variable => "variable",
        CompletionKind::Local => "local",
        CompletionKind::RuntimeReference => "runtime",
    };
    object(&[
        ("label", item.label.as_str().into()),
        ("insert", item.insert.as_str().into()),
        ("kind", kind.into()),
        ("detail", item.detail.as_str().into()),
        ("documentation", item.documentation.as_str().into()),
    ])
}

fn fixes(text: &str, fixes: &[FixView]) -> Array {
    // What is no edit is a button below the editor.
    let edits = fixes.iter().filter(|fix| fix.world.is_none());
    edits
        .map(|fix| {
            object(&[
                ("label", fix.label.as_str().into()),
                ("from", utf16_offset(text, fix.start_byte).into()),
                ("to", utf16_offset(text, fix.end_byte).into()),
                ("text", fix.text.as_str().into()),
            ])
        })
        .collect()
}

fn object(entries: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (key, value) in entries {
        // Setting a field of a fresh object cannot fail.
        let _ = Reflect::set(&object, &JsValue::from_str(key), value);
    }
    object.into()
}

fn message(diagnostic: &DiagnosticView) -> String {
    if diagnostic.detail.is_empty() {
        diagnostic.summary.clone()
    } else {
        format!("{}\n{}", diagnostic.summary, diagnostic.detail)
    }
}

/// The engine counts bytes of UTF-8, the browser counts units of UTF-16.
pub fn utf16_offset(text: &str, byte: u32) -> u32 {
    let byte = byte as usize;
    let units: usize = text
        .char_indices()
        .take_while(|(at, _)| *at < byte)
        .map(|(_, character)| character.len_utf16())
        .sum();
    u32::try_from(units).unwrap_or(u32::MAX)
}

/// The other way: the byte at which that unit begins.
pub fn byte_offset(text: &str, utf16: u32) -> u32 {
    let mut units = 0u32;
    for (at, character) in text.char_indices() {
        if units >= utf16 {
            return u32::try_from(at).unwrap_or(u32::MAX);
        }
        units += u32::try_from(character.len_utf16()).unwrap_or(1);
    }
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn offsets_there_and_back() {
        let text = "a é 🦀 z";
        for (byte, unit) in [
            (0, 0),
            (2, 2),
            (4, 3),
            (5, 4),
            (9, 6),
            (10, 7),
            (11, 8),
            (99, 8),
        ] {
            assert_eq!(utf16_offset(text, byte), unit, "byte {byte}");
        }
        for (unit, byte) in [(0, 0), (2, 2), (3, 4), (4, 5), (6, 9), (8, 11), (99, 11)] {
            assert_eq!(byte_offset(text, unit), byte, "unit {unit}");
        }
    }
}
