//! The page's own address.

/// The value of a parameter after `?`, if it is there.
pub fn parameter(name: &str) -> Option<String> {
    let search = gloo::utils::window().location().search().ok()?;
    search
        .trim_start_matches('?')
        .split('&')
        .find_map(|pair| match pair.split_once('=') {
            Some((key, value)) if key == name => Some(value.to_string()),
            _ => None,
        })
}

/// What a `<meta>` of `index.html` says.
pub fn meta(name: &str) -> Option<String> {
    gloo::utils::document()
        .query_selector(&format!("meta[name={name}]"))
        .ok()??
        .get_attribute("content")
}
