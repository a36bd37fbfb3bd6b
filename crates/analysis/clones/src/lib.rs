//! The index of known-bad packages, and who is a relative of them.
//!
//! An [`Index`] holds artifacts that were found to be bad (digests of the artifact and of its files, the shape and the
//! pieces of its code), releases and indicators that a feed names, and what benign files have in common with them,
//! which counts for nothing. Compiled into one compact file, [`Lookup`] answers for a whole package in well below a
//! millisecond, whatever the size of the index.

mod compile;
mod hex_digest;
mod index;
mod indicator;
mod key;
mod look_up;
mod matching;
mod records;

pub use compile::{DEFAULT_FILE, IndexError};
pub use index::{Added, Index};
pub use indicator::{host_of, normal};
pub use look_up::Lookup;
pub use records::{
    Indicator, IndicatorKind, KnownArtifact, KnownCode, KnownFile, KnownRelease, Versions,
};
