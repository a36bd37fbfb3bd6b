//! tar: v7, ustar, GNU (long names, sparse files) and PAX.

mod extension;
mod header;
mod read;
mod sparse;
mod walk;

pub(crate) use header::{BLOCK, is_header};
pub(crate) use read::read;
