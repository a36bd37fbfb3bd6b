//! Keeps the index of known-bad packages: what `foretaste known` does.
//!
//! [`Shelf`] is the index's file; [`feed`] reads what others publish; [`report`] takes the user's own verdicts over.

pub mod feed;
pub mod report;
mod shelf;

pub use shelf::{Shelf, ShelfError};
