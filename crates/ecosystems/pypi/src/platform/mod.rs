//! What this machine's client could install: the interpreter's version and the tags it accepts.

mod ask;
mod tags;

pub use ask::{find_python, of_machine};
pub use tags::{Implementation, Libc, Platform, System};
