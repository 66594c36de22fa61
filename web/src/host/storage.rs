//! What the browser keeps for the next visit. Where it keeps nothing (private windows), nothing is
//! lost but that.

/// The keys in use.
pub mod key {
    /// The text of the job file.
    pub const JOB_FILE: &str = "yurt.file";
    /// The name of the world, where it is not the first.
    pub const WORLD: &str = "yurt.world";
    /// The command lines of the terminal, one a line.
    pub const HISTORY: &str = "yurt.history";
    /// `light` or `dark`; absent for the system's.
    pub const THEME: &str = "yurt.theme";
    /// `off` when single keys are not to do anything.
    pub const SINGLE_KEYS: &str = "yurt.single-keys";
}

fn storage() -> Option<web_sys::Storage> {
    gloo::utils::window().local_storage().ok()?
}

/// What was kept under a key.
pub fn load(key: &str) -> Option<String> {
    storage()?.get_item(key).ok()?
}

/// Keeps a text; `None` forgets it.
pub fn save(key: &str, text: Option<&str>) {
    let Some(storage) = storage() else { return };
    // A full or forbidden store is no reason to trouble anybody.
    let _ = match text {
        Some(text) => storage.set_item(key, text),
        None => storage.remove_item(key),
    };
}
