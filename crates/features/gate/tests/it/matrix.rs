//! Every client that the gate is for, of today: what it installs and upgrades, that it takes nothing that was withdrawn, what it is
//! refused and whether it shows why, what it publishes and withdraws. `cargo xtask matrix` prints the table.

use std::fmt::Write as _;
use std::process::Command;

use foretaste_fake_registries::{FakeCargo, FakeFile, FakeNpm, FakeProject, FakePypi, FakeServer};
use foretaste_gate::Verb;
use serde_json::json;

use crate::clients::{ROWS, Row, Stage};
use crate::support::{TestGate, program, run, wheel, wheel_name};

/// The sentence that a client should show.
pub(crate) const REASON: &str = "posts the environment";

/// Upstreams that have `fine-one` and `bad-one` in each ecosystem, with more text of one line in each of them. Of `new-one` there are
/// three versions, of which the last was withdrawn.
pub(crate) async fn upstreams(more: &str) -> [FakeServer; 3] {
    let text = |name: &str| {
        let word = if name == "bad-one" { "MALICIOUS" } else { "" };
        format!("// {word} {more}\n")
    };
    let (mut pypi, mut npm, mut cargo) = (FakePypi::new(), FakeNpm::new(), FakeCargo::new());
    for (name, versions) in [("fine-one", 1), ("bad-one", 1), ("new-one", 3)] {
        let (mut project, mut times) = (FakeProject::new(name), json!({}));
        for minor in 0..versions {
            let withdrawn = minor == 2;
            let version = format!("1.{minor}");
            let bytes = wheel(name, &version, text(name).trim());
            let file = FakeFile::new(&wheel_name(name, &version), &bytes);
            project = project.file(if withdrawn {
                file.yanked("broken")
            } else {
                file
            });
            let version = format!("{version}.0");
            // yarn holds back what has no age
            times[&version] = json!("2024-01-01T00:00:00.000Z");
            if !withdrawn {
                let own = json!({"name": name, "version": version}).to_string();
                let files = [("index.js", &*text(name)), ("package.json", &own)];
                npm = npm.version(name, &version, &json!({}), &files);
            }
            let own = format!(
                "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2021\"\n"
            );
            let files = [("Cargo.toml", own.as_str()), ("src/lib.rs", &text(name))];
            cargo = cargo.version(name, &version, &json!({"yanked": withdrawn}), &files);
        }
        pypi = pypi.project(project);
        npm = npm.package(name, &json!({"time": times}));
    }
    [pypi.start().await, npm.start().await, cargo.start().await]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_client_installs_is_refused_and_publishes() {
    let [pypi, npm, cargo] = upstreams("").await;
    let settings = format!(
        "owned = ['acme-*']\n[upstream]\npypi = ['{}/simple/']\nnpm = ['{}/']\ncargo = ['sparse+{}/index/']\n",
        pypi.url(),
        npm.url(),
        cargo.url()
    );
    let mut table = line(
        "client",
        "version",
        [
            "installs",
            "upgrades",
            "refused",
            "shows why",
            "publishes",
            "withdraws",
        ],
    );
    for row in ROWS {
        if program(row.needs).is_none() {
            continue;
        }
        // each sees a gate that knows nothing yet
        let gate = TestGate::start(&settings).await;
        let token = gate.token(Verb::Publish, &["acme-*"]).await;
        let stage = Stage {
            gate: &gate,
            token: &token,
            home: tempfile::tempdir().expect("a folder"),
            patient: false,
        };
        let ask: &[&str] = if row.client == "pip" {
            &["-m", "pip", "--version"]
        } else {
            &["--version"]
        };
        let (_, version) = run(stage.command(row.needs, "", ask)).await;
        let version = version
            .split_whitespace()
            .find(|w| w.starts_with(|c: char| c.is_ascii_digit()))
            .unwrap_or_default()
            .trim_end_matches([')', ','])
            .to_owned();
        let mut cells = ["-"; 6];
        if let Some(upgrade) = row.upgrade {
            done(row, (row.install)(&stage, "fine", "fine-one")).await;
            assert!(stage.has(row, "fine", "fine-one", "1.0"), "{}", row.client);
            cells[0] = "yes";
            let old = row.family.pinned("new-one", "1.0");
            done(row, (row.install)(&stage, "new", &old)).await;
            assert!(stage.has(row, "new", "new-one", "1.0"), "{}", row.client);
            done(row, upgrade(&stage, "new", "new-one")).await;
            let newest = stage.has(row, "new", "new-one", "1.1");
            assert!(newest, "{}: what was withdrawn is no upgrade", row.client);
            cells[1] = "yes";
            let (installed, text) = run((row.install)(&stage, "bad", "bad-one")).await;
            assert!(
                !installed,
                "{} installed what is refused: {text}",
                row.client
            );
            cells[2] = "yes";
            cells[3] = if text.contains(REASON) { "yes" } else { "no" };
        }
        if let Some(publish) = row.publish {
            let name = format!("acme-{}", row.client.replace(' ', "-"));
            done(row, publish(&stage, &name)).await;
            assert!(happened(&gate, "published").await, "{}", row.client);
            cells[4] = "yes";
            if let Some(withdraw) = row.withdraw {
                done(row, withdraw(&stage, &name)).await;
                let outcome = if row.client == "npm" {
                    "unpublished"
                } else {
                    "yanked"
                };
                assert!(happened(&gate, outcome).await, "{}", row.client);
                cells[5] = "yes";
            }
        }
        table += &line(row.client, &version, cells);
    }
    eprintln!("{table}");
}

/// Runs a command that must end well.
async fn done(row: &Row, command: Command) {
    let (done, text) = run(command).await;
    assert!(done, "{}: {text}", row.client);
}

async fn happened(gate: &TestGate, outcome: &str) -> bool {
    gate.events().await.iter().any(|e| e.outcome == outcome)
}

fn line(client: &str, version: &str, cells: [&str; 6]) -> String {
    let mut line = format!("│ {client:<13}{version:<9}");
    for cell in cells {
        let _ = write!(line, "{cell:<11}");
    }
    line.push('\n');
    line
}
