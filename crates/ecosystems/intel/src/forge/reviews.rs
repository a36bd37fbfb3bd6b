//! How a commit came to the main line, by the word of the host that keeps its requests.
//!
//! GitHub: <https://docs.github.com/en/rest/commits/commits#list-pull-requests-associated-with-a-commit>,
//! <https://docs.github.com/en/rest/pulls/reviews>; GitLab:
//! <https://docs.gitlab.com/api/commits/#list-merge-requests-associated-with-a-commit>,
//! <https://docs.gitlab.com/api/merge_request_approvals/>.

use std::collections::BTreeSet;

use foretaste_model::Knowledge;
use serde_json::Value;

use super::Forge;
use super::describe::{Client, client};
use super::place::Forges;
use crate::json::{flag, text};
use crate::web::{Refusal, Web};

/// A pull or merge request by which a commit was merged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Review {
    /// As people write it: `#12` at GitHub, `!12` at GitLab.
    pub request: Box<str>,
    /// People besides the author who approved it.
    pub approvals: u32,
    /// Comments of people besides the author.
    pub comments: u32,
}

/// The request by which a commit of the repository at `remote` was merged; none if it was pushed without one.
pub(crate) async fn review(
    web: &Web,
    forges: &Forges,
    remote: &str,
    commit: &str,
) -> Knowledge<Option<Review>> {
    let Some(place) = forges.locate(remote) else {
        return Knowledge::skip(
            foretaste_model::SkipKind::Unsupported,
            "its origin is at no known code host",
        );
    };
    let client = match client(web, forges, &place) {
        Ok(client) => client,
        Err(reason) => return Knowledge::Skipped(reason),
    };
    let found = match place.forge {
        Forge::GitHub => github(&client, commit).await,
        Forge::GitLab => gitlab(&client, commit).await,
    };
    match found {
        Ok(review) => Knowledge::Known(review),
        // the host has no such commit: it was never pushed there
        Err(Refusal::NotFound) => Knowledge::skip(
            foretaste_model::SkipKind::Failed,
            "the host does not have this commit, or shows it to others only",
        ),
        Err(Refusal::Skipped(reason)) => Knowledge::Skipped(reason),
    }
}

/// Entries of one page, the most that both APIs give.
const PAGE: (&str, &str) = ("per_page", "100");

async fn github(client: &Client<'_>, commit: &str) -> Result<Option<Review>, Refusal> {
    let (owner, name) = client.place.path.split_once('/').unwrap_or_default();
    let pulls = client
        .json(&["repos", owner, name, "commits", commit, "pulls"], &[PAGE])
        .await?;
    let merged = all(&pulls)
        .iter()
        .find(|pull| pull.get("merged_at").is_some_and(Value::is_string));
    let Some(pull) = merged else {
        return Ok(None);
    };
    let Some(number) = pull.get("number").and_then(Value::as_u64) else {
        return Ok(None);
    };
    let number = number.to_string();
    let author = person(pull, "login");
    let spoken = ["repos", owner, name, "pulls", &number, "reviews"];
    let written = ["repos", owner, name, "issues", &number, "comments"];
    let (reviews, comments) = tokio::join!(
        client.json(&spoken, &[PAGE]),
        client.json(&written, &[PAGE])
    );
    let (reviews, comments) = (reviews?, comments?);
    let others = |entry: &&Value| {
        let by = person(entry, "login");
        let is_bot = entry
            .get("user")
            .and_then(|u| u.get("type"))
            .is_some_and(|t| t == "Bot");
        by.is_some() && by != author && !is_bot
    };
    let reviews: Vec<&Value> = all(&reviews).iter().filter(others).collect();
    let approvers: BTreeSet<_> = reviews
        .iter()
        .filter(|r| r.get("state").is_some_and(|s| s == "APPROVED"))
        .filter_map(|r| person(r, "login"))
        .collect();
    let spoke = reviews.len() + all(&comments).iter().filter(others).count();
    Ok(Some(Review {
        request: format!("#{number}").into(),
        approvals: approvers.len() as u32,
        comments: spoke.saturating_sub(approvers.len()) as u32,
    }))
}

async fn gitlab(client: &Client<'_>, commit: &str) -> Result<Option<Review>, Refusal> {
    let path = &*client.place.path;
    let requests = client
        .json(
            &[
                "projects",
                path,
                "repository",
                "commits",
                commit,
                "merge_requests",
            ],
            &[PAGE],
        )
        .await?;
    let merged = all(&requests)
        .iter()
        .find(|r| r.get("state").is_some_and(|s| s == "merged"));
    let Some(request) = merged else {
        return Ok(None);
    };
    let Some(number) = request.get("iid").and_then(Value::as_u64) else {
        return Ok(None);
    };
    let number = number.to_string();
    let author = request.get("author").and_then(|a| text(a, "username"));
    let asked = ["projects", path, "merge_requests", &number, "approvals"];
    let spoken = ["projects", path, "merge_requests", &number, "notes"];
    let (approvals, notes) = tokio::join!(client.json(&asked, &[]), client.json(&spoken, &[PAGE]));
    let (approvals, notes) = (approvals?, notes?);
    let approvers: BTreeSet<_> = crate::json::list(&approvals, "approved_by")
        .iter()
        .filter_map(|a| person(a, "username"))
        .filter(|name| Some(name) != author.as_ref())
        .collect();
    let comments = all(&notes)
        .iter()
        .filter(|note| !flag(note, "system"))
        .filter_map(|note| note.get("author").and_then(|a| text(a, "username")))
        .filter(|name| Some(name) != author.as_ref())
        .count();
    Ok(Some(Review {
        request: format!("!{number}").into(),
        approvals: approvers.len() as u32,
        comments: comments as u32,
    }))
}

fn all(answer: &Value) -> &[Value] {
    answer.as_array().map_or(&[], Vec::as_slice)
}

fn person(entry: &Value, key: &str) -> Option<Box<str>> {
    entry.get("user").and_then(|user| text(user, key))
}
