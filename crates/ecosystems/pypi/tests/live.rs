//! Against the indexes that this machine is configured with; run by hand: `cargo test -p foretaste-pypi --test live --
//! --ignored --nocapture`.

use std::time::Instant;

use foretaste_io::{Environment, HttpClient, HttpOptions};
use foretaste_model::report::IndexDigest;
use foretaste_model::{Ecosystem, PackageName};
use foretaste_pypi::{PypiRegistry, Settings, ca_bundles};
use foretaste_registry::Registry as _;

#[tokio::test]
#[ignore = "needs the network"]
async fn well_known_packages_are_found_and_their_files_match() {
    let env = Environment::of_process();
    let mut options = HttpOptions::from_environment(&env);
    options
        .ca_bundles
        .extend(ca_bundles(&env).expect("pip's configuration"));
    let registry = PypiRegistry::of_machine(HttpClient::new(options), &env, &Settings::default())
        .await
        .expect("an index");
    println!("from: {}", registry.endpoints()[0].origin);
    println!("platform: {:?}", registry.platform());
    for (name, version) in [
        ("requests", None),
        ("Flask", Some("3.0.3")),
        ("django", Some("5.2")),
        ("numpy", None),
    ] {
        let start = Instant::now();
        let name = PackageName::new(Ecosystem::Pypi, name);
        let found = registry.lookup(&name, version).await.expect("found");
        println!(
            "{} in {:?}: {} files, {} compatible, {} releases, published {:?}, readme {}, authors {}, \
             dependencies {}, advisories {}",
            found.id.purl(),
            start.elapsed(),
            found.artifacts.len(),
            found.artifacts.iter().filter(|a| a.compatible).count(),
            found.history.len(),
            found.published(),
            found
                .readme
                .skipped()
                .map_or("known".into(), ToString::to_string),
            found
                .authors
                .skipped()
                .map_or("known".into(), ToString::to_string),
            found
                .dependencies
                .skipped()
                .map_or("known".into(), ToString::to_string),
            found
                .advisories
                .skipped()
                .map_or("known".into(), ToString::to_string),
        );
        for problem in &found.problems {
            println!("  odd: {problem}");
        }
        for artifact in found.artifacts.iter().filter(|a| a.compatible) {
            let start = Instant::now();
            let got = registry
                .download(artifact, 64 << 20)
                .await
                .expect("downloaded");
            println!(
                "  {} {} bytes in {:?}, cached {}",
                artifact.filename,
                got.bytes.len(),
                start.elapsed(),
                got.from_cache
            );
            assert_eq!(got.index_digest, IndexDigest::Match);
        }
    }
}
