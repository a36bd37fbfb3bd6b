//! What the client makes of an answer, without asking for it.

use foretaste_model::metadata::ReleaseMetadata;
use foretaste_model::{SkipKind, SkipReason};

use super::index::IndexConfig;
use super::{api as answers, describe, index as file, select};

/// Reads an index file and describes the version that `wanted` means. None if there is none.
pub fn index(text: &str, wanted: Option<&str>, download: &str) -> Option<ReleaseMetadata> {
    let (entries, _) = file::read(text);
    let chosen = select::choose(&entries, wanted)?;
    let config = IndexConfig {
        dl: download.to_owned(),
        api: None,
        auth_required: false,
    };
    Some(describe(&entries, chosen, &config))
}

/// Adds an answer of the web API to a release.
pub fn api(release: &mut ReleaseMetadata, body: &[u8]) {
    let skip = |e: serde_json::Error| SkipReason::new(SkipKind::Failed, e.to_string());
    let answer = serde_json::from_slice(body).map_err(skip);
    let owners = serde_json::from_slice(body).map_err(skip);
    answers::merge(release, answer, owners);
}
