//! What the client makes of an answer, without asking for it.

use foretaste_model::metadata::ReleaseMetadata;
use foretaste_model::{Ecosystem, PackageName};
use foretaste_registry::Endpoint;

use super::packument::Packument;
use super::{advisories as answers, emptiness, release, select};

/// Reads a packument and describes the version that `wanted` means. None if there is none.
pub fn packument(
    body: &[u8],
    name: &str,
    wanted: Option<&str>,
    endpoint: &Endpoint,
) -> Option<ReleaseMetadata> {
    let packument: Packument = serde_json::from_slice(body).ok()?;
    let _ = emptiness(&packument);
    let chosen = select::choose(&packument, wanted)?;
    let name = PackageName::new(Ecosystem::Npm, name);
    release::describe(&packument, &chosen, &name, endpoint)
}

/// Reads an answer of the advisory service. True if it is one.
pub fn advisories(body: &[u8], name: &str) -> bool {
    answers::read(body, name).skipped().is_none()
}
