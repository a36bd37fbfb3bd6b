//! The client against a NuGet source on the loopback interface.

use std::path::Path;

use base64::Engine as _;
use foretaste_fake_registries::FakeFiles;
use foretaste_io::{Environment, HttpClient, HttpOptions};
use foretaste_model::report::IndexDigest;
use foretaste_model::{Ecosystem, PackageName};
use foretaste_nuget::{NuGetRegistry, config};
use foretaste_registry::{Registry as _, RegistryError};

#[tokio::test]
async fn a_package_is_described_downloaded_and_checked() {
    let hash = foretaste_io::digests::compute(foretaste_model::DigestAlgorithm::Sha512, b"nupkg");
    let hash = base64::engine::general_purpose::STANDARD.encode(hex::decode(hash).expect("hex"));
    let leaf = |version: &str, more: &str| {
        format!(
            r#"{{"catalogEntry":{{"@id":"{{base}}/catalog/{version}.json","id":"Acme.Pad","version":"{version}","published":"2024-01-0{}T00:00:00+00:00","authors":"A, B","dependencyGroups":[{{"targetFramework":"net8.0","dependencies":[{{"id":"Acme.Base","range":"[1.0, )"}}]}}]{more}}},"packageContent":"{{base}}/pkg/{version}.nupkg"}}"#,
            version.len()
        )
    };
    let server = FakeFiles::new()
        .file("/v3/index.json", r#"{"version":"3.0.0","resources":[{"@id":"{base}/plain/","@type":"RegistrationsBaseUrl"},{"@id":"{base}/reg","@type":"RegistrationsBaseUrl/3.6.0"}]}"#)
        .file("/reg/acme.pad/index.json", format!(r#"{{"items":[{{"items":[{}]}},{{"@id":"{{base}}/reg/acme.pad/page2.json"}}]}}"#, leaf("1.9.0", "")))
        .file("/reg/acme.pad/page2.json", format!(r#"{{"items":[{},{},{}]}}"#, leaf("1.10.0", r#","deprecation":{"message":"use other"}"#), leaf("1.11.0", r#","listed":false"#), leaf("2.0.0-rc.1", "")))
        .file("/catalog/1.10.0.json", format!(r#"{{"packageHash":"{hash}","packageHashAlgorithm":"SHA512"}}"#))
        .file("/pkg/1.10.0.nupkg", "nupkg")
        .start()
        .await;
    let env = Environment::below(Path::new("/nowhere"));
    let url = format!("{}/v3/index.json", server.url());
    let sources = config::discover(&env, Some(&url))
        .await
        .expect("configured");
    let client = NuGetRegistry::new(HttpClient::new(HttpOptions::default()), sources);
    let name = PackageName::new(Ecosystem::NuGet, "Acme.Pad");
    let release = client.lookup(&name, None).await.expect("found");
    assert_eq!(release.id.purl(), "pkg:nuget/acme.pad@1.10.0");
    assert_eq!(release.status_reason.as_deref(), Some("use other"));
    assert!(release.history[2].yanked.is_some());
    assert_eq!(
        &*release.dependencies.known().expect("known")[0].name,
        "Acme.Base"
    );
    let download = client
        .download(&release.artifacts[0], 1 << 20)
        .await
        .expect("served");
    assert_eq!(download.index_digest, IndexDigest::Match);
    let exact = client
        .lookup(&name, Some("1.11"))
        .await
        .expect("found, though unlisted");
    assert_eq!(&*exact.id.version, "1.11.0");
    let none = client
        .lookup(&PackageName::new(Ecosystem::NuGet, "none"), None)
        .await;
    assert!(matches!(none, Err(RegistryError::NotFound { .. })));
}
