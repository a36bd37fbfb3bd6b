//! What can be said of any text: its shape, its strange characters, whether a person wrote it, what it names.

mod instructions;
mod literals;
mod nature;
mod shape;
mod unicode;

pub(crate) use instructions::instructions;
pub(crate) use literals::literals;
pub(crate) use nature::nature;
pub(crate) use shape::{entropy, shape};
pub(crate) use unicode::{Setting, oddities};
