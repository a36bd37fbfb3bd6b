//! GitLab's REST API, version 4 (<https://docs.gitlab.com/api/projects/>).

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
    let project = ["projects", &*client.place.path];
    let answer = object(client.json(&project, &[]).await?, client.place)?;
    let fork_of = answer
        .get("forked_from_project")
        .and_then(|p| text(p, "web_url").or_else(|| text(p, "path_with_namespace")));
    let branch = text(&answer, "default_branch");
    let (tags, mentions_package) = tokio::join!(
        tags(client, project, release),
        mentions(client, project, branch.as_deref(), release)
    );
    Ok(RepositoryFacts {
        url: text(&answer, "web_url").unwrap_or_else(|| client.place.url().into()),
        exists: true,
        description: text(&answer, "description"),
        stars: count(&answer, "star_count"),
        forks: count(&answer, "forks_count"),
        fork_of,
        archived: flag(&answer, "archived"),
        created: time(&answer, "created_at"),
        pushed: time(&answer, "last_activity_at"),
        tags,
        mentions_package,
    })
}

/// The newest tags with their commits' times, and those that hold this version if there are more.
async fn tags(client: &Client<'_>, project: [&str; 2], release: &ReleaseId) -> Vec<Tag> {
    let [projects, id] = project;
    let path = [projects, id, "repository", "tags"];
    let read = |answer: Value| -> Vec<Tag> {
        let all = answer.as_array().map_or(&[][..], Vec::as_slice);
        all.iter()
            .filter_map(|t| {
                let time = t.get("commit").and_then(|c| time(c, "created_at"));
                text(t, "name").map(|name| Tag { name, time })
            })
            .take(PAGE)
            .collect()
    };
    let newest = [
        ("per_page", "100"),
        ("order_by", "updated"),
        ("sort", "desc"),
    ];
    let mut tags = client
        .json(&path, &newest)
        .await
        .map(read)
        .unwrap_or_default();
    if tags.len() == PAGE && !tags.iter().any(|t| t.name.ends_with(&*release.version)) {
        let search = [("per_page", "20"), ("search", &*release.version)];
        let found = client
            .json(&path, &search)
            .await
            .map(read)
            .unwrap_or_default();
        tags.splice(0..0, found);
    }
    tags
}

async fn mentions(
    client: &Client<'_>,
    project: [&str; 2],
    branch: Option<&str>,
    release: &ReleaseId,
) -> Option<bool> {
    let [projects, id] = project;
    let branch = branch?;
    let query = [("per_page", "100"), ("ref", branch)];
    let path = [projects, id, "repository", "tree"];
    let listing = client.json(&path, &query).await.ok()?;
    let entries = listing.as_array()?;
    let of_type = |kind: &str| {
        entries
            .iter()
            .filter(|e| e.get("type").is_some_and(|t| t == kind))
            .filter_map(|e| text(e, "name"))
            .collect()
    };
    let root = Root {
        files: of_type("blob"),
        folders: of_type("tree"),
    };
    manifests::mention(&root, client, branch, release).await
}

/// A file of a branch.
pub(super) async fn read(client: &Client<'_>, path: &str, branch: &str) -> Result<String, Refusal> {
    let project = &*client.place.path;
    let segments = ["projects", project, "repository", "files", path, "raw"];
    client.text(&segments, &[("ref", branch)], "*/*").await
}
