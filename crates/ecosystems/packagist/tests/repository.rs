//! The client against a composer repository on the loopback interface, and the real composer against the same one.
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::path::Path;
use std::time::Duration;

use foretaste_fake_registries::FakeFiles;
use foretaste_io::{Environment, HttpClient, HttpOptions, Program};
use foretaste_model::report::IndexDigest;
use foretaste_model::{Ecosystem, PackageName};
use foretaste_packagist::{ComposerRegistry, config};
use foretaste_registry::Registry as _;

/// SHA-1 of `abc`.
const ABC: &str = "a9993e364706816aba3e25717850c26c9cd0d89d";

fn repository() -> FakeFiles {
    let dist = |v: &str| {
        format!(
            r#""dist":{{"type":"zip","url":"{{base}}/dist/{v}.zip","shasum":"{ABC}","reference":"{v}"}}"#
        )
    };
    FakeFiles::new()
        .file("/packages.json", r#"{"packages":[],"metadata-url":"/p2/%package%.json","available-packages":["acme/pad"]}"#)
        .file(
            "/p2/acme/pad.json",
            format!(
                r#"{{"minified":"composer/2.0","packages":{{"acme/pad":[{{"name":"acme/pad","description":"pads","version":"v1.10.0","version_normalized":"1.10.0.0","license":["MIT"],"require":{{"php":">=8","acme/base":"^2"}},"time":"2024-02-01T00:00:00+00:00",{}}},{{"version":"v1.9.0","version_normalized":"1.9.0.0","time":"2024-01-01T00:00:00+00:00","require":"__unset",{}}},{{"version":"2.0.0-RC1","version_normalized":"2.0.0.0-RC1",{}}}]}}}}"#,
                dist("1.10.0"), dist("1.9.0"), dist("2.0.0")
            ),
        )
        .file("/p2/acme/pad~dev.json", format!(r#"{{"packages":{{"acme/pad":[{{"name":"acme/pad","version":"dev-main","version_normalized":"dev-main",{}}}]}}}}"#, dist("dev")))
        .file("/dist/1.10.0.zip", "abc")
}

#[tokio::test]
async fn a_package_is_described_downloaded_and_checked() {
    let server = repository().start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!(
        r#"{{"repositories":[{{"type":"composer","url":"{}"}},{{"packagist":false}}]}}"#,
        server.url()
    );
    foretaste_io::files::write(&folder.path().join("composer.json"), text.as_bytes())
        .expect("written");
    let env = Environment::below(Path::new("/nowhere")).with_working_dir(folder.path());
    let sources = config::discover(&env, None).await.expect("configured");
    let client = ComposerRegistry::new(HttpClient::new(HttpOptions::default()), sources);
    let name = PackageName::new(Ecosystem::Packagist, "Acme/Pad");
    let release = client.lookup(&name, None).await.expect("found");
    assert_eq!(release.id.purl(), "pkg:composer/acme/pad@v1.10.0");
    assert_eq!(
        &*release.dependencies.known().expect("known")[0].name,
        "acme/base"
    );
    let download = client
        .download(&release.artifacts[0], 1 << 20)
        .await
        .expect("served");
    assert_eq!(download.index_digest, IndexDigest::Match);
    let old = client.lookup(&name, Some("1.9.0")).await.expect("found");
    assert_eq!(old.summary.as_deref(), Some("pads"));
    assert!(old.dependencies.known().expect("known").is_empty());
    let branch = client.lookup(&name, Some("dev-main")).await.expect("found");
    assert_eq!(&*branch.id.version, "dev-main");
}

#[tokio::test]
async fn the_real_composer_reads_the_same_repository() {
    let Some(composer) = Environment::of_process().which("composer") else {
        eprintln!("skipped: composer is not installed");
        return;
    };
    let server = repository().start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!(
        r#"{{"repositories":[{{"type":"composer","url":"{}"}},{{"packagist":false}}],"config":{{"secure-http":false}}}}"#,
        server.url()
    );
    foretaste_io::files::write(&folder.path().join("composer.json"), text.as_bytes())
        .expect("written");
    let output = Program::new(composer)
        .args([
            "show",
            "--all",
            "--no-interaction",
            "--no-plugins",
            "acme/pad",
        ])
        .dir(folder.path())
        .env("COMPOSER_HOME", folder.path().to_str().expect("a path"))
        .env("COMPOSER_ALLOW_SUPERUSER", "1")
        .timeout(Duration::from_mins(1))
        .run()
        .await
        .expect("it runs");
    let versions = "versions : 2.0.0-RC1, v1.10.0, v1.9.0, dev-main";
    assert!(output.stdout.contains(versions), "{output:?}");
}
