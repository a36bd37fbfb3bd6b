//! # The registry and the artifact tell different stories
//!
//! ## What it finds
//! The registry's record and the manifest inside the artifact disagree about name, version, dependencies or install
//! scripts.
//!
//! ## Why it matters
//! npm publishes whatever manifest the publisher sends, next to whatever tarball (Clarke, 2023): tools that read the
//! registry miss dependencies and scripts that installing the tarball would bring.
//!
//! ## Example
//! The registry lists no `postinstall`; the tarball's `package.json` has one.
//!
//! ## What to do
//! Trust neither; read the artifact's manifest and ask the publisher.
//!
//! ## When it is wrong
//! Dependencies that PyPI's record takes from another artifact of the same release may differ by platform; dynamic
//! fields are left out.
use foretaste_engine::prelude::*;

use std::collections::BTreeSet;

use foretaste_model::manifest::{Dependency, DependencyKind, ManifestFacts};
use foretaste_model::metadata::ReleaseMetadata;
use foretaste_model::{Ecosystem, PackageName};

declare_rule! {
    ManifestConfusion,
    id: "manifest-confusion",
    title: "has a manifest that differs from the registry's record",
    group: Install,
    severity: High,
    confidence: Medium,
    needs: [Metadata, Code],
    tags: ["T1195.002", "AV-300"],
    since: "0.1.0",
}

impl ReleaseRule for ManifestConfusion {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(record) = scene.record() else {
            return Vec::new();
        };
        let mut findings = Vec::new();
        for (artifact, path, manifest) in scene.manifests() {
            if !decides(scene.ecosystem, path) {
                continue;
            }
            for difference in differences(record, manifest) {
                let finding = self
                    .finding(format!(
                        "the artifact and the registry disagree: {}",
                        difference.message
                    ))
                    .confidence(difference.confidence)
                    .evidence(Evidence::file(
                        &artifact.filename,
                        path,
                        difference.message.clone(),
                    ));
                findings.push(finding);
            }
        }
        findings
    }
}

struct Difference {
    message: String,
    confidence: Confidence,
}

/// The manifest that decides what an install does.
fn decides(ecosystem: Option<Ecosystem>, path: &str) -> bool {
    match ecosystem {
        Some(Ecosystem::Npm) => path == "package.json",
        Some(Ecosystem::Cargo) => path == "Cargo.toml",
        Some(Ecosystem::Pypi) => path == "PKG-INFO" || path.ends_with(".dist-info/METADATA"),
        _ => false,
    }
}

fn differences(record: &ReleaseMetadata, manifest: &ManifestFacts) -> Vec<Difference> {
    let mut out = Vec::new();
    let mut add = |message: String, confidence| {
        out.push(Difference {
            message,
            confidence,
        });
    };
    let ecosystem = record.id.ecosystem;
    if let Some(name) = manifest.name.as_deref()
        && PackageName::new(ecosystem, name).key() != record.id.name.key()
    {
        add(format!("the artifact's name is `{name}`"), Confidence::High);
    }
    if let Some(version) = manifest.version.as_deref()
        && !same_version(version, &record.id.version)
    {
        add(
            format!("the artifact's version is `{version}`"),
            Confidence::Medium,
        );
    }
    if let Some(scripts) = record.scripts.known() {
        for (name, command) in manifest
            .scripts
            .iter()
            .filter(|(n, _)| matches!(&**n, "preinstall" | "install" | "postinstall"))
        {
            if !scripts.iter().any(|(n, c)| n == name && c == command) {
                add(
                    format!("only the artifact has the script {name}: `{command}`"),
                    Confidence::High,
                );
            }
        }
    }
    if let Some(listed) = record.dependencies.known()
        && !manifest
            .dynamic
            .iter()
            .any(|d| d.eq_ignore_ascii_case("requires-dist"))
    {
        let run = |list: &[Dependency]| -> BTreeSet<String> {
            let needed = list.iter().filter(|d| d.kind == DependencyKind::Run);
            needed
                .map(|d| PackageName::new(ecosystem, &d.name).key())
                .collect()
        };
        let hidden: Vec<String> = run(&manifest.dependencies)
            .difference(&run(listed))
            .cloned()
            .collect();
        if !hidden.is_empty() {
            let confidence = if ecosystem == Ecosystem::Pypi {
                Confidence::Low
            } else {
                Confidence::Medium
            };
            add(
                format!("only the artifact depends on {}", hidden.join(", ")),
                confidence,
            );
        }
    }
    out
}

/// Equal, or equal after normalising what all ecosystems normalise: a leading `v`, build metadata, zero padding.
fn same_version(a: &str, b: &str) -> bool {
    let canonical = |v: &str| {
        let v = v.trim().trim_start_matches('v').to_ascii_lowercase();
        let v = v.split('+').next().unwrap_or("").replace(['-', '_'], ".");
        let parts: Vec<String> = v
            .split('.')
            .map(|p| {
                p.parse::<u64>()
                    .map_or_else(|_| p.to_owned(), |n| n.to_string())
            })
            .collect();
        let end = parts.iter().rposition(|p| p != "0").map_or(0, |i| i + 1);
        parts[..end].join(".")
    };
    a == b || canonical(a) == canonical(b)
}
