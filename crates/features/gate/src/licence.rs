//! The licence that stands in a fetched file, for indexes that do not tell it.

use foretaste_model::Ecosystem;

use crate::archive::{Archive, look_through};
use crate::blobs::Blob;
use crate::candidate::Candidate;

/// Bytes of a manifest.
const LIMIT: usize = 4 << 20;

/// The licence in the file's own manifest. A file that cannot be read whole tells none: its vetting says so.
pub(crate) async fn of(candidate: &Candidate, blob: &Blob) -> Option<String> {
    let ecosystem = candidate.release.ecosystem;
    if !matches!(ecosystem, Ecosystem::Pypi | Ecosystem::Cargo) {
        return None;
    }
    let read = move |path: &str, data: &[u8]| {
        // the file's own, at its top
        let is_own = path.matches('/').count() == 1 && data.len() <= LIMIT;
        let text = is_own.then(|| std::str::from_utf8(data).ok()).flatten()?;
        let name = path.rsplit('/').next().unwrap_or_default();
        let (facts, _, _) = match (ecosystem, name) {
            (Ecosystem::Pypi, "METADATA" | "PKG-INFO") => {
                foretaste_pypi::manifest::observe(path, text)?
            }
            (Ecosystem::Cargo, "Cargo.toml") => foretaste_cargo::manifest::observe(path, text)?,
            _ => return None,
        };
        facts.license.map(String::from)
    };
    let archive = Archive::File(blob.path.clone());
    let found = look_through(archive, &candidate.filename, move |member| {
        read(&member.path, &member.data)
    });
    found.await.ok()?.into_iter().next()
}
