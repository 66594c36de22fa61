//! The page: draws what the engine's worker says and sends it what a person does.
//!
//! Belongs here: how things look and how they are reached. Not here: any rule of Nomad's, and any
//! text that a command prints; both come from the worker as views and lines.
//! May import: `yurt_workbench::protocol` and `yurt_workbench::view`.

pub mod app;
pub mod bridge;
pub mod components;
pub mod guide;
pub mod host;
pub mod screen;
pub mod ui;

/// Starts the page in the element `#app`, in place of the static shell.
pub fn start() {
    console_error_panic_hook::set_once();
    let Some(root) = gloo::utils::document().get_element_by_id("app") else {
        return;
    };
    root.set_inner_html("");
    let connect = host::worker::connect_to_worker();
    yew::Renderer::<app::App>::with_root_and_props(root, app::AppProps { connect }).render();
}

#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
