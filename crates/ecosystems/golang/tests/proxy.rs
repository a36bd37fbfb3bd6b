//! The client against a module proxy on the loopback interface, and the real go against the same proxy.
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::path::Path;
use std::time::Duration;

use foretaste_fake_registries::FakeFiles;
use foretaste_golang::{GoConfig, GoRegistry};
use foretaste_io::{Environment, HttpClient, HttpOptions, Program};
use foretaste_model::{Ecosystem, PackageName};
use foretaste_registry::{Registry as _, RegistryError};

const MODULE: &str = "code.example/Acme/pad";

/// An empty zip archive: its end record.
const EMPTY_ZIP: [u8; 22] = *b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

fn proxy() -> FakeFiles {
    let base = "/code.example/!acme/pad";
    let mut files = FakeFiles::new()
        .file(&format!("{base}/@v/list"), "v1.1.0\nv1.0.0\nv1.10.0\nv2.0.0-rc.1\nnonsense\n")
        .file(&format!("{base}/@v/main.info"), "{\"Version\":\"v1.10.1-0.20240102030405-0123456789ab\",\"Time\":\"2024-01-02T03:04:05Z\"}");
    for (version, day) in [
        ("v1.0.0", 1),
        ("v1.1.0", 2),
        ("v1.10.0", 3),
        ("v2.0.0-rc.1", 4),
    ] {
        let info = format!("{{\"Version\":\"{version}\",\"Time\":\"2023-01-0{day}T00:00:00Z\"}}");
        files = files
            .file(&format!("{base}/@v/{version}.info"), info)
            .file(
                &format!("{base}/@v/{version}.mod"),
                format!("module {MODULE}\n\ngo 1.19\n\nrequire code.example/base v1.0.0\n"),
            )
            .file(&format!("{base}/@v/{version}.zip"), EMPTY_ZIP.to_vec());
    }
    files
}

fn env(url: &str) -> Environment {
    Environment::below(Path::new("/nowhere")).with("GOPROXY", url)
}

async fn client(env: &Environment) -> GoRegistry {
    let http = HttpClient::new(HttpOptions {
        backoff: Duration::from_millis(1),
        ..HttpOptions::default()
    });
    GoRegistry::new(
        http,
        GoConfig::discover(env, None).await.expect("configured"),
    )
}

fn name(text: &str) -> PackageName {
    PackageName::new(Ecosystem::Go, text)
}

#[tokio::test]
async fn a_release_is_described_with_its_history_and_dependencies() {
    let server = proxy().start().await;
    let client = client(&env(&server.url())).await;
    let release = client.lookup(&name(MODULE), None).await.expect("found");
    assert_eq!(&*release.id.version, "v1.10.0");
    let versions: Vec<_> = release.history.iter().map(|h| &*h.version).collect();
    assert_eq!(versions, ["v1.0.0", "v1.1.0", "v1.10.0", "v2.0.0-rc.1"]);
    assert_eq!(
        release.published().expect("a time").to_string(),
        "2023-01-03T00:00:00Z"
    );
    assert_eq!(
        &*release.dependencies.known().expect("known")[0].name,
        "code.example/base"
    );
    let download = client
        .download(&release.artifacts[0], 1 << 20)
        .await
        .expect("served");
    assert_eq!(download.bytes, EMPTY_ZIP);
    let branch = client
        .lookup(&name(MODULE), Some("main"))
        .await
        .expect("found");
    assert_eq!(&*branch.id.version, "v1.10.1-0.20240102030405-0123456789ab");
}

#[tokio::test]
async fn unknown_modules_and_versions_are_named() {
    let server = proxy().start().await;
    let client = client(&env(&server.url())).await;
    let error = client
        .lookup(&name(MODULE), Some("v1.10.7"))
        .await
        .expect_err("no such version");
    assert!(error.to_string().contains("v1.10.0"), "{error}");
    let error = client
        .lookup(&name("code.example/none"), None)
        .await
        .expect_err("no such module");
    assert!(matches!(error, RegistryError::NotFound { .. }), "{error}");
}

#[tokio::test]
async fn a_private_module_is_never_asked_for() {
    let server = proxy().start().await;
    let env = env(&server.url()).with("GOPRIVATE", "code.example/Acme");
    let error = client(&env)
        .await
        .lookup(&name(MODULE), None)
        .await
        .expect_err("private");
    assert!(error.to_string().contains("GOPRIVATE"), "{error}");
    assert!(server.paths().is_empty());
}

#[tokio::test]
async fn the_real_go_reads_the_same_proxy() {
    let Some(go) = Environment::of_process().which("go") else {
        eprintln!("skipped: go is not installed");
        return;
    };
    let server = proxy().start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().to_str().expect("a path");
    let output = Program::new(go)
        .args(["list", "-m", "-versions", MODULE])
        .dir(folder.path())
        .env("GOPROXY", &server.url())
        .env("GONOSUMDB", "*")
        .env("GOFLAGS", "-modcacherw")
        .env("GOPATH", at)
        .env("GOCACHE", at)
        .env("HOME", at)
        .timeout(Duration::from_mins(1))
        .run()
        .await
        .expect("it runs");
    assert!(
        output.stdout.contains("v1.0.0 v1.1.0 v1.10.0"),
        "{output:?}"
    );
}
