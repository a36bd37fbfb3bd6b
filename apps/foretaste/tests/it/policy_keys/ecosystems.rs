//! `indexes.rubygems`, `indexes.composer`, `indexes.go`, `indexes.nuget` and `indexes.maven`.

use foretaste_fake_registries::FakeFiles;

use super::Proof;
use crate::support::{Home, serving};

pub(super) const PROOFS: &[Proof] = &[
    ("indexes.rubygems.url", || {
        asks("rubygems", "", "gem:pad", "/info/pad");
    }),
    ("indexes.composer.url", || {
        asks("composer", "", "composer:acme/pad", "/packages.json");
    }),
    ("indexes.go.url", || {
        asks(
            "go",
            "",
            "go:code.example/Acme/pad",
            "/code.example/!acme/pad/@v/list",
        );
    }),
    ("indexes.nuget.url", || {
        asks(
            "nuget",
            "/v3/index.json",
            "nuget:Acme.Pad",
            "/v3/index.json",
        );
    }),
    ("indexes.maven.url", || {
        asks(
            "maven",
            "/m2",
            "maven:org.acme:pad",
            "/m2/org/acme/pad/maven-metadata.xml",
        );
    }),
];

/// A look-up goes to the server that the key names, which has no such package; that is said, and never clear.
fn asks(table: &str, path: &str, target: &str, expected: &str) {
    serving(async || {
        let server = FakeFiles::new().start().await;
        let home = Home::new();
        let settings = format!("[indexes.{table}]\nurl = \"{}{path}\"\n", server.url());
        home.write("foretaste.toml", settings);
        let run = home.run(&["audit", target]);
        assert!(
            server.paths().iter().any(|p| p == expected),
            "{:?} {}",
            server.paths(),
            run.stderr
        );
        assert_eq!(run.code, 3, "{}{}", run.stdout, run.stderr);
    });
}
