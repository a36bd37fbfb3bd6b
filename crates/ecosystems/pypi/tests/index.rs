//! The client against an index on the loopback that speaks the real protocol.

use std::time::Duration;

use foretaste_fake_registries::{
    Answer, FakeFile, FakeProject, FakePypi, FakeServer, FaultKind, JsonApi, Manners, Pages,
};
use foretaste_io::{Credentials, HttpClient, HttpError, HttpOptions};
use foretaste_model::facts::ArtifactKind;
use foretaste_model::metadata::{ProjectStatus, ReleaseMetadata};
use foretaste_model::report::IndexDigest;
use foretaste_model::{Ecosystem, PackageName, SkipKind};
use foretaste_pypi::platform::{Implementation, Libc, System};
use foretaste_pypi::{IndexStrategy, Indexes, Platform, PypiRegistry};
use foretaste_registry::{Endpoint, Registry, RegistryError};
use serde_json::json;

const METADATA: &str = "Metadata-Version: 2.1\nName: Frob\nVersion: 2.0\nSummary: frobs\n\
                        Author-email: A <a@x.example>\nRequires-Dist: six>=1\n\n# Frob\n";

fn platform() -> Platform {
    Platform {
        python_full_version: "3.11.7".into(),
        python: (3, 11),
        implementation: Implementation::CPython,
        system: System::Linux(Libc::Glibc(2, 36)),
        arch: "x86_64".into(),
        free_threaded: false,
        assumed: false,
    }
}

fn options() -> HttpOptions {
    HttpOptions {
        backoff: Duration::from_millis(1),
        read_timeout: Duration::from_secs(5),
        ..HttpOptions::default()
    }
}

fn registry_with(http: HttpClient, urls: &[&str], strategy: IndexStrategy) -> PypiRegistry {
    let endpoints = urls
        .iter()
        .map(|url| Endpoint::parse(url, "the test").expect("a URL"))
        .collect();
    let indexes = Indexes {
        endpoints,
        strategy,
    };
    PypiRegistry::new(http, indexes, Credentials::none(), platform())
}

fn registry(server: &FakeServer) -> PypiRegistry {
    let url = format!("{}/simple", server.url());
    registry_with(
        HttpClient::new(options()),
        &[&url],
        IndexStrategy::FirstIndex,
    )
}

fn name(text: &str) -> PackageName {
    PackageName::new(Ecosystem::Pypi, text)
}

/// Three releases, one yanked, one pre-release; sdists and wheels.
fn frob() -> FakeProject {
    FakeProject::new("frob")
        .file(
            FakeFile::new("frob-1.0.tar.gz", b"sdist 1.0")
                .uploaded("2020-01-01T00:00:00Z")
                .requires_python(">=3.6"),
        )
        .file(
            FakeFile::new("frob-2.0.tar.gz", b"sdist 2.0")
                .uploaded("2021-01-01T00:00:00Z")
                .requires_python(">=3.8"),
        )
        .file(
            FakeFile::new("frob-2.0-cp311-cp311-manylinux2014_x86_64.whl", b"wheel")
                .uploaded("2021-01-01T00:00:05Z")
                .metadata(METADATA)
                .provenance(
                    json!({"kind": "GitHub", "repository": "o/frob", "workflow": "release.yml"}),
                ),
        )
        .file(
            FakeFile::new("frob-2.0-cp311-cp311-win_amd64.whl", b"other wheel")
                .uploaded("2021-01-01T00:00:06Z"),
        )
        .file(
            FakeFile::new("frob-2.1.tar.gz", b"sdist 2.1")
                .uploaded("2022-01-01T00:00:00Z")
                .yanked("broken"),
        )
        .file(FakeFile::new("frob-3.0rc1.tar.gz", b"sdist 3.0rc1").uploaded("2023-01-01T00:00:00Z"))
        .info(json!({
            "version": "2.0", "summary": "frobs", "description": "# Frob",
            "author": "A", "author_email": "a@x.example",
            "project_urls": {"Source": "https://github.com/o/frob"},
            "requires_dist": ["six>=1"],
        }))
        .vulnerabilities(json!([{"id": "PYSEC-2022-1", "aliases": [], "fixed_in": ["3.0"]}]))
}

