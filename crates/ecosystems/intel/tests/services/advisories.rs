//! Advisories.

use std::path::Path;
use std::time::{Duration, Instant};

use foretaste_intel::Intel;
use foretaste_io::Environment;
use foretaste_model::intel::AdvisoryMatch;
use foretaste_model::{Knowledge, SkipKind};
use foretaste_policy::SourceSettings;
use serde_json::{Value, json};

use crate::server::{Server, http, intel, options, record, settings};

fn own(id: &str) -> AdvisoryMatch {
    AdvisoryMatch {
        id: id.into(),
        aliases: Vec::new(),
        summary: "told by the registry".into(),
        malware: false,
        cvss: Some(5.0),
        fixed: Vec::new(),
        url: None,
        functions: Vec::new(),
    }
}

fn kind<T>(knowledge: &Knowledge<T>) -> Option<SkipKind> {
    knowledge.skipped().map(|s| s.kind)
}

#[tokio::test]
async fn pages_are_followed_and_joined_with_the_registrys_own() {
    let server = Server::start(|ask| {
        let question: Value = serde_json::from_str(&ask.body).expect("JSON");
        assert_eq!(
            question["package"],
            json!({"ecosystem": "PyPI", "name": "friendly-bard"})
        );
        assert_eq!(question["version"], "1.0");
        let page = match question.get("page_token").and_then(Value::as_str) {
            None => json!({"vulns": [
                {"id": "PYSEC-1", "aliases": ["CVE-1", "GHSA-1"], "summary": "first"},
                {"id": "OLD-1", "withdrawn": "2026-01-01T00:00:00Z"}], "next_page_token": "more"}),
            Some("more") => json!({"vulns": [{"id": "MAL-2026-1", "summary": "Malicious code"}]}),
            Some(_) => return (400, String::new()),
        };
        (200, page.to_string())
    })
    .await;
    let mut record = record("Friendly_Bard");
    record.advisories = Knowledge::Known(vec![own("GHSA-1"), own("GHSA-9")]);
    let found = intel(&server.url).advisories(&record).await;
    let shown: Vec<String> = found
        .known()
        .expect("known")
        .iter()
        .map(|a| format!("{} {} {}", a.id, a.malware, a.summary))
        .collect();
    assert_eq!(
        shown,
        [
            "MAL-2026-1 true Malicious code",
            "GHSA-9 false told by the registry",
            "PYSEC-1 false first"
        ]
    );
    assert!(server.asked().iter().all(|a| a.path == "/v1/query"));
}

#[tokio::test]
async fn no_record_is_a_definite_answer() {
    let server = Server::start(|_| (200, "{}".to_owned())).await;
    let found = intel(&server.url).advisories(&record("pad")).await;
    assert_eq!(found, Knowledge::Known(Vec::new()));
}

#[tokio::test]
async fn answers_that_cannot_be_used_are_skips() {
    for (status, body, expected) in [
        (429, String::new(), SkipKind::RateLimited),
        (404, String::new(), SkipKind::Unsupported),
        (400, "bad version".to_owned(), SkipKind::Failed),
        (500, String::new(), SkipKind::Failed),
        (200, "<html>".to_owned(), SkipKind::Failed),
        (200, "[]".to_owned(), SkipKind::Failed),
        (
            200,
            json!({"next_page_token": "again"}).to_string(),
            SkipKind::Failed,
        ),
        (200, " ".repeat(17 << 20), SkipKind::Failed),
    ] {
        let shown = format!("{status} {body:.40}");
        let server = Server::start(move |_| (status, body.clone())).await;
        let found = intel(&server.url).advisories(&record("pad")).await;
        assert_eq!(kind(&found), Some(expected), "{shown}: {found:?}");
    }
}

#[tokio::test]
async fn the_registrys_accusation_stands_without_the_service_but_its_silence_does_not() {
    let server = Server::start(|_| (503, String::new())).await;
    let intel = intel(&server.url);
    let mut record = record("pad");
    record.advisories = Knowledge::Known(vec![own("GHSA-1")]);
    assert_eq!(
        intel.advisories(&record).await.known().map(Vec::len),
        Some(1)
    );
    record.advisories = Knowledge::Known(Vec::new());
    assert_eq!(
        kind(&intel.advisories(&record).await),
        Some(SkipKind::Failed)
    );
}

#[tokio::test]
async fn a_service_that_is_slowed_down_is_left_alone_for_the_rest_of_the_run() {
    let server = Server::start(|_| (429, String::new())).await;
    let intel = intel(&server.url);
    for name in ["a", "b", "c"] {
        let found = intel.advisories(&record(name)).await;
        assert_eq!(kind(&found), Some(SkipKind::RateLimited));
    }
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_silent_host_costs_its_time_out_once_however_many_packages_ask() {
    // a listener that accepts and never answers
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("bound");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let intel = std::sync::Arc::new(intel(&url));
    let start = Instant::now();
    let tasks: Vec<_> = (0..40)
        .map(|i| {
            let intel = std::sync::Arc::clone(&intel);
            tokio::spawn(async move { intel.advisories(&record(&format!("p{i}"))).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(kind(&task.await.expect("done")), Some(SkipKind::Offline));
    }
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
    drop(listener);
}

#[tokio::test]
async fn nobody_is_asked_offline_switched_off_or_about_internal_names() {
    let env = Environment::below(Path::new("/nowhere"));
    let offline = Intel::with_options(
        &http(true),
        &settings("http://127.0.0.1:1/"),
        &env,
        options(),
    );
    assert_eq!(
        kind(&offline.advisories(&record("pad")).await),
        Some(SkipKind::Offline)
    );
    let mut off = SourceSettings::default();
    off.osv.enabled = false;
    let disabled = Intel::with_options(&http(false), &off, &env, options());
    assert_eq!(
        kind(&disabled.advisories(&record("pad")).await),
        Some(SkipKind::Disabled)
    );
    let internal = Intel::with_options(&http(false), &SourceSettings::default(), &env, options())
        .internal_names(&["acme-*".to_owned()]);
    let found = internal.advisories(&record("Acme_Pay")).await;
    assert_eq!(kind(&found), Some(SkipKind::NotApplicable));
}
