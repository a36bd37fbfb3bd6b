//! The attacks of 2024–26 that can be told as package content, as inert pairs: each later release is blocked, by several
//! rules, and no earlier one is more than a note.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use foretaste_fake_registries::{FakeCargo, FakeNpm, FakeServer};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::{Home, rules, serving};

/// A weight that counts: medium severity, medium confidence, at import.
const WEIGHTY: f64 = 0.29;

/// What `attack.toml` says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Attack {
    /// The day on which the bad release was published.
    date: String,
    /// How it worked, in one sentence.
    #[serde(rename = "what")]
    _what: String,
    ecosystem: String,
    package: String,
    before: String,
    after: String,
    /// Rules that must fire.
    expect: Vec<String>,
    /// A lesser verdict, as long as an observer misses the decisive link.
    #[serde(default)]
    verdict: Option<String>,
    /// True if the payload is in a dependency that only a registry shows.
    #[serde(default)]
    registry: bool,
    #[serde(default)]
    before_publisher: Option<String>,
    #[serde(default)]
    after_publisher: Option<String>,
    #[serde(default)]
    dependencies: Vec<Offered>,
}

/// A dependency in the registry.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Offered {
    name: String,
    version: String,
    published: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/attacks")
}

fn attacks() -> BTreeMap<String, Attack> {
    let folders = fs::read_dir(root()).expect("the fixtures").flatten();
    folders
        .map(|folder| {
            let name = folder.file_name().to_string_lossy().into_owned();
            let text = fs::read_to_string(folder.path().join("attack.toml")).expect("a story");
            let attack = toml::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
            (name, attack)
        })
        .collect()
}

/// The files below a folder: path and text.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else {
                let relative = path.strip_prefix(folder).expect("below");
                let relative = relative.to_string_lossy().replace('\\', "/");
                found.push((relative, fs::read_to_string(&path).expect("text")));
            }
        }
    }
    found.sort();
    found
}

/// What is wrong with the report on the later release.
fn complaint(name: &str, attack: &Attack, release: &Value) -> Option<String> {
    let mut weights: BTreeMap<&str, f64> = BTreeMap::new();
    for finding in release["findings"].as_array().expect("a list") {
        let rule = finding["rule"].as_str().expect("an id");
        let weight = weights.entry(rule).or_default();
        *weight = weight.max(finding["weight"].as_f64().expect("a number"));
    }
    let heavy = weights.values().filter(|w| **w >= WEIGHTY).count();
    let missing: Vec<_> = attack
        .expect
        .iter()
        .filter(|rule| !weights.contains_key(rule.as_str()))
        .collect();
    let wanted = attack.verdict.as_deref().unwrap_or("block");
    let blocked = release["verdict"] == "block" || release["verdict"] == wanted;
    (!blocked || heavy < 2 || !missing.is_empty()).then(|| {
        let (verdict, score) = (&release["verdict"], &release["score"]);
        format!("{name}: {verdict} {score}, missing {missing:?}, rules {weights:?}")
    })
}

