//! Observes Python: one file's text becomes facts, without running any of it.
//!
//! * [`observe`] is the door: names, capabilities, chains, literals, decoded layers, install surfaces.
//! * What an API can do stands in `capabilities.toml`.
//! * An abstract interpreter follows names, constants, object kinds and tainted data through the file.
//! * [`byte_code`] reads what a `.pyc` names and holds.
//! * Python 2 is respelt in place; what no grammar takes and what nests too deep is read by tree-sitter.

mod evaluator;
mod fallback;
mod interpreter;
mod layer;
mod marshal;
mod observe;
mod packer;
mod pickle;
mod printed;
mod pth;
mod python2;
mod symbols;
mod table;
mod value;

pub use observe::{STACK_BYTES, byte_code, long_strings, observe, observe_here, pickle};
pub use pickle::{behind_header as pickle_behind_header, harms_when_loaded};
