//! The browser: the only modules that touch web-sys for more than an element's own events.

pub mod address;
pub mod clipboard;
pub mod editor;
pub mod field;
pub mod focus;
pub mod frames;
pub mod storage;
pub mod theme;
pub mod worker;
