//! Advisories from a service that speaks the OSV protocol (<https://google.github.io/osv.dev/api/>).

mod cvss;
mod merge;
mod query;
mod record;
mod versions;

pub use cvss::base_score;
pub(crate) use merge::merge;
pub(crate) use query::query;
pub use record::read_record;
pub use versions::compare as compare_versions;

/// The public service.
pub const PUBLIC: &str = "https://api.osv.dev/";
