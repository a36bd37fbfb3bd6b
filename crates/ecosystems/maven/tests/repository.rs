//! The client against a Maven repository on the loopback interface.

use foretaste_fake_registries::{FakeFiles, Manners};
use foretaste_io::{Environment, HttpClient, HttpOptions};
use foretaste_maven::{MavenRegistry, config};
use foretaste_model::report::IndexDigest;
use foretaste_model::{Ecosystem, PackageName};
use foretaste_registry::Registry as _;

#[tokio::test]
async fn an_artifact_is_described_downloaded_and_checked() {
    let versions = "<metadata><versioning><versions><version>1.10</version><version>1.9</version><version>2.0-M1</version><version>2.0-SNAPSHOT</version></versions></versioning></metadata>";
    let pom = "<project><groupId>org.acme</groupId><artifactId>pad</artifactId><name>Pad</name><dependencies><dependency><groupId>org.acme</groupId><artifactId>base</artifactId><version>1</version></dependency></dependencies></project>";
    let server = FakeFiles::new()
        .manners(Manners::default().basic("me", "secret"))
        .file("/m2/org/acme/pad/maven-metadata.xml", versions)
        .file("/m2/org/acme/pad/1.10/pad-1.10.pom", pom)
        .file("/m2/org/acme/pad/1.10/pad-1.10.jar", "abc")
        .file("/m2/org/acme/pad/1.10/pad-1.10.jar.sha1", "a9993e364706816aba3e25717850c26c9cd0d89d  pad-1.10.jar\n")
        .file("/m2/org/acme/pad/2.0-SNAPSHOT/maven-metadata.xml", "<metadata><versioning><snapshot><timestamp>20240102.030405</timestamp><buildNumber>7</buildNumber></snapshot></versioning></metadata>")
        .start()
        .await;
    let folder = tempfile::tempdir().expect("a folder");
    let settings = format!(
        "<settings><mirrors><mirror><id>acme</id><mirrorOf>*</mirrorOf><url>{}/m2</url></mirror></mirrors><servers><server><id>acme</id><username>me</username><password>${{env.REPO_TOKEN}}</password></server></servers></settings>",
        server.url()
    );
    foretaste_io::files::write(&folder.path().join(".m2/settings.xml"), settings.as_bytes())
        .expect("written");
    let env = Environment::below(folder.path())
        .with_home(folder.path().to_str().expect("a path"))
        .with("REPO_TOKEN", "secret");
    let sources = config::discover(&env, None).expect("configured");
    let client = MavenRegistry::new(HttpClient::new(HttpOptions::default()), sources);
    let name = PackageName::new(Ecosystem::Maven, "org.acme:pad");
    let release = client.lookup(&name, None).await.expect("found");
    assert_eq!(release.id.purl(), "pkg:maven/org.acme/pad@1.10");
    assert_eq!(
        &*release.dependencies.known().expect("known")[0].name,
        "org.acme:base"
    );
    let download = client
        .download(&release.artifacts[0], 1 << 20)
        .await
        .expect("served");
    assert_eq!(download.index_digest, IndexDigest::Match);
    let snapshot = client
        .lookup(&name, Some("2.0-SNAPSHOT"))
        .await
        .expect("found");
    assert_eq!(
        &*snapshot.artifacts[0].filename,
        "pad-2.0-20240102.030405-7.jar"
    );
    let error = client
        .lookup(&name, Some("1.11"))
        .await
        .expect_err("no such version");
    assert!(error.to_string().contains("1.10"), "{error}");
}
