//! Code hosts.

use std::path::Path;

use foretaste_intel::Intel;
use foretaste_io::Environment;
use foretaste_model::intel::RepositoryFacts;
use foretaste_model::{Knowledge, SkipKind};
use serde_json::json;

use crate::server::{Ask, Server, http, intel, options, record, settings};

async fn ask(server: &Server, repository: &str) -> Knowledge<RepositoryFacts> {
    let mut record = record("left-pad");
    record.repository = Some(repository.into());
    intel(&server.url).repository(&record).await
}

fn github(ask: &Ask) -> (u16, String) {
    let answer = match &*ask.path {
        "/repos/acme/pad" => json!({
            "full_name": "acme/pad", "html_url": "https://github.com/acme/pad", "description": "Pads.",
            "stargazers_count": 1200, "forks_count": 30, "fork": true, "archived": true,
            "parent": {"html_url": "https://github.com/orig/pad"},
            "created_at": "2015-01-01T00:00:00Z", "pushed_at": "2026-01-01T00:00:00Z"}),
        "/repos/acme/pad/tags?per_page=100" => {
            json!([{"name": "v1.0"}, {"name": "v0.9"}, {"no": "name"}])
        }
        "/repos/acme/pad/contents" => json!([
            {"name": "setup.py", "type": "file"}, {"name": "pyproject.toml", "type": "file"}, {"name": "docs", "type": "dir"}]),
        "/repos/acme/pad/contents/pyproject.toml" => return (200, "[build-system]".to_owned()),
        "/repos/acme/pad/contents/setup.py" => return (200, "setup(name='left_pad')".to_owned()),
        _ => return (404, "{}".to_owned()),
    };
    (200, answer.to_string())
}

#[tokio::test]
async fn github_describes_a_repository() {
    let server = Server::start(github).await;
    let facts = ask(&server, "git+https://github.com/acme/pad.git").await;
    let facts = facts.known().expect("known");
    assert!(facts.exists && facts.archived);
    assert_eq!((facts.stars, facts.forks), (1200, 30));
    assert_eq!(
        facts.fork_of.as_deref(),
        Some("https://github.com/orig/pad")
    );
    assert_eq!(
        facts.tags.iter().map(|t| &*t.name).collect::<Vec<_>>(),
        ["v1.0", "v0.9"]
    );
    assert_eq!(facts.mentions_package, Some(true));
    assert_eq!(
        facts.created.map(|t| t.to_string()).as_deref(),
        Some("2015-01-01T00:00:00Z")
    );
}

#[tokio::test]
async fn a_repository_that_does_not_mention_the_package_says_so() {
    let server = Server::start(|ask| match &*ask.path {
        "/repos/acme/pad/contents/setup.py" => (200, "setup(name='pad')".to_owned()),
        _ => github(ask),
    })
    .await;
    let facts = ask(&server, "https://github.com/acme/pad").await;
    assert_eq!(facts.known().and_then(|f| f.mentions_package), Some(false));
    // a manifest that cannot be had proves nothing
    let server = Server::start(|ask| match &*ask.path {
        "/repos/acme/pad/contents/setup.py" => (500, String::new()),
        _ => github(ask),
    })
    .await;
    let facts = ask(&server, "https://github.com/acme/pad").await;
    assert_eq!(facts.known().and_then(|f| f.mentions_package), None);
}

#[tokio::test]
async fn the_tag_of_the_release_is_found_behind_a_hundred_others() {
    let server = Server::start(|ask| match &*ask.path {
        "/repos/acme/pad/tags?per_page=100" => {
            let tags: Vec<_> = (0..100)
                .map(|i| json!({"name": format!("v9.{i}")}))
                .collect();
            (200, json!(tags).to_string())
        }
        "/repos/acme/pad/git/matching-refs/tags/v1.0" => (
            200,
            json!([{"ref": "refs/tags/v1.0.1"}, {"ref": "refs/tags/v1.0"}]).to_string(),
        ),
        _ => github(ask),
    })
    .await;
    let facts = ask(&server, "https://github.com/acme/pad").await;
    assert!(
        facts
            .known()
            .is_some_and(|f| f.tags.iter().any(|t| &*t.name == "v1.0"))
    );
}

