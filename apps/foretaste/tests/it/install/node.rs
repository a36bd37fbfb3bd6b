//! npm.

use std::fs;
use std::process::Command;

use foretaste_fake_registries::{FakeNpm, FakeServer};
use serde_json::json;

use super::{bad, is_refused, named, pairs, program, quoted_sign};
use crate::support::{Home, serving};

/// Why `ui-styles` is refused.
const REASON: &str = "over the network while it is being installed";

/// `honest`, and `ui-styles`, which runs a script when it is installed.
async fn registry(home: &Home) -> FakeServer {
    let line = format!("require('fs').writeFileSync({}, '');\n", quoted_sign(home));
    let styles = bad("npm/ui-styles-9.9.9", "setup.js", &line);
    let times = |version: &str| json!({"time": {version: "2025-01-01T00:00:00.000Z"}});
    let own = json!({"name": "honest", "version": "1.0.0", "description": "fine"}).to_string();
    let fine = [
        ("package.json", own.as_str()),
        ("index.js", "module.exports = 1;\n"),
    ];
    let scripts = json!({"scripts": {"preinstall": "node setup.js"}, "hasInstallScript": true});
    FakeNpm::new()
        .version("honest", "1.0.0", &json!({}), &fine)
        .package("honest", &times("1.0.0"))
        .version("ui-styles", "9.9.9", &scripts, &pairs(&styles))
        .package("ui-styles", &times("9.9.9"))
        .start()
        .await
}

const NPM: [&str; 6] = ["install", "--", "npm", "--no-audit", "--no-fund", "install"];

#[test]
fn npm_installs_what_is_fine_and_runs_no_script_of_what_is_not() {
    if program("npm").is_none() {
        return;
    }
    serving(async || {
        let home = Home::new();
        let (registry, other) = (registry(&home).await, registry(&home).await);
        let home = home.with("npm_config_registry", &registry.url());
        home.write(
            "package.json",
            "{\"name\": \"app\", \"version\": \"1.0.0\"}",
        );
        let words = ["--registry", &other.url(), "honest"];
        let told = home.run(&[&NPM[..], &words].concat());
        assert_eq!(told.code, 0, "{}{}", told.stdout, told.stderr);
        assert!(home.path().join("node_modules/honest/index.js").is_file());
        assert!(
            told.stderr.contains("--registry left out"),
            "{}",
            told.stderr
        );
        let refused = home.run(&[&NPM[..], &["ui-styles"]].concat());
        is_refused(&home, &refused, 1, REASON);
        assert!(named(&home.path().join("node_modules"), "ui-styles").is_empty());
        // a project can name a registry for itself
        home.write(".npmrc", format!("registry={}\n", other.url()));
        let refused = home.run(&[&NPM[..], &["ui-styles"]].concat());
        is_refused(&home, &refused, 1, REASON);
        assert!(other.log().is_empty(), "{:?}", other.log());
    });
}

#[test]
fn what_npm_has_in_its_cache_and_in_its_lock_is_vetted_too() {
    if program("npm").is_none() {
        return;
    }
    serving(async || {
        let home = Home::new();
        let registry = registry(&home).await;
        let home = home.with("npm_config_registry", &registry.url());
        home.write(
            "package.json",
            "{\"name\": \"app\", \"version\": \"1.0.0\"}",
        );
        // without the gate, and without its scripts: cache and lock then have it
        let bare = Command::new("npm")
            .args([
                "install",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "ui-styles",
            ])
            .current_dir(home.path())
            .env("HOME", home.path())
            .env("npm_config_registry", registry.url())
            .output()
            .expect("npm starts");
        assert!(bare.status.success(), "{bare:?}");
        fs::remove_dir_all(home.path().join("node_modules")).expect("it was made");
        let lock = fs::read_to_string(home.path().join("package-lock.json")).expect("a lock");
        assert!(lock.contains(&registry.url()), "{lock}");
        let refused = home.run(&["install", "--", "npm", "ci", "--no-audit", "--no-fund"]);
        is_refused(&home, &refused, 1, REASON);
        assert!(named(&home.path().join("node_modules"), "ui-styles").is_empty());
    });
}
