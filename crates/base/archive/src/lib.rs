//! Hostile-safe unpacking, in memory.
//!
//! [`unpack_each`] hands every file of an archive, and of the archives within it, to a visitor; [`unpack`]
//! collects them. Nothing here returns an error, panics, or touches the disk: whatever an archive does that an
//! honest one does not becomes an [`Anomaly`](foretaste_model::Anomaly), and everything that could be read before
//! and after it is still returned. All work stays within one [`Limits`](foretaste_model::Limits).
//!
//! Where tools disagree about what an archive contains (a name listed twice, two end records, headers that
//! contradict each other, members behind the end mark), every reading is returned, because the one that a user's
//! installer picks is the one that matters.
//!
//! ```
//! use foretaste_model::Limits;
//!
//! let unpacked = foretaste_archive::unpack("notes.tar.gz", b"not an archive", &Limits::default());
//! assert!(unpacked.members.is_empty());
//! assert_eq!(unpacked.anomalies[0].kind.id(), "corrupt");
//! ```

mod codec;
mod format;
mod links;
mod member;
mod names;
mod path;
mod session;
mod stream;
mod tar;
mod unpack;
mod zip;

pub use format::{Compression, Format, sniff};
pub use member::{Member, Summary, Unpacked};
pub use unpack::{looks_like_archive, open_member, unpack, unpack_each};