#[tokio::test]
async fn gitlab_describes_a_repository() {
    let server = Server::start(|ask| {
        let answer = match &*ask.path {
            "/projects/group%2Fsub%2Fpad" => json!({
                "web_url": "https://gitlab.com/group/sub/pad", "star_count": 7, "forks_count": 1, "archived": false,
                "created_at": "2015-01-01T00:00:00.000Z", "last_activity_at": "2026-01-01T00:00:00.000+01:00",
                "default_branch": "main", "forked_from_project": {"web_url": "https://gitlab.com/orig/pad"}}),
            "/projects/group%2Fsub%2Fpad/repository/tags?per_page=100&order_by=updated&sort=desc" => {
                json!([{"name": "1.0", "commit": {"created_at": "2026-01-01T00:00:00Z"}}])
            }
            "/projects/group%2Fsub%2Fpad/repository/tree?per_page=100&ref=main" => {
                json!([{"name": "setup.cfg", "type": "blob"}, {"name": "src", "type": "tree"}])
            }
            "/projects/group%2Fsub%2Fpad/repository/files/setup.cfg/raw?ref=main" => {
                return (200, "name = left-pad".to_owned());
            }
            _ => return (404, String::new()),
        };
        (200, answer.to_string())
    })
    .await;
    let facts = ask(&server, "git@gitlab.com:group/sub/pad.git").await;
    let facts = facts.known().expect("known");
    assert_eq!((facts.stars, facts.mentions_package), (7, Some(true)));
    assert_eq!(
        facts.fork_of.as_deref(),
        Some("https://gitlab.com/orig/pad")
    );
    assert!(facts.tags.first().is_some_and(|t| t.time.is_some()));
    assert!(facts.pushed.is_some());
}

#[tokio::test]
async fn not_found_is_definite_and_other_refusals_are_skips() {
    for (status, body, expected) in [
        (404, "", None),
        (
            403,
            "API rate limit exceeded for 127.0.0.1",
            Some(SkipKind::RateLimited),
        ),
        (403, "Repository access blocked", Some(SkipKind::Failed)),
        (429, "", Some(SkipKind::RateLimited)),
        (401, "Bad credentials", Some(SkipKind::NotConfigured)),
        (451, "", Some(SkipKind::Failed)),
        (502, "", Some(SkipKind::Failed)),
        (200, "not json", Some(SkipKind::Failed)),
        (200, "[]", Some(SkipKind::Failed)),
    ] {
        let server = Server::start(move |_| (status, body.to_owned())).await;
        let facts = ask(&server, "https://github.com/acme/gone").await;
        assert_eq!(
            facts.skipped().map(|s| s.kind),
            expected,
            "{status} {body}: {facts:?}"
        );
        if expected.is_none() {
            assert_eq!(facts.known().map(|f| f.exists), Some(false));
        }
    }
}

#[tokio::test]
async fn the_token_is_sent_and_its_absence_is_allowed() {
    let server = Server::start(github).await;
    let env = Environment::below(Path::new("/nowhere")).with("GITHUB_TOKEN", "t0ken");
    let intel = Intel::with_options(&http(false), &settings(&server.url), &env, options());
    let mut record = record("left-pad");
    record.repository = Some("https://github.com/acme/pad".into());
    assert!(intel.repository(&record).await.known().is_some());
    assert!(
        server
            .asked()
            .iter()
            .all(|a| a.authorization.as_deref() == Some("Bearer t0ken"))
    );
    assert!(!format!("{intel:?}").contains("t0ken"));
}

#[tokio::test]
async fn without_a_repository_nobody_is_asked() {
    let server = Server::start(github).await;
    let intel = intel(&server.url);
    let kind = |k: &Knowledge<RepositoryFacts>| k.skipped().map(|s| s.kind);
    let mut record = record("left-pad");
    assert_eq!(
        kind(&intel.repository(&record).await),
        Some(SkipKind::NotApplicable)
    );
    record.repository = Some("https://code.example/a/b".into());
    assert_eq!(
        kind(&intel.repository(&record).await),
        Some(SkipKind::Unsupported)
    );
    assert!(server.asked().is_empty());
}