fn names(metadata: &ReleaseMetadata, compatible: bool) -> Vec<&str> {
    metadata
        .artifacts
        .iter()
        .filter(|a| a.compatible == compatible)
        .map(|a| &*a.filename)
        .collect()
}

#[tokio::test]
async fn a_full_index_tells_everything_in_few_requests() {
    let server = FakePypi::new()
        .project(frob())
        .json_api(JsonApi::Full)
        .start()
        .await;
    let found = registry(&server)
        .lookup(&name("Frob"), None)
        .await
        .expect("found");
    assert_eq!(found.id.purl(), "pkg:pypi/frob@2.0");
    assert_eq!(found.summary.as_deref(), Some("frobs"));
    assert_eq!(
        found.repository.as_deref(),
        Some("https://github.com/o/frob")
    );
    assert_eq!(
        found.readme.known().cloned().flatten().as_deref(),
        Some("# Frob")
    );
    assert_eq!(found.dependencies.known().map(Vec::len), Some(1));
    assert_eq!(found.advisories.known().map(Vec::len), Some(1));
    let versions: Vec<&str> = found.history.iter().map(|h| &*h.version).collect();
    assert_eq!(versions, ["1.0", "2.0", "2.1", "3.0rc1"]);
    assert_eq!(found.history[2].yanked.as_deref(), Some("broken"));
    assert_eq!(found.previous().map(|h| &*h.version), Some("1.0"));
    assert_eq!(
        names(&found, true),
        [
            "frob-2.0-cp311-cp311-manylinux2014_x86_64.whl",
            "frob-2.0.tar.gz"
        ]
    );
    assert_eq!(names(&found, false), ["frob-2.0-cp311-cp311-win_amd64.whl"]);
    assert_eq!(found.artifacts[2].kind, ArtifactKind::Sdist);
    assert_eq!(found.artifacts[0].provenance, Some(true));
    assert_eq!(found.history[1].provenance, Some(false));
    assert_eq!(
        found.history[1].publisher.as_deref(),
        Some("GitHub o/frob release.yml")
    );
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    // Upload times stand on the page, so the project's own (large) answer is not asked for.
    assert_eq!(
        server.paths(),
        [
            "/simple/frob/",
            "/pypi/frob/2.0/json",
            "/files/frob/frob-2.0-cp311-cp311-manylinux2014_x86_64.whl.metadata",
            "/provenance/frob/frob-2.0-cp311-cp311-manylinux2014_x86_64.whl"
        ]
    );
}

#[tokio::test]
async fn a_trimmed_index_works_and_the_rest_is_skipped_with_a_reason() {
    let server = FakePypi::new()
        .project(frob())
        .pages(Pages::Html)
        .json_api(JsonApi::Project)
        .manners(Manners::default().fault(".metadata", u32::MAX, gone()))
        .start()
        .await;
    let registry = registry(&server);
    let newest = registry.lookup(&name("frob"), None).await.expect("found");
    assert_eq!(&*newest.id.version, "2.0");
    assert_eq!(
        newest.published().map(|t| t.to_string()).as_deref(),
        Some("2021-01-01T00:00:00Z")
    );
    assert_eq!(newest.authors.known().map(Vec::len), Some(1));
    assert_eq!(newest.artifacts[0].size, Some(5));
    assert_eq!(newest.artifacts[0].provenance, None);

    let older = registry
        .lookup(&name("frob"), Some("1.0"))
        .await
        .expect("found");
    assert_eq!(&*older.id.version, "1.0");
    assert!(older.published().is_some(), "history covers every release");
    let reason = older.authors.skipped().expect("not of this release");
    assert_eq!(reason.kind, SkipKind::Unsupported);
    assert!(
        reason
            .detail
            .contains("only the newest release (2.0), not 1.0"),
        "{reason}"
    );
    assert!(older.advisories.skipped().is_some());
}

