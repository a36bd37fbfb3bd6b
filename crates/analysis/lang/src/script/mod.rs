//! Command lines: what each command can do, and what flows from one to the next. Shells of all kinds share it.

mod arguments;
mod command;
mod engine;
mod files;
mod interpret;
mod lookup;
mod network;
mod ordinary;
mod tables;
mod trace;

pub(crate) use command::{Command, Redirect, Word, handles_files, quoted_line};
pub(crate) use engine::{Engine, Inner, InnerLanguage};
pub(crate) use interpret::utf16_base64;
pub(crate) use lookup::told_by_command;
pub(crate) use network::told_by_variable;
pub(crate) use tables::{CSHARP, POWERSHELL, RUST};
pub(crate) use trace::{Output, Trace};
