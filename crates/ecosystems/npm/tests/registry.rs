//! The npm client against a registry on the loopback interface.

use std::path::Path;
use std::time::Duration;

use foretaste_fake_registries::{FakeNpm, FakeServer, Manners};
use foretaste_io::{Environment, HttpClient, HttpOptions, files};
use foretaste_model::manifest::DependencyKind;
use foretaste_model::metadata::{ProjectStatus, ReleaseMetadata};
use foretaste_model::report::IndexDigest;
use foretaste_model::{Ecosystem, PackageName, SkipKind};
use foretaste_npm::{NpmConfig, NpmRegistry, NpmSettings};
use foretaste_registry::{Registry, RegistryError};
use serde_json::json;

fn http(cache: Option<&Path>) -> HttpClient {
    HttpClient::new(HttpOptions {
        cache_dir: cache.map(Into::into),
        default_freshness: Duration::ZERO,
        backoff: Duration::from_millis(1),
        ..HttpOptions::default()
    })
}

/// A client whose `.npmrc` holds `npmrc`.
async fn client(npmrc: &str, http: HttpClient, settings: &NpmSettings) -> NpmRegistry {
    let home = tempfile::tempdir().expect("a folder");
    files::write(&home.path().join(".npmrc"), npmrc.as_bytes()).expect("written");
    let env = Environment::below(home.path()).with_home(home.path());
    let config = NpmConfig::discover(&env, settings)
        .await
        .expect("configured");
    NpmRegistry::new(http, config)
}

async fn plain(server: &FakeServer) -> NpmRegistry {
    let npmrc = format!("registry={}", server.url());
    client(&npmrc, http(None), &NpmSettings::default()).await
}

fn name(text: &str) -> PackageName {
    PackageName::new(Ecosystem::Npm, text)
}

async fn lookup(
    server: &FakeServer,
    package: &str,
    version: Option<&str>,
) -> Result<ReleaseMetadata, RegistryError> {
    plain(server).await.lookup(&name(package), version).await
}

/// A package as a complete registry describes it.
fn pad() -> FakeNpm {
    let user = |name: &str| json!({"name": name, "email": "x@acme.example"});
    let common = json!({
        "description": "Pads.",
        "author": {"name": "Ann", "email": "ann@acme.example"},
        "license": "MIT",
        "homepage": "https://pad.example",
        "repository": {"type": "git", "url": "git+https://github.com/acme/pad.git"},
        "_npmUser": user("ann"),
        "dist": {"signatures": [{"keyid": "k", "sig": "s"}]},
    });
    let with = |extra: serde_json::Value| {
        let mut fields = common.clone();
        let own = fields.as_object_mut().expect("an object");
        own.extend(extra.as_object().expect("an object").clone());
        fields
    };
    FakeNpm::new()
        .version("pad", "1.0.0", &common, &[("package.json", "{}")])
        .version(
            "pad",
            "1.1.0",
            &with(json!({
                "dist": {"attestations": {"url": "x"}, "signatures": [{"sig": "s"}]},
                "_npmUser": {"name": "GitHub Actions", "trustedPublisher": {"id": "github"}},
            })),
            &[("package.json", "{}")],
        )
        .version(
            "pad",
            "2.0.0",
            &with(json!({
                "_npmUser": user("bob"),
                "deprecated": "use another",
                "scripts": {"postinstall": "node x.js"},
                "dependencies": {"dep": "^1", "alias": "npm:real@2", "opt": "1"},
                "optionalDependencies": {"opt": "1"},
            })),
            &[("package.json", "{}"), ("x.js", "1")],
        )
        .package(
            "pad",
            &json!({
                "maintainers": [user("ann"), user("bob")],
                "readme": "# pad",
                "time": {
                    "created": "2020-01-01T00:00:00.000Z", "modified": "2024-01-01T00:00:00.000Z",
                    "1.0.0": "2020-01-01T00:00:00.000Z", "1.0.5": "2021-01-01T00:00:00.000Z",
                    "1.1.0": "2023-01-01T00:00:00.000Z", "2.0.0": "2022-01-01T00:00:00.000Z",
                },
            }),
        )
}