fn gone() -> FaultKind {
    FaultKind::Answer(Answer::status(404, ""))
}

#[tokio::test]
async fn without_a_json_api_the_core_metadata_describes() {
    let server = FakePypi::new().project(frob()).start().await;
    let found = registry(&server)
        .lookup(&name("frob"), Some("2.0.0"))
        .await
        .expect("found");
    assert_eq!(&*found.id.version, "2.0", "as the index spells it");
    assert_eq!(found.summary.as_deref(), Some("frobs"));
    assert_eq!(&*found.display_name, "Frob");
    assert_eq!(found.dependencies.known().map(Vec::len), Some(1));
    let reason = found.advisories.skipped().expect("nobody tells");
    assert_eq!(reason.kind, SkipKind::Unsupported);
}

#[tokio::test]
async fn core_metadata_with_a_wrong_digest_is_not_believed() {
    let manners = Manners::default().fault(".metadata", u32::MAX, FaultKind::Corrupt);
    let server = FakePypi::new()
        .project(frob())
        .manners(manners)
        .start()
        .await;
    let found = registry(&server)
        .lookup(&name("frob"), None)
        .await
        .expect("found");
    assert!(found.dependencies.skipped().is_some());
    assert!(
        found.problems[0].contains("another digest"),
        "{:?}",
        found.problems
    );
}

