//! Downloading an artifact.

use foretaste_io::{Credentials, HttpClient, HttpError, Request, digests};
use foretaste_model::Digest;
use foretaste_model::metadata::RemoteArtifact;
use foretaste_model::report::IndexDigest;
use url::Url;

use crate::RegistryError;

/// An artifact's bytes, as served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Whether they have the digests that the index publishes.
    pub index_digest: IndexDigest,
    /// True if they came from the local cache (where they were stored under their digest).
    pub from_cache: bool,
}

/// Fetches an artifact of at most `max_bytes` with the credentials for its own URL, and compares it with the
/// published digests. Only `http` and `https` URLs are followed.
///
/// # Errors
/// [`RegistryError::Malformed`] for a URL that is none, else what the request gave.
pub async fn fetch_artifact(
    http: &HttpClient,
    credentials: &Credentials,
    artifact: &RemoteArtifact,
    max_bytes: u64,
) -> Result<Download, RegistryError> {
    let malformed = |reason: &str| RegistryError::Malformed {
        what: format!("the URL of {}", artifact.filename),
        reason: reason.to_owned(),
    };
    let url = Url::parse(&artifact.url).map_err(|e| malformed(&e.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(malformed(&format!(
            "the scheme `{}` is not followed",
            url.scheme()
        )));
    }
    let auth = credentials.find(&url);
    let request = Request::artifact(url, max_bytes, &artifact.digests).auth(auth);
    let response = http.get(request).await.map_err(|error| match error {
        HttpError::Unauthorized { .. } => RegistryError::unauthorized(error, None),
        other => RegistryError::Http(other),
    })?;
    let strong = |d: &Digest| d.algorithm.is_strong();
    // strong digests were compared on the way, weak ones were not
    let index_digest = if response.verified && artifact.digests.iter().all(strong) {
        IndexDigest::Match
    } else {
        digests::check(&response.body, &artifact.digests)
    };
    Ok(Download {
        index_digest,
        bytes: response.body,
        from_cache: response.from_cache,
    })
}
