//! Fetching a project's pages from the configured indexes, and understanding each content of them once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use foretaste_io::{Credentials, HttpClient, HttpError, Request, Response};
use foretaste_model::{ContentDigest, Ecosystem, PackageName};
use foretaste_registry::{Endpoint, RegistryError};
use url::Url;

use super::choose::{self, Release};
use crate::discovery::{IndexStrategy, Indexes};
use crate::platform::Platform;
use crate::simple::{self, SimplePage};

/// Bytes of a page; the largest real ones have about 30 MiB.
pub(super) const MAX_PAGE: u64 = 128 << 20;

/// A project's page and the index it came from.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) endpoint: Endpoint,
    pub(super) page: SimplePage,
}

/// What the pages of a project say.
#[derive(Debug)]
pub(super) struct Project {
    /// The pages, without their files.
    pub(super) found: Vec<Found>,
    /// The releases, oldest first.
    pub(super) releases: Vec<Release>,
    /// What was passed over.
    pub(super) problems: Vec<Box<str>>,
}

/// Bytes of pages of which it is remembered what they say.
const REMEMBERED: usize = 48 << 20;

/// What pages said, by their content: one audit asks for a page again when it looks at the release before, and whenever
/// another package depends on it. What the index says now is asked each time.
#[derive(Debug, Default)]
pub(super) struct Understood(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    projects: HashMap<PackageName, (Vec<ContentDigest>, Arc<Project>)>,
    bytes: usize,
}

impl Understood {
    fn recall(&self, name: &PackageName, contents: &[ContentDigest]) -> Option<Arc<Project>> {
        let remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, project) = remembered.projects.get(name)?;
        (known == contents).then(|| project.clone())
    }

    fn keep(
        &self,
        name: &PackageName,
        contents: Vec<ContentDigest>,
        project: &Arc<Project>,
        bytes: usize,
    ) {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.bytes + bytes > REMEMBERED {
            *remembered = Remembered::default();
        }
        if bytes <= REMEMBERED {
            remembered.bytes += bytes;
            let entry = (contents, project.clone());
            remembered.projects.insert(name.clone(), entry);
        }
    }
}

/// What the pages of a project say: the first index's that has it, or those of all that have it, as the client would.
pub(super) async fn project(
    http: &HttpClient,
    credentials: &Credentials,
    indexes: &Indexes,
    name: &PackageName,
    platform: &Platform,
    understood: &Understood,
) -> Result<Arc<Project>, RegistryError> {
    let mut answers = Vec::new();
    for endpoint in &indexes.endpoints {
        // An index that fails is an error, not an absence: the client might have installed from it.
        if let Some(response) = one(http, credentials, endpoint, name).await? {
            answers.push((endpoint, response));
            if indexes.strategy == IndexStrategy::FirstIndex {
                break;
            }
        }
    }
    if answers.is_empty() {
        return Err(RegistryError::NotFound {
            ecosystem: Ecosystem::Pypi,
            name: name.clone(),
            indexes: indexes.endpoints.iter().map(|e| e.url.clone()).collect(),
        });
    }
    let contents: Vec<ContentDigest> = answers.iter().map(|(_, r)| content(r)).collect();
    if let Some(known) = understood.recall(name, &contents) {
        return Ok(known);
    }
    let mut found = Vec::new();
    for (endpoint, response) in &answers {
        found.push(Found {
            endpoint: (*endpoint).clone(),
            page: read(endpoint, response)?,
        });
    }
    let (releases, problems) = choose::releases(&mut found, name, platform);
    let project = Arc::new(Project {
        found,
        releases,
        problems,
    });
    let bytes = answers.iter().map(|(_, r)| r.body.len()).sum();
    understood.keep(name, contents, &project, bytes);
    Ok(project)
}

/// Everything of an answer that decides what is read out of it.
fn content(response: &Response) -> ContentDigest {
    let body = response
        .content
        .unwrap_or_else(|| ContentDigest::of(&response.body));
    let what = format!("{}\n{}\n{body}", response.url.url(), response.media_type());
    ContentDigest::of(what.as_bytes())
}

async fn one(
    http: &HttpClient,
    credentials: &Credentials,
    endpoint: &Endpoint,
    name: &PackageName,
) -> Result<Option<Response>, RegistryError> {
    let url = page_url(endpoint.url.url(), name.as_str());
    let request = Request::get(url.clone())
        .accept(simple::ACCEPT)
        .auth(credentials.find(&url))
        .max_bytes(MAX_PAGE);
    match http.get(request).await {
        Ok(response) => Ok(Some(response)),
        Err(HttpError::NotFound { .. }) => Ok(None),
        Err(error @ HttpError::Unauthorized { .. }) => {
            Err(RegistryError::unauthorized(error, Some(WHERE_CREDENTIALS)))
        }
        Err(error) => Err(error.into()),
    }
}

fn read(endpoint: &Endpoint, response: &Response) -> Result<SimplePage, RegistryError> {
    // Relative links are relative to where the page came from in the end.
    simple::parse(response.url.url(), response.media_type(), &response.body).map_err(|error| {
        RegistryError::Malformed {
            what: format!("{} (the index from {})", response.url, endpoint.origin),
            reason: error.to_string(),
        }
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
