//! The focus among things that share one Tab stop: arrow keys go from one to the next.

use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

/// Where a key leads in a list that is one Tab stop.
fn target(key: &str, at: usize, count: usize) -> Option<usize> {
    match key {
        "ArrowDown" | "ArrowRight" => (at + 1 < count).then_some(at + 1),
        "ArrowUp" | "ArrowLeft" => at.checked_sub(1),
        "Home" => Some(0),
        "End" => count.checked_sub(1),
        _ => None,
    }
}

/// Moves the focus between the elements that `selector` finds in the one around the focus that
/// `list` finds, as arrows, Home and End say. (The page has one listener for all: an event does not
/// know which element listened.)
pub fn rove(event: &KeyboardEvent, list: &str, selector: &str) {
    let Some(active) = gloo::utils::document().active_element() else {
        return;
    };
    let list = active.closest(list).ok().flatten();
    let Some(all) = list.and_then(|list| list.query_selector_all(selector).ok()) else {
        return;
    };
    let items: Vec<HtmlElement> = (0..all.length())
        .filter_map(|index| all.get(index)?.dyn_into().ok())
        .collect();
    let here = |item: &HtmlElement| **item == active;
    let next = items.iter().position(here);
    let next = next.and_then(|at| target(&event.key(), at, items.len()));
    if let Some(item) = next.and_then(|at| items.get(at)) {
        event.prevent_default();
        // An element in the page takes the focus.
        let _ = item.focus();
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn arrows_stop_at_the_ends() {
        for (key, at, want) in [
            ("ArrowDown", 0, Some(1)),
            ("ArrowRight", 2, None),
            ("ArrowUp", 0, None),
            ("ArrowLeft", 2, Some(1)),
            ("Home", 2, Some(0)),
            ("End", 0, Some(2)),
            ("a", 1, None),
        ] {
            assert_eq!(target(key, at, 3), want, "{key} at {at}");
        }
    }
}
