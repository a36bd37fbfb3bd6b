//! `history.*`.

use foretaste_fake_registries::FakeNpm;
use serde_json::{Value, json};

use super::Proof;
use crate::support::{Home, serving};

pub(super) const PROOFS: &[Proof] = &[
    ("history.compare", || {
        assert_eq!(release("compare = true")["compared_with"], "1.0.0");
        assert!(release("compare = false").get("compared_with").is_none());
    }),
    ("history.settled-days", || {
        assert_eq!(release("settled-days = 3")["compared_with"], "1.0.0");
        assert_eq!(release("settled-days = 0")["compared_with"], "1.0.1");
    }),
    ("history.dependencies", || {
        let look = |settings: &str| {
            let release = report(settings, &["diff", "--format", "json", "npm:x", "1.0.0"]);
            release["change"]["dependencies"][0]["look"].clone()
        };
        assert_eq!(look("dependencies = 1")["tasted"], "2.0.0");
        assert!(look("dependencies = 0").get("tasted").is_none());
    }),
];

fn release(settings: &str) -> Value {
    report(settings, &["audit", "--format", "json", "npm:x"])
}

/// The report on the third release of a package, which depends on an unknown one; the second is an hour older.
fn report(settings: &str, args: &[&str]) -> Value {
    let mut release = Value::Null;
    serving(async || {
        let mut npm = FakeNpm::new();
        for version in ["1.0.0", "1.0.1", "1.0.2"] {
            let mut manifest = json!({"name": "x", "version": version});
            if version == "1.0.2" {
                manifest["dependencies"] = json!({"y-of-nobody": "^2.0.0"});
            }
            let text = manifest.to_string();
            let files = [
                ("package.json", &*text),
                ("index.js", "module.exports = 1;\n"),
            ];
            npm = npm.version("x", version, &manifest, &files);
        }
        let manifest = json!({"name": "y-of-nobody", "version": "2.0.0"});
        let registry = npm
            .version(
                "y-of-nobody",
                "2.0.0",
                &manifest,
                &[("package.json", &manifest.to_string())],
            )
            .package(
                "x",
                &json!({"time": {
                    "1.0.0": "2026-01-01T00:00:00Z",
                    "1.0.1": "2026-10-01T10:00:00Z",
                    "1.0.2": "2026-10-01T11:00:00Z",
                }}),
            )
            .start()
            .await;
        let home = Home::new();
        let url = registry.url();
        home.write(
            "foretaste.toml",
            format!("[history]\n{settings}\n[indexes.npm]\nurl = \"{url}\"\n"),
        );
        let run = home.run(args);
        let report: Value = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|e| panic!("{e}: {}{}", run.stdout, run.stderr));
        release = report["releases"][0].clone();
    });
    release
}
