//! Doors for the fuzz targets to what only the client calls; no part of the interface.

/// Reads an answer of the project JSON API. True if it is one.
pub fn project_json(body: &[u8]) -> bool {
    crate::project_json::parse(body, true).is_some()
}
