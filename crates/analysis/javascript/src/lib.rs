//! Observes JavaScript and TypeScript.
//!
//! [`observe`] turns the text of one file into facts: what it can do (capabilities, resolved through aliases,
//! destructuring and folded names), how its functions call one another, where data goes (sources, transforms, sinks,
//! through summaries of functions), which constants matter, and what code its constants decode to.
//!
//! * `source`, `nesting`, `observe`: what to parse, whether it is safe to, and on which stack.
//! * `lower` and `fallback`: two parsers, one intermediate form (`ir`).
//! * `tables`: strings that an obfuscator took away, put back in their places.
//! * `partial`: decoders that a program writes out itself, evaluated where they are constant.
//! * `bundle`: modules that a bundler packed into one file.
//! * `packed`: packers that are known by their shape.
//! * `eval`: abstract values to a fixed point; `links`, `emit`: from there to facts.
//! * `capabilities.toml`: what each API can do.

mod apis;
mod bundle;
mod emit;
mod eval;
mod fallback;
mod ir;
mod links;
mod lower;
mod names;
mod nature;
mod nesting;
mod observe;
mod packed;
mod partial;
mod source;
mod special;
mod strings;
mod table;
mod tables;
mod values;

pub use observe::{observe, observe_here};