#[test]
fn every_attack_is_blocked_by_several_rules_and_what_was_before_is_not() {
    let home = Home::new();
    let mut complaints = Vec::new();
    for (name, attack) in attacks() {
        let side = |side: &str| root().join(&name).join(side).display().to_string();
        let (report, _) = home.audit(&[&side("before")]);
        let verdict = report["releases"][0]["verdict"].clone();
        if verdict != "clear" && verdict != "note" {
            complaints.push(format!(
                "{name}: before is {verdict}: {:?}",
                rules(&report["releases"][0])
            ));
        }
        let run = home.run(&["diff", "--format", "json", &side("before"), &side("after")]);
        let report: Value = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|e| panic!("{name}: {e}: {}", run.stderr));
        let release = &report["releases"][0];
        assert!(release["change"].is_object(), "{name}: {release:#}");
        if !attack.registry {
            complaints.extend(complaint(&name, &attack, release));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn a_bad_dependency_is_found_in_the_registry_by_diff_and_by_audit() {
    for (name, attack) in attacks().into_iter().filter(|(_, a)| a.registry) {
        serving(async || {
            let home = Home::new().with("FORETASTE_NOW", &format!("{}T12:00:00Z", attack.date));
            let server = serve(&name, &attack).await;
            let prefix = if attack.ecosystem == "npm" {
                home.write(".npmrc", format!("registry={}\n", server.url()));
                "npm"
            } else {
                let source = format!(
                    "[source.crates-io]\nreplace-with = \"mirror\"\n[source.mirror]\nregistry = \"sparse+{}/index/\"\n",
                    server.url()
                );
                home.write(".cargo/config.toml", source);
                "crates"
            };
            let package = format!("{prefix}:{}", attack.package);
            let run = home.run(&[
                "diff",
                "--format",
                "json",
                &package,
                &attack.before,
                &attack.after,
            ]);
            let report: Value = serde_json::from_str(&run.stdout)
                .unwrap_or_else(|e| panic!("{name}: {e}: {}", run.stderr));
            assert_eq!(complaint(&name, &attack, &report["releases"][0]), None);
            assert_eq!(run.code, 1);
            let (report, code) = home.audit(&[&package]);
            assert_eq!(complaint(&name, &attack, &report["releases"][0]), None);
            assert_eq!(report["releases"][0]["compared_with"], attack.before);
            assert_eq!(code, 1);
            let (report, _) = home.audit(&["--no-history", &package]);
            assert_ne!(report["releases"][0]["verdict"], "block", "{name}");
        });
    }
}

/// A registry with both releases and the dependencies.
async fn serve(name: &str, attack: &Attack) -> FakeServer {
    let folder = root().join(name);
    let day = |text: &str| text.to_owned();
    let mut releases = vec![
        (
            &attack.package,
            &attack.before,
            day("2026-01-15T00:00:00Z"),
            files(&folder.join("before")),
        ),
        (
            &attack.package,
            &attack.after,
            format!("{}T00:21:00Z", attack.date),
            files(&folder.join("after")),
        ),
    ];
    for d in &attack.dependencies {
        let content = files(&folder.join("dependencies").join(&d.name));
        releases.push((&d.name, &d.version, d.published.clone(), content));
    }
    if attack.ecosystem == "npm" {
        let mut npm = FakeNpm::new();
        let mut times: BTreeMap<&str, serde_json::Map<String, Value>> = BTreeMap::new();
        for (package, version, time, files) in &releases {
            let manifest = files
                .iter()
                .find(|(p, _)| p == "package.json")
                .expect("a manifest");
            let mut fields: Value = serde_json::from_str(&manifest.1).expect("JSON");
            let publisher = if *version == &attack.before {
                &attack.before_publisher
            } else {
                &attack.after_publisher
            };
            if let Some(publisher) = publisher {
                fields["_npmUser"] = json!({"name": publisher});
            }
            let files: Vec<(&str, &str)> = files
                .iter()
                .map(|(p, t)| (p.as_str(), t.as_str()))
                .collect();
            npm = npm.version(package, version, &fields, &files);
            times
                .entry(package)
                .or_default()
                .insert((*version).clone(), json!(time));
        }
        for (package, times) in times {
            npm = npm.package(package, &json!({"time": times}));
        }
        npm.start().await
    } else {
        let mut cargo = FakeCargo::new();
        for (package, version, time, files) in &releases {
            let needs: Vec<Value> = if *version == &attack.after {
                let names = attack.dependencies.iter();
                names
                    .map(|d| json!({"name": d.name, "req": "^1", "features": [], "optional": false, "default_features": true, "target": null, "kind": "normal"}))
                    .collect()
            } else {
                Vec::new()
            };
            let fields = json!({"pubtime": time, "deps": needs});
            let files: Vec<(&str, &str)> = files
                .iter()
                .map(|(p, t)| (p.as_str(), t.as_str()))
                .collect();
            cargo = cargo.version(package, version, &fields, &files);
        }
        cargo.start().await
    }
}