#[tokio::test]
async fn the_version_chosen_is_the_one_pip_would_choose() {
    let file = |filename: &str| FakeFile::new(filename, b"x");
    for (files, expected) in [
        (
            vec![
                file("a-1.0.tar.gz"),
                file("a-1.10.tar.gz"),
                file("a-1.9.tar.gz"),
            ],
            "1.10",
        ),
        (vec![file("a-1.0.tar.gz"), file("a-2.0a1.tar.gz")], "1.0"),
        (
            vec![file("a-1.0a1.tar.gz"), file("a-1.0.dev1.tar.gz")],
            "1.0a1",
        ),
        (
            vec![file("a-1.0.tar.gz"), file("a-2.0.tar.gz").yanked("")],
            "1.0",
        ),
        (vec![file("a-1.0.tar.gz").yanked("x")], "1.0"),
        (
            vec![
                file("a-1.0.tar.gz"),
                file("a-2.0.tar.gz").requires_python(">=3.12"),
            ],
            "1.0",
        ),
        (
            vec![
                file("a-1.0.tar.gz"),
                file("a-2.0-cp311-cp311-win_amd64.whl"),
            ],
            "1.0",
        ),
        (vec![file("a-2.0-cp311-cp311-win_amd64.whl")], "2.0"),
    ] {
        let shown = format!("{files:?}");
        let project = files
            .into_iter()
            .fold(FakeProject::new("a"), FakeProject::file);
        let server = FakePypi::new().project(project).start().await;
        let found = registry(&server).lookup(&name("a"), None).await;
        assert_eq!(
            found.ok().map(|f| f.id.version.to_string()).as_deref(),
            Some(expected),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn what_is_missing_is_said_precisely() {
    let server = FakePypi::new().project(frob()).start().await;
    let registry = registry(&server);
    let error = registry
        .lookup(&name("nope"), None)
        .await
        .expect_err("none");
    assert!(matches!(&error, RegistryError::NotFound { .. }));
    assert!(
        error.to_string().contains("PyPI has no package `nope`"),
        "{error}"
    );
    let error = registry
        .lookup(&name("frob"), Some("2.0.5"))
        .await
        .expect_err("no such version");
    assert!(
        error
            .to_string()
            .contains("`frob` has no version 2.0.5; it has 2.0"),
        "{error}"
    );
}

#[tokio::test]
async fn status_and_quarantine_reach_the_user() {
    let server = FakePypi::new()
        .project(
            FakeProject::new("old")
                .file(FakeFile::new("old-1.0.tar.gz", b"x"))
                .status("archived", "moved on"),
        )
        .project(FakeProject::new("bad").status("quarantined", "malware"))
        .start()
        .await;
    let registry = registry(&server);
    let old = registry.lookup(&name("old"), None).await.expect("found");
    assert_eq!(old.status, ProjectStatus::Archived);
    assert_eq!(old.status_reason.as_deref(), Some("moved on"));
    let bad = registry.lookup(&name("bad"), None).await.expect("known");
    assert_eq!(bad.status, ProjectStatus::Quarantined);
    assert_eq!(bad.status_reason.as_deref(), Some("malware"));
    assert!(bad.artifacts.is_empty());
}

#[tokio::test]
async fn credentials_of_the_url_go_to_pages_and_files_of_that_index_only() {
    let other = FakePypi::new().project(frob()).start().await;
    let server = FakePypi::new()
        .project(frob())
        .manners(Manners::default().basic("me", "s3cret"))
        .start()
        .await;
    let (host, secret) = (server.url().replace("http://", ""), "me:s3cret");
    let with = format!("http://{secret}@{host}/simple");
    let plain = format!("{}/simple", other.url());
    let registry = registry_with(
        HttpClient::new(options()),
        &[&with, &plain],
        IndexStrategy::AllIndexes,
    );
    let found = registry.lookup(&name("frob"), None).await.expect("found");
    let got = registry
        .download(&found.artifacts[0], 1_000)
        .await
        .expect("downloaded");
    assert_eq!(got.bytes, b"wheel");
    assert!(!format!("{registry:?}").contains("s3cret"));
    assert!(
        other
            .log()
            .iter()
            .all(|a| a.header("authorization").is_empty())
    );
}

#[tokio::test]
async fn a_refusal_names_the_places_for_credentials() {
    let server = FakePypi::new()
        .project(frob())
        .manners(Manners::default().basic("me", "right"))
        .start()
        .await;
    let error = registry(&server)
        .lookup(&name("frob"), None)
        .await
        .expect_err("refused");
    let text = error.to_string();
    assert!(text.contains("answered 401"), "{text}");
    assert!(
        text.contains("credentials are read from netrc, the index URL"),
        "{text}"
    );
    let url = format!("{}/simple", server.url()).replace("http://", "http://me:wrong@");
    let registry = registry_with(
        HttpClient::new(options()),
        &[&url],
        IndexStrategy::FirstIndex,
    );
    let text = registry
        .lookup(&name("frob"), None)
        .await
        .expect_err("refused")
        .to_string();
    assert!(
        text.contains("were refused") && !text.contains("wrong@"),
        "{text}"
    );
}

#[tokio::test]
async fn several_indexes_are_pooled_as_pip_does_or_the_first_wins_as_with_uv() {
    let internal = FakePypi::new()
        .project(FakeProject::new("corp").file(FakeFile::new("corp-1.0.tar.gz", b"ours")))
        .start()
        .await;
    let public = FakePypi::new()
        .project(FakeProject::new("corp").file(FakeFile::new("corp-99.0.tar.gz", b"theirs")))
        .start()
        .await;
    let urls = [
        format!("{}/simple", internal.url()),
        format!("{}/simple", public.url()),
    ];
    let urls = [urls[0].as_str(), urls[1].as_str()];
    for (strategy, expected) in [
        (IndexStrategy::FirstIndex, "1.0"),
        (IndexStrategy::AllIndexes, "99.0"),
    ] {
        let registry = registry_with(HttpClient::new(options()), &urls, strategy);
        let found = registry.lookup(&name("corp"), None).await.expect("found");
        assert_eq!(&*found.id.version, expected, "{strategy:?}");
    }
}

#[tokio::test]
async fn an_index_that_fails_is_an_error_not_an_absence() {
    let broken = FakePypi::new()
        .manners(Manners::default().fault(
            "/simple/",
            u32::MAX,
            FaultKind::Answer(Answer::status(500, "oops")),
        ))
        .start()
        .await;
    let fine = FakePypi::new().project(frob()).start().await;
    let urls = [
        format!("{}/simple", fine.url()),
        format!("{}/simple", broken.url()),
    ];
    let http = HttpClient::new(HttpOptions {
        retries: 1,
        ..options()
    });
    let registry = registry_with(http, &[&urls[0], &urls[1]], IndexStrategy::AllIndexes);
    let error = registry
        .lookup(&name("frob"), None)
        .await
        .expect_err("broken");
    assert!(matches!(
        error,
        RegistryError::Http(HttpError::Status { status: 500, .. })
    ));
}

#[tokio::test]
async fn downloads_are_compared_with_the_index() {
    let file = |name: &str| FakeFile::new(name, b"content");
    let project = FakeProject::new("a")
        .file(file("a-1.0.tar.gz"))
        .file(file("a-1.0.zip").sha256(&"0".repeat(64)))
        .file(file("a-1.0-py3-none-any.whl").sha256(""));
    let server = FakePypi::new().project(project).start().await;
    let registry = registry(&server);
    let found = registry.lookup(&name("a"), None).await.expect("found");
    for artifact in &found.artifacts {
        let got = registry
            .download(artifact, 1_000)
            .await
            .expect("downloaded");
        let expected = match artifact.filename.rsplit('.').next() {
            Some("gz") => IndexDigest::Match,
            Some("zip") => IndexDigest::Mismatch,
            _ => IndexDigest::Absent,
        };
        assert_eq!(got.index_digest, expected, "{}", artifact.filename);
    }
    let error = registry
        .download(&found.artifacts[0], 3)
        .await
        .expect_err("too large");
    assert!(matches!(
        error,
        RegistryError::Http(HttpError::TooLarge { limit: 3, .. })
    ));
}

#[tokio::test]
async fn a_page_of_a_later_major_version_is_refused() {
    let page = r#"{"meta": {"api-version": "2.0"}, "name": "a", "files": []}"#;
    let server = FakePypi::new()
        .manners(Manners::default().fault(
            "/simple/",
            u32::MAX,
            FaultKind::Answer(Answer::ok("application/vnd.pypi.simple.v1+json", page)),
        ))
        .start()
        .await;
    let error = registry(&server)
        .lookup(&name("a"), None)
        .await
        .expect_err("refused");
    assert!(error.to_string().contains("version 2.0"), "{error}");
}

#[tokio::test]
async fn a_second_look_up_and_an_offline_one_use_the_cache() {
    let dir = tempfile::tempdir().expect("a folder");
    let server = FakePypi::new()
        .project(frob())
        .json_api(JsonApi::Full)
        .cache_control("max-age=600")
        .start()
        .await;
    let url = format!("{}/simple", server.url());
    let make = |offline| {
        let http = HttpClient::new(HttpOptions {
            cache_dir: Some(dir.path().into()),
            offline,
            ..options()
        });
        registry_with(http, &[&url], IndexStrategy::FirstIndex)
    };
    let first = make(false)
        .lookup(&name("frob"), None)
        .await
        .expect("found");
    make(false)
        .download(&first.artifacts[0], 1_000)
        .await
        .expect("downloaded");
    let asked = server.paths().len();
    drop(server);
    for offline in [false, true] {
        let again = make(offline)
            .lookup(&name("frob"), None)
            .await
            .expect("cached");
        assert_eq!(again.history, first.history);
        let got = make(offline)
            .download(&again.artifacts[0], 1_000)
            .await
            .expect("cached");
        assert!(got.from_cache);
        assert_eq!(got.index_digest, IndexDigest::Match);
    }
    assert_eq!(asked, 5);
    let error = make(true)
        .lookup(&name("new"), None)
        .await
        .expect_err("offline");
    assert_eq!(error.skip_reason().kind, SkipKind::Offline);
}