#[tokio::test]
async fn a_full_document_becomes_a_full_release() {
    let server = pad().start().await;
    let release = lookup(&server, "pad", None).await.expect("found");
    assert_eq!(release.id.purl(), "pkg:npm/pad@2.0.0");
    assert_eq!(release.summary.as_deref(), Some("Pads."));
    assert_eq!(
        release.repository.as_deref(),
        Some("https://github.com/acme/pad")
    );
    assert_eq!(release.license.as_deref(), Some("MIT"));
    assert_eq!(release.maintainers.known().map(Vec::len), Some(2));
    assert_eq!(release.authors.known().map(Vec::len), Some(1));
    assert_eq!(release.scripts.known().map(Vec::len), Some(1));
    assert_eq!(release.status, ProjectStatus::Deprecated);
    assert_eq!(release.status_reason.as_deref(), Some("use another"));
    let dependencies: Vec<_> = release
        .dependencies
        .known()
        .expect("known")
        .iter()
        .collect();
    let names: Vec<_> = dependencies.iter().map(|d| &*d.name).collect();
    assert_eq!(names, ["real", "dep", "opt"]);
    assert_eq!(dependencies[2].kind, DependencyKind::Optional);
    let history: Vec<_> = release
        .history
        .iter()
        .map(|h| {
            let publisher = h.publisher.as_deref().unwrap_or("-");
            format!(
                "{} {publisher} {:?} {}",
                h.version,
                h.provenance,
                h.yanked.is_some()
            )
        })
        .collect();
    assert_eq!(
        history,
        [
            "1.0.0 ann Some(false) false",
            "1.0.5 - None true",
            "2.0.0 bob Some(false) false",
            "1.1.0 github (trusted publisher) Some(true) false",
        ]
    );
    assert_eq!(release.previous().map(|h| &*h.version), Some("1.0.5"));
    assert_eq!(
        release.downloads.skipped().map(|s| s.kind),
        Some(SkipKind::NotConfigured)
    );
}

#[tokio::test]
async fn the_tarball_is_checked_against_every_published_digest() {
    let server = pad().start().await;
    let client = plain(&server).await;
    let release = client
        .lookup(&name("pad"), Some("^1"))
        .await
        .expect("found");
    assert_eq!(&*release.id.version, "1.1.0");
    let [artifact] = release.artifacts.as_slice() else {
        panic!("npm has one tarball for each version");
    };
    assert_eq!(&*artifact.filename, "pad-1.1.0.tgz");
    assert_eq!(artifact.digests.len(), 2);
    assert_eq!(artifact.provenance, Some(true));
    let download = client.download(artifact, 1 << 20).await.expect("served");
    assert_eq!(download.index_digest, IndexDigest::Match);

    let server = pad().tampered("pad", "2.0.0", b"other").start().await;
    let client = plain(&server).await;
    let release = client.lookup(&name("pad"), None).await.expect("found");
    let download = client.download(&release.artifacts[0], 1 << 20).await;
    assert_eq!(
        download.expect("served").index_digest,
        IndexDigest::Mismatch
    );
}

#[tokio::test]
async fn what_a_trimmed_registry_leaves_out_is_skipped_and_not_empty() {
    let server = FakeNpm::new()
        .version("trim", "1.0.0", &json!({}), &[])
        .package(
            "trim",
            &json!({"time": {"1.0.0": "2024-01-01T00:00:00.000000+00:00"}}),
        )
        .start()
        .await;
    let release = lookup(&server, "trim", None).await.expect("found");
    assert!(release.published().is_some());
    assert!(release.maintainers.skipped().is_some());
    assert!(release.readme.skipped().is_some());
    assert_eq!(release.artifacts[0].provenance, None);
    assert_eq!(release.history[0].publisher, None);
}

#[tokio::test]
async fn an_abbreviated_document_is_enough_to_vet() {
    let server = FakeNpm::new()
        .version("brief", "1.0.0", &json!({"hasInstallScript": true}), &[])
        .start()
        .await;
    let release = lookup(&server, "brief", None).await.expect("found");
    assert!(
        release
            .scripts
            .skipped()
            .is_some_and(|s| s.detail.contains("install script"))
    );
    assert!(release.authors.skipped().is_some());
    assert_eq!(release.artifacts.len(), 1);
}

#[tokio::test]
async fn scoped_packages_are_asked_from_their_registry_with_its_token() {
    let public = FakeNpm::new().start().await;
    let private = FakeNpm::new()
        .version("@acme/pad", "1.0.0", &json!({}), &[("index.js", "1")])
        .manners(Manners {
            authorization: Some("Bearer t0k".into()),
            ..Manners::default()
        })
        .start()
        .await;
    let host = private.url().replace("http:", "");
    let npmrc = format!(
        "registry={}\n@acme:registry={}\n{host}/:_authToken=t0k\n",
        public.url(),
        private.url()
    );
    let client = client(&npmrc, http(None), &NpmSettings::default()).await;
    let release = client
        .lookup(&name("@acme/pad"), None)
        .await
        .expect("found");
    assert_eq!(release.id.purl(), "pkg:npm/%40acme/pad@1.0.0");
    assert_eq!(&*release.artifacts[0].filename, "pad-1.0.0.tgz");
    let download = client.download(&release.artifacts[0], 1 << 20).await;
    assert_eq!(download.expect("served").index_digest, IndexDigest::Match);
    let advisories = "/-/npm/v1/security/advisories/bulk";
    assert_eq!(
        private.paths(),
        ["/@acme%2fpad", advisories, "/@acme/pad/-/pad-1.0.0.tgz"]
    );
    assert!(
        public.log().is_empty(),
        "an internal name was told to the public registry"
    );
}

#[tokio::test]
async fn a_refusal_says_where_credentials_are_read_from() {
    let server = pad()
        .manners(Manners {
            authorization: Some("Bearer right".into()),
            ..Manners::default()
        })
        .start()
        .await;
    let error = lookup(&server, "pad", None)
        .await
        .expect_err("401")
        .to_string();
    assert!(
        error.contains("401") && error.contains("_authToken"),
        "{error}"
    );
}

