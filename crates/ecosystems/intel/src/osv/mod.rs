//! Advisories from a service that speaks the OSV protocol (<https://google.github.io/osv.dev/api/>).

mod query;

pub(crate) use query::query;

/// The public service.
pub const PUBLIC: &str = "https://api.osv.dev/";
