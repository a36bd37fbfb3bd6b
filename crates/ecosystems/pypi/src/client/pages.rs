//! Fetching a project's pages from the configured indexes.

use foretaste_io::{Credentials, HttpClient, HttpError, Request};
use foretaste_model::{Ecosystem, PackageName};
use foretaste_registry::{Endpoint, RegistryError};
use url::Url;

use crate::discovery::{IndexStrategy, Indexes};
use crate::simple::{self, SimplePage};

/// Bytes of a page; the largest real ones have about 30 MiB.
pub(super) const MAX_PAGE: u64 = 128 << 20;

/// A project's page and the index it came from.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) endpoint: Endpoint,
    pub(super) page: SimplePage,
}

/// The pages of a project: the first index that has it, or all that have it, as the client would.
pub(super) async fn fetch(
    http: &HttpClient,
    credentials: &Credentials,
    indexes: &Indexes,
    name: &PackageName,
) -> Result<Vec<Found>, RegistryError> {
    let mut found = Vec::new();
    for endpoint in &indexes.endpoints {
        // An index that fails is an error, not an absence: the client might have installed from it.
        if let Some(page) = one(http, credentials, endpoint, name).await? {
            found.push(Found {
                endpoint: endpoint.clone(),
                page,
            });
            if indexes.strategy == IndexStrategy::FirstIndex {
                break;
            }
        }
    }
    if found.is_empty() {
        return Err(RegistryError::NotFound {
            ecosystem: Ecosystem::Pypi,
            name: name.clone(),
            indexes: indexes.endpoints.iter().map(|e| e.url.clone()).collect(),
        });
    }
    Ok(found)
}

async fn one(
    http: &HttpClient,
    credentials: &Credentials,
    endpoint: &Endpoint,
    name: &PackageName,
) -> Result<Option<SimplePage>, RegistryError> {
    let url = page_url(endpoint.url.url(), name.as_str());
    let request = Request::get(url.clone())
        .accept(simple::ACCEPT)
        .auth(credentials.find(&url))
        .max_bytes(MAX_PAGE);
    let response = match http.get(request).await {
        Ok(response) => response,
        Err(HttpError::NotFound { .. }) => return Ok(None),
        Err(error @ HttpError::Unauthorized { .. }) => {
            return Err(RegistryError::unauthorized(error, Some(WHERE_CREDENTIALS)));
        }
        Err(error) => return Err(error.into()),
    };
    // Relative links are relative to where the page came from in the end.
    simple::parse(response.url.url(), response.media_type(), &response.body)
        .map(Some)
        .map_err(|error| RegistryError::Malformed {
            what: format!("{} (the index from {})", response.url, endpoint.origin),
            reason: error.to_string(),
        })
}

/// Where a user can put credentials for a Python index.
const WHERE_CREDENTIALS: &str = "netrc, the index URL or FORETASTE_INDEX_TOKEN";

/// `<index>/<name>/`, with the slash that PEP 503 asks for.
fn page_url(index: &Url, name: &str) -> Url {
    let mut url = index.clone();
    let base = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{base}/{name}/"));
    url
}
