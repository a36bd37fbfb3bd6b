//! Advisories in the OSV format (<https://ossf.github.io/osv-schema/>): what a record says, whether a version is
//! covered, how severe it is, and a database of records that answers without a network.
//!
//! * [`Record`]: one advisory, read from hostile JSON
//! * [`covers`]: OSV's evaluation of ranges, with each ecosystem's own order of versions
//! * [`base_score`]: CVSS 2, 3.0, 3.1 and 4.0
//! * [`Database`], [`Advisories`]: the records of an ecosystem in one file, and the folder of such files
//! * [`npm`]: the registry's audit protocols, answered from a database

mod age;
mod database;
mod matching;
mod merge;
pub mod npm;
mod range;
mod record;
mod severity;
pub mod version;

pub use age::age;
pub use database::{
    Advisories, Database, DatabaseError, Import, Importer, Problem, Source, is_record_file,
};
pub use matching::{hits, read_record, to_match};
pub use merge::merge;
pub use range::{Coverage, covers};
pub use record::{Affected, Event, Range, Record, Symbols};
pub use severity::{Level, base_score, level};
pub use version::compare as compare_versions;
