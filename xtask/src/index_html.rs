//! The one `index.html`, read here as Trunk reads it: its `data-trunk` links become what a build
//! made.

use crate::shell::Trouble;

/// The names of what a build made, for the page to ask for.
pub struct Linked {
    /// Style sheet.
    pub css: String,
    /// The page's module.
    pub page_js: String,
    /// The page's wasm.
    pub page_wasm: String,
    /// The worker's script.
    pub worker_js: String,
    /// The editor's module, only to be fetched early.
    pub editor_js: Option<String>,
}

/// Puts the names into the page. A `data-trunk` link of an unknown kind is an error: it would be
/// lost.
pub fn link(source: &str, names: &Linked) -> Result<String, Trouble> {
    let mut text = String::new();
    for line in source.lines() {
        let trimmed = line.trim_start();
        let indent = &line[..line.len() - trimmed.len()];
        if trimmed.starts_with("<link data-trunk") {
            for made in replacement(trimmed, names)? {
                text += indent;
                text += &made;
                text.push('\n');
            }
        } else if trimmed.starts_with("<meta name=\"yurt-worker\"") {
            let meta = format!(
                "<meta name=\"yurt-worker\" content=\"{}\">",
                names.worker_js
            );
            text += indent;
            text += &meta;
            text.push('\n');
        } else if !(trimmed.starts_with("<!--") && trimmed.ends_with("-->")) {
            text += line;
            text.push('\n');
        }
    }
    Ok(text)
}

fn replacement(link: &str, names: &Linked) -> Result<Vec<String>, Trouble> {
    if link.contains("rel=\"css\"") {
        return Ok(vec![format!(
            "<link rel=\"stylesheet\" href=\"./{}\">",
            names.css
        )]);
    }
    if link.contains("data-bin=\"yurt-worker\"") {
        return Ok(vec![early_worker(&names.worker_js)]);
    }
    if link.contains("data-bin=\"yurt-web\"") {
        let mut lines = vec![
            preload(&names.page_wasm),
            format!("<link rel=\"modulepreload\" href=\"./{}\">", names.page_js),
        ];
        if let Some(editor) = &names.editor_js {
            lines.push(format!("<link rel=\"modulepreload\" href=\"./{editor}\">"));
        }
        lines.push(start_script(names));
        return Ok(lines);
    }
    Err(Trouble::new(format!(
        "index.html: xtask/src/index_html.rs does not know the link {link}"
    )))
}

fn preload(wasm: &str) -> String {
    format!(
        "<link rel=\"preload\" href=\"./{wasm}\" as=\"fetch\" type=\"application/wasm\" \
         crossorigin>"
    )
}

/// Starts the engine before the page's program is there, so that both load side by side; what the
/// worker says meanwhile is kept for `web/src/host/worker.rs`.
fn early_worker(worker_js: &str) -> String {
    format!(
        "<script>\
         window.yurtEngine = {{ worker: new Worker(\"./{worker_js}\"), said: [] }};\
         yurtEngine.worker.onmessage = yurtEngine.worker.onerror =\
         (event) => yurtEngine.said.push(event);\
         </script>"
    )
}

/// Starts the page; where that fails, the static shell says so instead of waiting for ever.
fn start_script(names: &Linked) -> String {
    format!(
        "<script type=\"module\">\
         import start from \"./{}\";\
         start({{ module_or_path: \"./{}\" }}).catch((error) => {{\
         const status = document.querySelector(\".shell [role=status]\");\
         if (status) status.textContent = `The page could not start: ${{error}}`;\
         throw error; }});\
         </script>",
        names.page_js, names.page_wasm
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Linked {
        Linked {
            css: "main-1.css".into(),
            page_js: "page-2.js".into(),
            page_wasm: "page-3.wasm".into(),
            worker_js: "worker-4.js".into(),
            editor_js: Some("editor-6.js".into()),
        }
    }

    #[test]
    fn the_real_index_takes_every_name_and_keeps_no_trunk_link() {
        let linked = link(include_str!("../../index.html"), &names()).expect("all links known");
        for name in ["main-1.css", "page-2.js", "page-3.wasm", "worker-4.js"] {
            assert!(linked.contains(name), "{name} is missing in {linked}");
        }
        assert!(linked.contains("./editor-6.js"));
        assert!(!linked.contains("data-trunk"));
    }

    #[test]
    fn an_unknown_link_is_an_error() {
        let source = "<link data-trunk rel=\"sass\" href=\"x.scss\">";
        assert!(link(source, &names()).is_err());
    }
}
