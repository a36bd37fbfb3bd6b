//! The cargo client against a registry on the loopback interface.

use std::path::Path;
use std::time::Duration;

use foretaste_cargo::{CargoConfig, CargoRegistry, CargoSettings};
use foretaste_fake_registries::{FakeCargo, FakeServer, Manners};
use foretaste_io::{Environment, HttpClient, HttpOptions};
use foretaste_model::manifest::{DependencyKind, DependencySource};
use foretaste_model::metadata::ReleaseMetadata;
use foretaste_model::report::IndexDigest;
use foretaste_model::{Ecosystem, PackageName, SkipKind};
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

/// A client for the registry `corp` of cargo's environment, with a token if given.
fn client(server: &FakeServer, token: Option<&str>, http: HttpClient) -> CargoRegistry {
    let index = format!("sparse+{}/index/", server.url());
    let mut env =
        Environment::below(Path::new("/nowhere")).with("CARGO_REGISTRIES_CORP_INDEX", &index);
    if let Some(token) = token {
        env = env.with("CARGO_REGISTRIES_CORP_TOKEN", token);
    }
    let settings = CargoSettings {
        configured: Some("corp".into()),
        ..CargoSettings::default()
    };
    let config = CargoConfig::discover(&env, &settings).expect("configured");
    CargoRegistry::new(http, config)
}

fn name(text: &str) -> PackageName {
    PackageName::new(Ecosystem::Cargo, text)
}

async fn lookup(
    server: &FakeServer,
    package: &str,
    version: Option<&str>,
) -> Result<ReleaseMetadata, RegistryError> {
    let client = client(server, None, http(None));
    client.lookup(&name(package), version).await
}

fn pad() -> FakeCargo {
    let deps = json!([
        {"name": "dep", "req": "^1", "optional": false, "kind": "normal"},
        {"name": "alias", "package": "real", "req": "2", "optional": true, "kind": "normal", "target": "cfg(unix)"},
        {"name": "b", "req": "3", "kind": "build", "registry": "https://other.example/index"},
    ]);
    FakeCargo::new()
        .version(
            "pad-core",
            "1.0.0",
            &json!({"pubtime": "2020-01-01T00:00:00Z"}),
            &[],
        )
        .version(
            "pad-core",
            "1.2.0",
            &json!({"deps": deps, "pubtime": "2021-01-01T00:00:00Z"}),
            &[("Cargo.toml", "[package]\nname = \"pad-core\"\n")],
        )
        .version(
            "pad-core",
            "1.3.0",
            &json!({"yanked": true, "pubtime": "2022-01-01T00:00:00Z"}),
            &[],
        )
        .version(
            "pad-core",
            "2.0.0-rc.1",
            &json!({"pubtime": "2023-01-01T00:00:00Z"}),
            &[],
        )
}

#[tokio::test]
async fn the_index_alone_describes_a_release() {
    let server = pad().start().await;
    let release = lookup(&server, "pad-core", None).await.expect("found");
    assert_eq!(release.id.purl(), "pkg:cargo/pad-core@1.2.0");
    assert_eq!(
        release.published().map(|t| t.to_string()).as_deref(),
        Some("2021-01-01T00:00:00Z")
    );
    let dependencies = release.dependencies.known().expect("known");
    let lines: Vec<_> = dependencies
        .iter()
        .map(|d| format!("{} {} {:?} {}", d.name, d.requirement, d.kind, d.condition))
        .collect();
    assert_eq!(
        lines,
        ["dep ^1 Run ", "real 2 Optional cfg(unix)", "b 3 Build "]
    );
    assert_eq!(
        dependencies[2].source,
        DependencySource::OtherRegistry("https://other.example/index".into())
    );
    assert_eq!(dependencies[2].kind, DependencyKind::Build);
    assert!(release.history[2].yanked.is_some());
    let reason = release.maintainers.skipped().expect("there is no web API");
    assert_eq!(reason.kind, SkipKind::Unsupported);
}

#[tokio::test]
async fn a_crate_is_downloaded_and_checked() {
    let server = pad()
        .dl("{base}/dl/{crate}/{version}/{lowerprefix}/{sha256-checksum}")
        .start()
        .await;
    let client = client(&server, None, http(None));
    let release = client
        .lookup(&name("pad_core"), Some("1"))
        .await
        .expect("found");
    assert_eq!(&*release.display_name, "pad-core");
    let [artifact] = release.artifacts.as_slice() else {
        panic!("cargo has one file for each version");
    };
    assert_eq!(&*artifact.filename, "pad-core-1.2.0.crate");
    let download = client.download(artifact, 1 << 20).await.expect("served");
    assert_eq!(download.index_digest, IndexDigest::Match);
    assert!(
        server
            .paths()
            .iter()
            .any(|p| p.starts_with("/dl/pad-core/1.2.0/pa/d-/"))
    );

    let server = pad().bytes("pad-core", "1.2.0", b"other").start().await;
    let client = self::client(&server, None, http(None));
    let release = client.lookup(&name("pad-core"), None).await.expect("found");
    let download = client.download(&release.artifacts[0], 1 << 20).await;
    assert_eq!(
        download.expect("served").index_digest,
        IndexDigest::Mismatch
    );
}

