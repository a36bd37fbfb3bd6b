//! `sources.*`: who else is asked about a release, where, and whether at all.

use foretaste_fake_registries::{
    Answer, FakeFile, FakeProject, FakePypi, FakeServer, JsonApi, Manners,
};
use serde_json::json;

use super::Proof;
use crate::support::{Home, sdist, serving};

pub(super) const PROOFS: &[Proof] = &[
    ("sources.osv.url", || asked("osv", "url", "known-malware")),
    ("sources.osv.enabled", || {
        switched_off("osv", "url", "known-malware");
    }),
    ("sources.github.api", || {
        asked("github", "api", "forked-repository");
    }),
    ("sources.github.enabled", || {
        switched_off("github", "api", "forked-repository");
    }),
    ("sources.gitlab.api", || {
        asked("gitlab", "api", "forked-repository");
    }),
    ("sources.gitlab.enabled", || {
        switched_off("gitlab", "api", "forked-repository");
    }),
    ("sources.rdap.url", proven_below),
    ("sources.rdap.enabled", proven_below),
    ("sources.dns.enabled", proven_below),
];

/// Domains are looked up with this machine's resolver, which a test must not ask: `foretaste-intel` proves these keys
/// with a resolver of its own (`a_service_that_is_switched_off_is_not_asked`).
fn proven_below() {}

/// The report, and what the service was asked.
fn audit(settings: &str, forge: &str) -> (serde_json::Value, Vec<String>) {
    serving(async || {
        let service =
            FakeServer::start(Manners::default(), |_, _| Answer::status(404, "unknown")).await;
        let index = index(forge).await;
        let home = Home::new().with("PIP_INDEX_URL", &format!("{}/simple", index.url()));
        home.write(
            "foretaste.toml",
            settings.replace("{service}", &service.url()),
        );
        (home.audit(&["pypi:x"]).0, service.paths())
    })
}

fn settings(source: &str, key: &str, enabled: bool) -> String {
    format!("[sources.{source}]\n{key} = \"{{service}}/\"\nenabled = {enabled}\n")
}

fn asked(source: &str, key: &str, check: &str) {
    let (report, paths) = audit(&settings(source, key, true), source);
    assert!(
        !paths.is_empty(),
        "{source} was not asked ({}): {report:#}",
        reason(&report, check)
    );
}

fn switched_off(source: &str, key: &str, check: &str) {
    let (report, paths) = audit(&settings(source, key, false), source);
    assert!(paths.is_empty(), "{source} was asked: {paths:?}");
    assert!(
        reason(&report, check).contains(&format!("sources.{source}")),
        "{report:#}"
    );
}

/// Why a check was skipped.
fn reason(report: &serde_json::Value, check: &str) -> String {
    let skipped = report["releases"][0]["checks"]["skipped"]
        .as_array()
        .expect("a list");
    let found = skipped.iter().find(|s| s["check"] == check);
    found.map_or_else(String::new, ToString::to_string)
}

async fn index(forge: &str) -> FakeServer {
    let host = if forge == "gitlab" {
        "gitlab.com"
    } else {
        "github.com"
    };
    let info = json!({
        "version": "1.0", "author_email": "a@acme.example", "home_page": "https://acme.example/",
        "project_urls": {"Source": format!("https://{host}/acme/x")},
    });
    let file = FakeFile::new("x-1.0.tar.gz", &sdist("x", "1.0")).uploaded("2026-10-01T00:00:00Z");
    FakePypi::new()
        .json_api(JsonApi::Full)
        .project(FakeProject::new("x").file(file).info(info))
        .start()
        .await
}
