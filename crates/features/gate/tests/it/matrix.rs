//! Every client that the gate is for, of today: what it installs, what it is refused and whether it shows why, and what it
//! publishes. `cargo test -p foretaste-gate matrix -- --nocapture` prints the table.

use std::fmt::Write as _;

use foretaste_fake_registries::{FakeCargo, FakeFile, FakeNpm, FakeProject, FakePypi, FakeServer};
use foretaste_gate::Verb;
use serde_json::json;

use crate::clients::{ROWS, Stage};
use crate::support::{TestGate, program, run, wheel, wheel_name};

/// The sentence that a client should show.
pub(crate) const REASON: &str = "posts the environment";

/// Upstreams that have `fine-one` and `bad-one` in each ecosystem, with more text of one line in each of them.
pub(crate) async fn upstreams(more: &str) -> [FakeServer; 3] {
    let text = |name: &str| {
        let word = if name == "bad-one" { "MALICIOUS" } else { "" };
        format!("// {word} {more}\n")
    };
    let (mut pypi, mut npm, mut cargo) = (FakePypi::new(), FakeNpm::new(), FakeCargo::new());
    for name in ["fine-one", "bad-one"] {
        let bytes = wheel(name, "1.0", text(name).trim());
        let file = FakeFile::new(&wheel_name(name, "1.0"), &bytes);
        pypi = pypi.project(FakeProject::new(name).file(file));
        let own = json!({"name": name, "version": "1.0.0"}).to_string();
        // yarn holds back what has no age
        let times = json!({"time": {"1.0.0": "2024-01-01T00:00:00.000Z"}});
        let files = [("index.js", &*text(name)), ("package.json", &own)];
        npm = npm.version(name, "1.0.0", &json!({}), &files);
        npm = npm.package(name, &times);
        let own =
            format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2021\"\n");
        let files = [("Cargo.toml", own.as_str()), ("src/lib.rs", &text(name))];
        cargo = cargo.version(name, "1.0.0", &json!({}), &files);
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
    let mut table = format!(
        "{:<14} {:<12} {:<9} {:<9} {:<13} {}\n",
        "client", "version", "installs", "refused", "shows why", "publishes"
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
        let installs = row.client != "twine";
        let mut cells = [
            "-".to_owned(),
            "-".to_owned(),
            "-".to_owned(),
            "-".to_owned(),
        ];
        if installs {
            let (done, text) = run((row.install)(&stage, "fine", "fine-one")).await;
            assert!(done, "{}: {text}", row.client);
            "yes".clone_into(&mut cells[0]);
            let (done, text) = run((row.install)(&stage, "bad", "bad-one")).await;
            assert!(!done, "{} installed what is refused: {text}", row.client);
            "yes".clone_into(&mut cells[1]);
            let shown = if text.contains(REASON) { "yes" } else { "no" };
            shown.clone_into(&mut cells[2]);
        }
        if let Some(publish) = row.publish {
            let name = format!("acme-{}", row.client.replace(' ', "-"));
            let (done, text) = run(publish(&stage, &name)).await;
            assert!(done, "{}: {text}", row.client);
            let events = gate.events().await;
            assert!(
                events.iter().any(|e| e.outcome == "published"),
                "{}",
                row.client
            );
            "yes".clone_into(&mut cells[3]);
        }
        let _ = writeln!(
            table,
            "{:<14} {version:<12} {:<9} {:<9} {:<13} {}",
            row.client, cells[0], cells[1], cells[2], cells[3]
        );
    }
    eprintln!("{table}");
}
