//! A line of labelled text.

use yew::{Html, html};
use yurt_workbench::view::{Label, Line};

/// Draws the pieces of lines; each label is a class of `styles/text.css`.
pub struct LineText;

impl LineText {
    /// The pieces of a line.
    pub fn view(line: &Line) -> Html {
        if line.spans.iter().all(|span| span.text.is_empty()) {
            // An empty line is copied as one, and has its height.
            return html! { <br /> };
        }
        line.spans
            .iter()
            .map(|span| match span.label {
                Label::Plain => html! { { &span.text } },
                label => html! {
                    <span class={format!("text-{}", label.as_str())}>{ &span.text }</span>
                },
            })
            .collect()
    }
}