#[tokio::test]
async fn a_busy_registry_is_asked_again() {
    let busy = |times, wait: &str| Manners {
        busy: times,
        retry_after: wait.into(),
        ..Manners::default()
    };
    let server = pad().manners(busy(2, "0")).start().await;
    assert!(lookup(&server, "pad", None).await.is_ok());
    let server = pad().manners(busy(1, "3600")).start().await;
    let error = lookup(&server, "pad", None).await.expect_err("too busy");
    assert_eq!(error.skip_reason().kind, SkipKind::RateLimited);
}

#[tokio::test]
async fn an_unchanged_document_is_not_sent_twice() {
    let server = pad().start().await;
    let cache = tempfile::tempdir().expect("a folder");
    let npmrc = format!("registry={}", server.url());
    for _ in 0..2 {
        let http = http(Some(cache.path()));
        let client = client(&npmrc, http, &NpmSettings::default()).await;
        let release = client.lookup(&name("pad"), None).await.expect("found");
        assert_eq!(release.history.len(), 4);
    }
    let log: Vec<_> = server
        .log()
        .into_iter()
        .filter(|a| a.path == "/pad")
        .collect();
    assert_eq!(log.len(), 2);
    assert!(!log[1].header("if-none-match").is_empty());
}

#[tokio::test]
async fn what_is_missing_is_said_precisely() {
    let server = pad()
        .package(
            "gone",
            &json!({"time": {"unpublished": {"time": "2022-02-02T00:00:00Z"}}}),
        )
        .package(
            "hollow",
            &json!({"versions": {"1.0.0": {}}, "dist-tags": {"latest": "1.0.0"}}),
        )
        .start()
        .await;
    for (package, version, expected) in [
        ("nothing", None, "npm has no package `nothing`"),
        ("pad", Some("9.9.9"), "`pad` has no version 9.9.9; it has"),
        ("gone", None, "it was unpublished on 2022-02-02"),
        ("hollow", None, "names no tarball"),
    ] {
        let error = lookup(&server, package, version).await.expect_err(package);
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn a_security_holder_is_recognised() {
    let server = FakeNpm::new()
        .version("bad", "0.0.1-security", &json!({}), &[])
        .start()
        .await;
    let release = lookup(&server, "bad", None).await.expect("found");
    assert_eq!(release.status, ProjectStatus::SecurityHolder);
}

#[tokio::test]
async fn downloads_are_counted_where_a_service_is_configured() {
    let server = pad().downloads("pad", 7_000).start().await;
    let settings = NpmSettings {
        downloads: Some(server.url()),
        ..NpmSettings::default()
    };
    let npmrc = format!("registry={}", server.url());
    let client = client(&npmrc, http(None), &settings).await;
    let release = client.lookup(&name("pad"), None).await.expect("found");
    let downloads = release.downloads.known().expect("counted");
    assert_eq!((downloads.count, downloads.days), (7_000, 7));
}

#[tokio::test]
async fn the_registrys_own_advisories_are_asked_about_this_version() {
    let advisory = json!({"id": 1, "url": "https://a.example/GHSA-x", "title": "Malware in pad"});
    let server = pad().advisory("pad", "2.0.0", &advisory).start().await;
    let release = lookup(&server, "pad", None).await.expect("found");
    let found = release.advisories.known().expect("asked");
    assert_eq!((&*found[0].id, found[0].malware), ("GHSA-x", true));
    let release = lookup(&server, "pad", Some("1.0.0")).await.expect("found");
    assert_eq!(release.advisories.known().map(Vec::len), Some(0));

    let server = pad().start().await;
    let release = lookup(&server, "pad", None).await.expect("found");
    let reason = release
        .advisories
        .skipped()
        .expect("there is no such service");
    assert_eq!(reason.kind, SkipKind::Unsupported);
}

#[tokio::test]
async fn a_service_that_is_not_offered_is_not_asked_for_at_every_run() {
    let server = pad().start().await;
    let cache = tempfile::tempdir().expect("a folder");
    let npmrc = format!("registry={}", server.url());
    for _ in 0..2 {
        let http = HttpClient::new(HttpOptions {
            cache_dir: Some(cache.path().into()),
            ..HttpOptions::default()
        });
        let client = client(&npmrc, http, &NpmSettings::default()).await;
        let release = client.lookup(&name("pad"), None).await.expect("found");
        assert!(release.advisories.skipped().is_some());
    }
    assert_eq!(
        server.log().len(),
        2,
        "one document, one refusal, then the cache"
    );
}

#[tokio::test]
async fn strange_answers_are_errors_and_no_panics() {
    for body in [
        "",
        "[]",
        "nul",
        "{\"versions\": 3}",
        "{\"versions\": []}",
        "{}",
    ] {
        let server = FakeServer::start(Manners::default(), move |_, _| {
            foretaste_fake_registries::Answer::ok("application/json", body)
        })
        .await;
        assert!(lookup(&server, "pad", None).await.is_err(), "{body}");
    }
}
