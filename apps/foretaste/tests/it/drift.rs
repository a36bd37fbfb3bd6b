//! `foretaste posture --drift` of locks that composer and bundler write: the real tools, repositories on loopback.

use foretaste_fake_registries::FakeFiles;
use foretaste_io::Environment;
use serde_json::{Value, json};

use crate::support::Home;

/// Whether a tool is there. A build server must have it; elsewhere its absence is told.
fn has(tool: &str) -> bool {
    let found = Environment::of_process().which(tool).is_some();
    assert!(
        found || std::env::var_os("CI").is_none(),
        "{tool} is not on PATH"
    );
    if !found {
        eprintln!("NOT TESTED: {tool} is not installed");
    }
    found
}

fn drift(home: &Home) -> Value {
    let run = home.run(&["posture", "app", "--drift", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let told: Value = serde_json::from_str(&run.stdout).expect("JSON");
    told["drift"].clone()
}

/// The moves, as `package locked fresh step`.
fn moves(drift: &Value) -> Vec<String> {
    let word = |of: &Value, key: &str| of[key].as_str().expect("text").to_owned();
    let moves = drift["furthest"].as_array().expect("a list").iter();
    moves
        .map(|m| ["package", "locked", "fresh", "step"].map(|key| word(m, key)))
        .map(|m| m.join(" "))
        .collect()
}

/// `acme/web` needs `acme/text`, and since its version 2 `acme/http`.
fn composer_repository() -> FakeFiles {
    let release = |version: &str, needs: Value| {
        json!({
            "name": "acme/web", "version": version, "require": needs,
            "dist": {"type": "zip", "url": "https://files.example/web.zip", "shasum": ""},
        })
    };
    let leaf = |name: &str, version: &str| {
        json!({version: {
            "name": name, "version": version,
            "dist": {"type": "zip", "url": "https://files.example/leaf.zip", "shasum": ""},
        }})
    };
    // packages that tell of a place to notify are those of a registry
    let packages = json!({"notify-batch": "https://packages.example/downloads/", "packages": {
        "acme/web": {
            "1.0.0": release("1.0.0", json!({"acme/text": "^1"})),
            "2.1.0": release("2.1.0", json!({"acme/text": "^1", "acme/http": "*"})),
        },
        "acme/text": leaf("acme/text", "1.4.0"),
        "acme/http": leaf("acme/http", "3.0.0"),
        "acme/spec": leaf("acme/spec", "5.0.0"),
    }});
    FakeFiles::new().file("/packages.json", packages.to_string())
}

fn composer_lock() -> String {
    let package = |name: &str, version: &str| json!({"name": name, "version": version, "notification-url": "https://packages.example/downloads/"});
    json!({
        "packages": [package("acme/web", "1.0.0"), package("acme/text", "1.4.0"), package("acme/gone", "1.0.0")],
        "packages-dev": [package("acme/spec", "4.0.0")],
    })
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn composer_resolves_what_was_read_and_runs_nothing_of_the_project() {
    if !has("composer") {
        return;
    }
    let server = composer_repository().start().await;
    let home = Home::new();
    home.write(
        ".config/composer/config.json",
        json!({
            "repositories": {"here": {"type": "composer", "url": server.url()}, "packagist": false},
            "config": {"secure-http": false},
        })
        .to_string(),
    );
    let script = format!("touch {}", home.path().join("ran").display());
    home.write(
        "app/composer.json",
        json!({
            "require": {"php": ">=99", "acme/web": ">=1"},
            "require-dev": {"acme/spec": "*"},
            "scripts": {"pre-update-cmd": script, "post-update-cmd": script, "pre-pool-create": script},
        })
        .to_string(),
    );
    home.write("app/composer.lock", composer_lock());
    let drift = drift(&home);
    assert_eq!(drift["resolved"], json!({"have": 1, "of": 1}), "{drift:#}");
    assert_eq!(
        moves(&drift),
        ["acme/web 1.0.0 2.1.0 major", "acme/spec 4.0.0 5.0.0 major"]
    );
    assert_eq!(
        (&drift["moved"], &drift["entered"], &drift["left"]),
        (&json!({"have": 2, "of": 3}), &json!(1), &json!(1))
    );
    assert!(!home.path().join("ran").exists(), "a script ran");

    // what composer says when nothing fits is the reason that is counted
    home.write("app/composer.json", r#"{"require": {"acme/web": "^9"}}"#);
    let told = self::drift(&home)["not_resolved"].to_string();
    assert!(told.contains("composer could not resolve it"), "{told}");
}

/// A compact index: `acme-web` needs `acme-text`, and since its version 2 `acme-rack`.
fn gems() -> FakeFiles {
    let info = |name: &str, lines: &str| (format!("/info/{name}"), format!("---\n{lines}"));
    let files = [
        (
            "/versions".to_owned(),
            "created_at: 2026-01-01T00:00:00Z\n---\nacme-web 1.0.0,2.1.0 0\nacme-text 1.4.0,1.4.1 0\nacme-rack 3.0.0 0\n".to_owned(),
        ),
        info(
            "acme-web",
            "1.0.0 acme-text:~> 1.0|checksum:aa\n2.1.0 acme-rack:>= 0,acme-text:~> 1.0|checksum:bb\n",
        ),
        info("acme-text", "1.4.0 |checksum:cc\n1.4.1 |checksum:dd\n"),
        info("acme-rack", "3.0.0 |checksum:ee\n"),
    ];
    let add = |served: FakeFiles, (path, text): &(String, String)| served.file(path, &**text);
    files.iter().fold(FakeFiles::new(), add)
}

#[tokio::test(flavor = "multi_thread")]
async fn bundler_resolves_a_gemfile_with_nothing_of_the_program_in_it() {
    if !has("bundle") {
        return;
    }
    let server = gems().start().await;
    let home = Home::new();
    let ran = home.path().join("ran");
    home.write(
        "app/Gemfile",
        format!(
            "source '{}'\nFile.write('{}', '')\ngem 'acme-web', '>= 1'\n",
            server.url(),
            ran.display()
        ),
    );
    home.write(
        "app/Gemfile.lock",
        format!(
            "GEM\n  remote: {}/\n  specs:\n    acme-gone (0.9)\n    acme-text (1.4.0)\n    acme-web (1.0.0)\n      acme-text (~> 1.0)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  acme-web (>= 1)\n",
            server.url()
        ),
    );
    let drift = drift(&home);
    assert_eq!(drift["resolved"], json!({"have": 1, "of": 1}), "{drift:#}");
    assert_eq!(
        moves(&drift),
        ["acme-web 1.0.0 2.1.0 major", "acme-text 1.4.0 1.4.1 patch"]
    );
    assert_eq!(
        (&drift["entered"], &drift["left"]),
        (&json!(1), &json!(1)),
        "{drift:#}"
    );
    assert!(!ran.exists(), "the Gemfile ran");

    home.write(
        "app/Gemfile",
        format!("source '{}'\ngem 'acme-web', '>= 9'\n", server.url()),
    );
    let told = self::drift(&home)["not_resolved"].to_string();
    assert!(told.contains("bundler could not resolve it"), "{told}");
}
