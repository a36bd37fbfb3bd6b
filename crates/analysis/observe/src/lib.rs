//! The kit that every observer shares. No language is known here.
//!
//! * [`FactsBuilder`] collects what an observer sees in one file, within bounds, and finishes it into facts.
//! * [`table`] holds capability tables: which API can do what, what it returns, which argument matters.
//! * [`literal`] says what a string constant looks like.
//! * [`decode`] undoes text encodings and compression of constants, stacked and bounded.
//! * [`cipher`] decrypts constants whose key stands beside them.
//! * [`taint`] follows values from sources through transforms to sinks.
//! * [`sketch`] is what code looks like without its names and constants.
//! * [`given`] tells by their names what functions are given; [`names`] which files keep secrets.
//! * [`identifier`] counts what identifiers look like.
//! * [`nesting`] measures nesting before a parser sees the text; [`Budget`] bounds the work afterwards.
//! * [`tolerant`] parses what the exact parsers refuse, and the languages that have none.

mod budget;
mod builder;
mod caps;
pub mod cipher;
pub mod decode;
pub mod given;
pub mod identifier;
pub mod literal;
pub mod names;
pub mod nesting;
mod places;
mod sketch;
pub mod table;
pub mod taint;
mod texts;
pub mod tolerant;

pub use budget::Budget;
pub use builder::{FactsBuilder, MAX_CONSTANTS, UseSite};
pub use caps::Caps;
pub use places::Places;
pub use sketch::sketch;
pub use texts::keep_texts;
