//! cargo.

use foretaste_fake_registries::{FakeCargo, FakeServer};
use serde_json::json;

use super::{bad, is_refused, named, pairs, program, quoted_sign};
use crate::support::{Home, serving};

/// `honest`, and `proc-macro1` with a build script.
async fn registry(home: &Home) -> FakeServer {
    let line = "// what follows runs before the crate is built\n";
    let mut files = bad("cargo/proc-macro1-1.0.0", "build.rs", line);
    let mark = format!(
        "fn main() {{\n    std::fs::write({}, \"\").unwrap();",
        quoted_sign(home)
    );
    for (path, text) in &mut files {
        if path == "build.rs" {
            *text = text.replace("fn main() {", &mark);
        }
        if path == "Cargo.toml" {
            *text = text.replace("ureq = \"3\"", "").replace("[workspace]", "");
        }
    }
    let own = "[package]\nname = \"honest\"\nversion = \"1.0.0\"\nedition = \"2021\"\n";
    let fine = [
        ("Cargo.toml", own),
        ("src/lib.rs", "pub fn one() -> u8 { 1 }\n"),
    ];
    let time = json!({"pubtime": "2025-01-01T00:00:00Z"});
    FakeCargo::new()
        .version("honest", "1.0.0", &time, &fine)
        .version("proc-macro1", "1.0.0", &time, &pairs(&files))
        .start()
        .await
}

fn project(home: &Home, dependency: &str) {
    let text = format!(
        "[package]\nname = \"app\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[workspace]\n[dependencies]\n{dependency} = \"1\"\n"
    );
    home.write("app/Cargo.toml", text);
    home.write("app/src/lib.rs", "");
    let _ = std::fs::remove_file(home.path().join("app/Cargo.lock"));
}

#[test]
fn cargo_builds_what_is_fine_and_no_build_script_of_what_is_not() {
    if program("cargo").is_none() {
        return;
    }
    serving(async || {
        let home = Home::new();
        let registry = registry(&home).await;
        let rustup = std::env::var("RUSTUP_HOME").unwrap_or_else(|_| {
            let home = std::env::var("HOME").expect("a home");
            format!("{home}/.rustup")
        });
        let home = home
            .with("RUSTUP_HOME", &rustup)
            .with("CARGO_NET_RETRY", "0");
        let config = format!(
            "[source.crates-io]\nreplace-with = \"mirror\"\n[source.mirror]\nregistry = \"sparse+{}/index/\"\n",
            registry.url()
        );
        home.write(".cargo/config.toml", config);
        let words = [
            "install",
            "--",
            "cargo",
            "build",
            "-q",
            "--manifest-path=app/Cargo.toml",
        ];
        project(&home, "honest");
        let built = home.run(&words);
        assert_eq!(built.code, 0, "{}{}", built.stdout, built.stderr);
        project(&home, "proc-macro1");
        let refused = home.run(&words);
        is_refused(&home, &refused, 101, "proc-macro1");
        assert!(named(&home.path().join(".cargo"), "proc-macro1-1.0.0").is_empty());
    });
}
