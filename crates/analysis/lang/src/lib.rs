//! Observes any file: what it is, how it is encoded, what it can do.
//!
//! [`observe`] is a pure function of a file's content and of the little that [`cache_key`] takes from its path. It
//! finds the right reader, gives it text in whatever encoding that is, adds what can be said of any text, and never
//! fails: an observer that dies on a file is a fact about the file.

mod batch;
mod class;
mod commands;
mod data;
mod detect;
mod encoding;
mod head;
mod html;
mod inner;
mod manifest;
mod msbuild;
mod native;
mod notebook;
mod observe;
mod powershell;
mod program;
mod rust;
mod script;
mod shell;
mod stack;
mod text;
mod triggers;

pub use observe::{
    Isolated, OBSERVER_VERSION, cache_key, cache_key_of, isolate_with, observe, observe_command,
    observe_here,
};
pub use rust::{RustPath, crates_named, paths_named};
pub use stack::{STACK_BYTES, has_large_stack, is_large_stack};
