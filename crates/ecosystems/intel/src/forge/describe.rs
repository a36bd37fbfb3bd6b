//! What the host of a release's repository says about it.

use foretaste_io::{Request, Response};
use foretaste_model::intel::RepositoryFacts;
use foretaste_model::metadata::ReleaseMetadata;
use foretaste_model::{Knowledge, SkipKind, SkipReason};
use serde_json::Value;
use url::Url;

use super::place::{Api, Forges};
use super::{Forge, Place, github, gitlab};
use crate::intel::disabled;
use crate::json;
use crate::web::{Refusal, Web, below};

/// Bytes of one answer.
const MAX_BYTES: u64 = 4 << 20;

/// One repository's API: what both hosts have in common.
pub(super) struct Client<'a> {
    web: &'a Web,
    api: &'a Api,
    base: &'a Url,
    /// True for what changes slowly.
    may_be_stale: bool,
    pub(super) place: &'a Place,
}

impl Client<'_> {
    /// The answer at a path of the API.
    pub(super) async fn json(
        &self,
        segments: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Value, Refusal> {
        let mut url = below(self.base, segments);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = self.request(url, "application/json");
        let response = self.get(request).await?;
        json::read(&response).map_err(Refusal::Skipped)
    }

    /// The bytes at a path of the API, as text.
    pub(super) async fn text(
        &self,
        segments: &[&str],
        query: &[(&str, &str)],
        accept: &str,
    ) -> Result<String, Refusal> {
        let mut url = below(self.base, segments);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let response = self.get(self.request(url, accept)).await?;
        Ok(response.text().into_owned())
    }

    async fn get(&self, request: Request) -> Result<Response, Refusal> {
        if self.may_be_stale {
            self.web.get_or_stale(request).await
        } else {
            self.web.get(request).await
        }
    }

    fn request(&self, url: Url, accept: &str) -> Request {
        Request::get(url)
            .accept(accept)
            .auth(self.api.auth.clone())
            .max_bytes(MAX_BYTES)
    }
}

/// Finds the repository in the metadata and asks its host.
pub(crate) async fn describe(
    web: &Web,
    forges: &Forges,
    record: &ReleaseMetadata,
) -> Knowledge<RepositoryFacts> {
    let Some(place) = forges.named_by(record) else {
        return Knowledge::Skipped(nowhere(record));
    };
    let client = match client(web, forges, &place) {
        Ok(client) => Client {
            may_be_stale: true,
            ..client
        },
        Err(reason) => return Knowledge::Skipped(reason),
    };
    let facts = match place.forge {
        Forge::GitHub => github::describe(&client, &record.id).await,
        Forge::GitLab => gitlab::describe(&client, &record.id).await,
    };
    match facts {
        Ok(facts) => Knowledge::Known(facts),
        Err(Refusal::NotFound) => Knowledge::Known(absent(&place)),
        Err(Refusal::Skipped(reason)) => Knowledge::Skipped(reason),
    }
}

/// A client for the host of a repository, unless the policy keeps it from being asked.
pub(super) fn client<'a>(
    web: &'a Web,
    forges: &'a Forges,
    place: &'a Place,
) -> Result<Client<'a>, SkipReason> {
    let api = forges.api(place.forge);
    if !api.enabled {
        return Err(disabled(api.section));
    }
    let Some(base) = &api.base else {
        return Err(SkipReason::new(
            SkipKind::NotConfigured,
            format!("`{}.api` cannot be used as an address", api.section),
        ));
    };
    Ok(Client {
        web,
        api,
        base,
        may_be_stale: false,
        place,
    })
}

/// Why there is nobody to ask.
fn nowhere(record: &ReleaseMetadata) -> SkipReason {
    match &record.repository {
        Some(url) => {
            let host = Url::parse(url.strip_prefix("git+").unwrap_or(url))
                .ok()
                .and_then(|u| u.host_str().map(str::to_owned));
            let host = host.unwrap_or_else(|| "the place that the metadata names".to_owned());
            SkipReason::new(
                SkipKind::Unsupported,
                format!("{host} is no known code host"),
            )
        }
        None => SkipReason::new(
            SkipKind::NotApplicable,
            "the metadata names no repository at a known code host",
        ),
    }
}

fn absent(place: &Place) -> RepositoryFacts {
    RepositoryFacts {
        url: place.url().into(),
        exists: false,
        description: None,
        stars: 0,
        forks: 0,
        fork_of: None,
        archived: false,
        created: None,
        pushed: None,
        tags: Vec::new(),
        mentions_package: None,
    }
}

/// The answer of a host that must be an object.
pub(super) fn object(answer: Value, place: &Place) -> Result<Value, Refusal> {
    if answer.is_object() {
        return Ok(answer);
    }
    Err(Refusal::Skipped(SkipReason::new(
        SkipKind::Failed,
        format!(
            "the host's answer about {} describes no repository",
            place.url()
        ),
    )))
}
