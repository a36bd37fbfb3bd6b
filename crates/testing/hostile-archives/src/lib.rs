//! Makes hostile archives for tests, each with what an unpacker must say about it.
//!
//! Every case is written byte by byte here, so that no tool's good manners repair it, and every payload is the inert
//! text [`PAYLOAD`]. [`corpus`] gives the hostile ones, [`honest`] the ones that look odd and are not.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a generator for tests: a compressor that fails in memory is a broken test"
)]

mod case;
mod cases;
pub mod pack;
pub mod tar;
pub mod zip;

pub use case::{Case, PAYLOAD};
pub use cases::{corpus, honest};