#[tokio::test]
async fn the_token_is_sent_only_to_a_registry_that_asks_for_it() {
    let open = pad().api("x", &json!({})).start().await;
    client(&open, Some("t0k"), http(None))
        .lookup(&name("pad-core"), None)
        .await
        .expect("found");
    assert!(
        open.log()
            .iter()
            .all(|ask| ask.header("authorization").is_empty())
    );

    let strict = || Manners {
        authorization: Some("t0k".into()),
        ..Manners::default()
    };
    let closed = pad().auth_required().manners(strict()).start().await;
    let with_token = client(&closed, Some("t0k"), http(None));
    let release = with_token
        .lookup(&name("pad-core"), None)
        .await
        .expect("found");
    let download = with_token.download(&release.artifacts[0], 1 << 20).await;
    assert_eq!(download.expect("served").index_digest, IndexDigest::Match);

    let error = lookup(&closed, "pad-core", None)
        .await
        .expect_err("401")
        .to_string();
    assert!(error.contains("CARGO_REGISTRIES_CORP_TOKEN"), "{error}");
}

#[tokio::test]
async fn credentials_in_the_index_url_stay_with_its_host() {
    let files = pad().start().await;
    let template = format!("{}/dl", files.url());
    let index = pad().dl(&template).start().await;
    let with_user = index.url().replace("http://", "http://me:secret@");
    let settings = CargoSettings {
        flag: Some(format!("{with_user}/index/")),
        ..CargoSettings::default()
    };
    let env = Environment::below(Path::new("/nowhere"));
    let config = CargoConfig::discover(&env, &settings).expect("configured");
    let client = CargoRegistry::new(http(None), config);
    let release = client.lookup(&name("pad-core"), None).await.expect("found");
    client
        .download(&release.artifacts[0], 1 << 20)
        .await
        .expect("served");
    let sent = |server: &FakeServer| {
        let mut log = server.log().into_iter();
        log.all(|ask| !ask.header("authorization").is_empty())
    };
    assert!(sent(&index));
    assert_eq!(files.log().len(), 1);
    assert!(!sent(&files));
}

#[tokio::test]
async fn every_way_to_say_not_found_is_understood() {
    let server = FakeCargo::new()
        .gone("a410", 410)
        .gone("a451", 451)
        .start()
        .await;
    for package in ["a404", "a410", "a451"] {
        let error = lookup(&server, package, None).await.expect_err(package);
        assert!(matches!(error, RegistryError::NotFound { .. }), "{error}");
    }
    let server = pad().start().await;
    let error = lookup(&server, "pad-core", Some("1.2.9"))
        .await
        .expect_err("no such version");
    assert!(error.to_string().contains("it has 1.2.0"), "{error}");
}

#[tokio::test]
async fn the_web_api_adds_people_texts_and_downloads() {
    let answer = json!({
        "crate": {"description": "Pads.", "homepage": null, "repository": "https://git.example/pad",
                  "documentation": "https://docs.example/pad", "downloads": 900, "recent_downloads": 50},
        "versions": [
            {"num": "1.2.0", "license": "MIT", "crate_size": 4_321, "published_by": {"login": "ann"}},
            {"num": "1.3.0", "yank_message": "broken", "published_by": null,
             "trustpub_data": {"provider": "github", "repository": "acme/pad"}},
        ],
    });
    let owners = json!({"users": [{"login": "ann", "name": "Ann"}, {"login": "github:acme:team"}]});
    let server = pad()
        .api("pad-core", &answer)
        .api("pad-core/owners", &owners)
        .start()
        .await;
    let release = lookup(&server, "pad-core", None).await.expect("found");
    assert_eq!(release.summary.as_deref(), Some("Pads."));
    assert_eq!(release.license.as_deref(), Some("MIT"));
    assert_eq!(release.artifacts[0].size, Some(4_321));
    assert_eq!(release.maintainers.known().map(Vec::len), Some(2));
    let downloads = release.downloads.known().expect("counted");
    assert_eq!((downloads.count, downloads.days), (50, 90));
    let history: Vec<_> = release
        .history
        .iter()
        .map(|h| (h.publisher.as_deref(), h.yanked.as_deref()))
        .collect();
    assert_eq!(history[1], (Some("ann"), None));
    assert_eq!(
        history[2],
        (Some("github acme/pad (trusted publisher)"), Some("broken"))
    );
}

#[tokio::test]
async fn lines_that_cannot_be_read_are_problems_of_the_release() {
    let server = pad().line("pad-core", "not json").start().await;
    let release = lookup(&server, "pad-core", None).await.expect("found");
    assert_eq!(release.problems.len(), 1);
    let server = FakeCargo::new().line("empty", "{}").start().await;
    let error = lookup(&server, "empty", None).await.expect_err("malformed");
    assert!(matches!(error, RegistryError::Malformed { .. }), "{error}");
}

#[tokio::test]
async fn an_unchanged_index_file_is_not_sent_twice_and_a_busy_one_is_asked_again() {
    let server = pad()
        .manners(Manners {
            busy: 2,
            ..Manners::default()
        })
        .start()
        .await;
    let cache = tempfile::tempdir().expect("a folder");
    for _ in 0..2 {
        let client = client(&server, None, http(Some(cache.path())));
        client.lookup(&name("pad-core"), None).await.expect("found");
    }
    let log = server.log();
    let asked: Vec<_> = log
        .iter()
        .filter(|a| a.path.ends_with("/pad-core"))
        .collect();
    assert_eq!(asked.len(), 2);
    assert!(!asked[1].header("if-none-match").is_empty());
}
