//! GitHub's REST API (<https://docs.github.com/en/rest/repos/repos>).

use foretaste_model::ReleaseId;
use foretaste_model::intel::{RepositoryFacts, Tag};
use serde_json::Value;

use super::describe::{Client, object};
use super::manifests::{self, Root};
use crate::json::{count, flag, text, time};
use crate::web::Refusal;

/// Tags of one page, the most that the API gives.
const PAGE: usize = 100;

pub(super) async fn describe(
    client: &Client<'_>,
    release: &ReleaseId,
) -> Result<RepositoryFacts, Refusal> {
    let (owner, name) = client.place.path.split_once('/').unwrap_or_default();
    let repo = ["repos", owner, name];
    let answer = object(client.json(&repo, &[]).await?, client.place)?;
    let fork_of = if flag(&answer, "fork") {
        let parent = answer.get("parent").or_else(|| answer.get("source"));
        parent
            .and_then(|p| text(p, "html_url").or_else(|| text(p, "full_name")))
            .or_else(|| Some("another repository".into()))
    } else {
        None
    };
    let (tags, mentions_package) = tokio::join!(
        tags(client, &repo, release),
        mentions(client, &repo, release)
    );
    Ok(RepositoryFacts {
        url: text(&answer, "html_url").unwrap_or_else(|| client.place.url().into()),
        exists: true,
        description: text(&answer, "description"),
        stars: count(&answer, "stargazers_count"),
        forks: count(&answer, "forks_count"),
        fork_of,
        archived: flag(&answer, "archived"),
        created: time(&answer, "created_at"),
        pushed: time(&answer, "pushed_at"),
        tags,
        mentions_package,
    })
}

/// The first page of tags (their times would cost a call each). The list is in no useful order, so that of a longer
/// one the tags of this release are asked for by name.
async fn tags(client: &Client<'_>, repo: &[&str; 3], release: &ReleaseId) -> Vec<Tag> {
    let [repos, owner, name] = *repo;
    let page = client
        .json(&[repos, owner, name, "tags"], &[("per_page", "100")])
        .await;
    let mut tags: Vec<Tag> = page
        .as_ref()
        .ok()
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice)
        .iter()
        .filter_map(|t| text(t, "name"))
        .map(|name| Tag { name, time: None })
        .take(PAGE)
        .collect();
    let own = [format!("v{}", release.version), release.version.to_string()];
    if tags.len() < PAGE || tags.iter().any(|t| own.iter().any(|o| **o == *t.name)) {
        return tags;
    }
    for wanted in &own {
        let path = [repos, owner, name, "git", "matching-refs", "tags", wanted];
        let Ok(refs) = client.json(&path, &[]).await else {
            continue;
        };
        let full = format!("refs/tags/{wanted}");
        let found = refs.as_array().is_some_and(|all| {
            all.iter()
                .any(|r| text(r, "ref").is_some_and(|n| *n == *full))
        });
        if found {
            let name = wanted.as_str().into();
            tags.insert(0, Tag { name, time: None });
            break;
        }
    }
    tags
}

async fn mentions(client: &Client<'_>, repo: &[&str; 3], release: &ReleaseId) -> Option<bool> {
    let [repos, owner, name] = *repo;
    let contents = [repos, owner, name, "contents"];
    let listing = client.json(&contents, &[]).await.ok()?;
    let of_type = |kind: &str| {
        listing
            .as_array()
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .filter(|e| e.get("type").is_some_and(|t| t == kind))
            .filter_map(|e| text(e, "name"))
            .collect()
    };
    listing.as_array()?;
    let root = Root {
        files: of_type("file"),
        folders: of_type("dir"),
    };
    manifests::mention(&root, client, "", release).await
}

/// A file of the default branch.
pub(super) async fn read(client: &Client<'_>, path: &str) -> Result<String, Refusal> {
    let (owner, name) = client.place.path.split_once('/').unwrap_or_default();
    let mut segments = vec!["repos", owner, name, "contents"];
    segments.extend(path.split('/'));
    let raw = "application/vnd.github.raw+json";
    client.text(&segments, &[], raw).await
}
