//! The client against a gem server on the loopback interface.

use std::path::Path;

use foretaste_fake_registries::{FakeFiles, Manners};
use foretaste_io::{Environment, HttpClient, HttpOptions};
use foretaste_model::report::IndexDigest;
use foretaste_model::{Ecosystem, PackageName};
use foretaste_registry::Registry as _;
use foretaste_rubygems::{GemRegistry, config};

/// SHA-256 of `abc`.
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn gems() -> FakeFiles {
    FakeFiles::new()
        .file(
            "/info/pad",
            format!("---\n1.9.0 rake:~> 13.0|checksum:{ABC}\n1.10.0 json:>= 2&< 3|checksum:{ABC},ruby:>= 2.7\n1.10.0-java |checksum:{ABC}\n2.0.0.rc1 |checksum:{ABC}\n"),
        )
        .file("/gems/pad-1.10.0.gem", "abc")
        .file("/gems/pad-1.9.0.gem", "tampered")
        .file(
            "/api/v1/versions/pad.json",
            r#"[{"number":"1.10.0","created_at":"2024-02-01T00:00:00.000Z","summary":"pads","authors":"A, B","licenses":["MIT"]},{"number":"1.9.0","created_at":"2024-01-01T00:00:00.000Z"}]"#,
        )
}

#[tokio::test]
async fn a_gem_is_described_downloaded_and_checked() {
    let server = gems()
        .manners(Manners::default().basic("me", "secret"))
        .start()
        .await;
    let env = Environment::below(Path::new("/nowhere"))
        .with("RUBYGEMS_HOST", &server.url())
        .with("BUNDLE_127__0__0__1", "me:secret");
    let sources = config::discover(&env, None).await.expect("configured");
    let client = GemRegistry::new(HttpClient::new(HttpOptions::default()), sources);
    let name = PackageName::new(Ecosystem::RubyGems, "pad");
    let release = client.lookup(&name, None).await.expect("found");
    assert_eq!(release.id.purl(), "pkg:gem/pad@1.10.0");
    assert_eq!(
        &*release.dependencies.known().expect("known")[0].requirement,
        ">= 2, < 3"
    );
    assert_eq!(
        release.published().expect("a time").to_string(),
        "2024-02-01T00:00:00Z"
    );
    let shown: Vec<_> = release
        .artifacts
        .iter()
        .map(|a| (&*a.filename, a.compatible))
        .collect();
    assert_eq!(
        shown,
        [("pad-1.10.0.gem", true), ("pad-1.10.0-java.gem", false)]
    );
    let good = client
        .download(&release.artifacts[0], 1 << 20)
        .await
        .expect("served");
    assert_eq!(good.index_digest, IndexDigest::Match);
    let old = client.lookup(&name, Some("1.9")).await.expect("found");
    let bad = client
        .download(&old.artifacts[0], 1 << 20)
        .await
        .expect("served");
    assert_eq!(bad.index_digest, IndexDigest::Mismatch);
    let error = client
        .lookup(&name, Some("3.0"))
        .await
        .expect_err("no such version");
    assert!(error.to_string().contains("2.0.0.rc1"), "{error}");
}

#[tokio::test]
async fn sources_come_from_the_gemfile_and_bundlers_mirrors() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        foretaste_io::files::write(&folder.path().join(path), text.as_bytes()).expect("written");
    };
    write("work/Gemfile", "source 'https://gems.example'\ngem 'pad'\n");
    write(
        ".bundle/config",
        "---\nBUNDLE_MIRROR__HTTPS://GEMS__EXAMPLE/: \"https://mirror.example/\"\n",
    );
    let env = Environment::below(folder.path())
        .with_home(folder.path().to_str().expect("a path"))
        .with_working_dir(folder.path().join("work"));
    let sources = config::discover(&env, None).await.expect("configured");
    assert_eq!(
        sources.endpoints[0].url.to_string(),
        "https://mirror.example/"
    );
    let none = Environment::below(Path::new("/nowhere"));
    let error = config::discover(&none, None).await.expect_err("nothing");
    assert!(
        error.to_string().contains("indexes.rubygems.url"),
        "{error}"
    );
}
