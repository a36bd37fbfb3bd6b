//! `foretaste lock` with the real cargo, against registries on the loopback interface.

use std::path::Path;

use foretaste_fake_registries::FakeCargo;
use serde_json::json;

use crate::locks::{read, text_of};
use crate::support::{Home, serving};

#[test]
fn cargo_locks_a_workspace_from_its_manifests_alone() {
    let cargo = std::env::var("CARGO").expect("tests run under cargo");
    let tools = Path::new(&cargo).parent().expect("a folder");
    let path = format!(
        "{}:{}",
        tools.display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let home = Home::new().with("PATH", &path);
    home.write(
        "app/Cargo.toml",
        "[workspace]\nmembers = [\"a\", \"b\"]\nresolver = \"2\"\n",
    );
    home.write("app/a/Cargo.toml", "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2021\"\nbuild = \"build.rs\"\n\n[dependencies]\nb = { path = \"../b\" }\n");
    home.write(
        "app/a/build.rs",
        "fn main() { std::fs::write(\"ran\", \"\").unwrap(); }\n",
    );
    home.write("app/a/src/main.rs", "fn main() {}\n");
    home.write(
        "app/b/Cargo.toml",
        "[package]\nname = \"b\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
    );
    home.write("app/b/src/lib.rs", "");
    home.write(
        "app/.cargo/config.toml",
        "[build]\nrustc-wrapper = \"./evil.sh\"\n",
    );
    let run = home.run(&["lock", "app"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let lock = read(&home, "app/Cargo.lock");
    assert!(
        lock.contains("name = \"a\"") && lock.contains("name = \"b\""),
        "{lock}"
    );
    assert!(!home.path().join("app/a/ran").exists());
}

#[test]
fn cargo_waits_until_a_release_is_old_enough() {
    let cargo = std::env::var("CARGO").expect("tests run under cargo");
    let tools = Path::new(&cargo).parent().expect("a folder").display();
    let path = format!("{tools}:{}", std::env::var("PATH").unwrap_or_default());
    let manifest = "[package]\nname = \"honest\"\nversion = \"1.0.0\"\nedition = \"2021\"\n";
    let files = [("Cargo.toml", manifest), ("src/lib.rs", "")];
    serving(async || {
        let registry = FakeCargo::new()
            .version(
                "honest",
                "1.0.0",
                &json!({"pubtime": "2020-01-01T00:00:00Z"}),
                &files,
            )
            .version(
                "honest",
                "1.1.0",
                &json!({"pubtime": "2099-01-01T00:00:00Z"}),
                &files,
            )
            .start()
            .await;
        let home = Home::new().with("PATH", &path);
        let index = format!("sparse+{}/index/", registry.url());
        home.write(
            ".cargo/config.toml",
            format!("[source.crates-io]\nreplace-with = \"fake\"\n\n[source.fake]\nregistry = \"{index}\"\n"),
        );
        home.write(
            "app/Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\nhonest = \"1\"\n",
        );
        home.write("app/src/main.rs", "fn main() {}\n");
        let run = home.run(&["lock", "app", "--min-age", "7", "--allow-incomplete"]);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        let lock = read(&home, "app/Cargo.lock");
        assert!(lock.contains("version = \"1.0.0\""), "{lock}");
        // without a minimum age the newest is taken
        let run = home.run(&["lock", "app", "--upgrade", "--allow-incomplete"]);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        let lock = read(&home, "app/Cargo.lock");
        assert!(lock.contains("version = \"1.1.0\""), "{lock}");
        // what is locked already stays, and is told; only another resolution goes back
        let cooled = ["lock", "app", "--min-age", "7", "--allow-incomplete"];
        let run = home.run(&cooled);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        assert!(
            run.stderr
                .contains("honest 1.1.0 stays as it was locked before"),
            "{}",
            run.stderr
        );
        assert!(read(&home, "app/Cargo.lock").contains("version = \"1.1.0\""));
        let run = home.run(&[&cooled[..], &["--upgrade"]].concat());
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        assert!(read(&home, "app/Cargo.lock").contains("version = \"1.0.0\""));
    });
}

#[test]
fn cargo_keeps_what_is_locked_cools_what_is_new_and_lets_fixes_in() {
    let cargo = std::env::var("CARGO").expect("tests run under cargo");
    let tools = Path::new(&cargo).parent().expect("a folder").display();
    let path = format!("{tools}:{}", std::env::var("PATH").unwrap_or_default());
    let files = |name: &str, version: &str| {
        let text =
            format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2021\"\n");
        [("Cargo.toml", text), ("src/lib.rs", String::new())]
    };
    serving(async || {
        let mut registry = FakeCargo::new();
        for (name, version, year) in [
            ("kept", "1.0.0", 2020),
            ("kept", "1.0.1", 2021),
            ("added", "0.3.1", 2020),
            ("added", "0.3.9", 2099),
        ] {
            let files = files(name, version);
            let files: Vec<(&str, &str)> = files.iter().map(|(a, b)| (*a, &**b)).collect();
            let entry = json!({"pubtime": format!("{year}-01-01T00:00:00Z")});
            registry = registry.version(name, version, &entry, &files);
        }
        let registry = registry.start().await;
        let home = Home::new().with("PATH", &path);
        let index = format!("sparse+{}/index/", registry.url());
        home.write(
            ".cargo/config.toml",
            format!("[source.crates-io]\nreplace-with = \"fake\"\n\n[source.fake]\nregistry = \"{index}\"\n"),
        );
        let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\n";
        home.write("app/Cargo.toml", format!("{manifest}kept = \"=1.0.0\"\n"));
        home.write("app/src/main.rs", "fn main() {}\n");
        let lock = ["lock", "app", "--min-age", "7", "--allow-incomplete"];
        let run = home.run(&lock);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        // a wider wish moves nothing that is locked; what is added is not the youngest
        home.write(
            "app/Cargo.toml",
            format!("{manifest}kept = \"1\"\nadded = \"0.3\"\n"),
        );
        let run = home.run(&lock);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        let text = read(&home, "app/Cargo.lock");
        assert!(
            text.contains("\"1.0.0\"") && text.contains("\"0.3.1\""),
            "{text}"
        );
        // an advisory asks for the young one
        let advisory = json!({
            "id": "RUSTSEC-2099-0001", "modified": "2026-01-01T00:00:00Z", "summary": "a flaw",
            "affected": [{
                "package": {"ecosystem": "crates.io", "name": "added"},
                "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "0.3.9"}]}],
            }],
        });
        let record = home.write("advisory.json", advisory.to_string());
        let imported = home.run(&["advisories", "import", &text_of(&record)]);
        assert_eq!(imported.code, 0, "{}", imported.stderr);
        let run = home.run(&[&lock[..], &["--fail-on", "block"]].concat());
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        let text = read(&home, "app/Cargo.lock");
        assert!(
            text.contains("\"1.0.0\"") && text.contains("\"0.3.9\""),
            "{text}"
        );
        assert!(
            run.stderr
                .contains("because an advisory asks for it: added"),
            "{}",
            run.stderr
        );
    });
}

#[test]
fn a_checksum_that_is_not_the_indexs_is_told_by_audit_and_verify() {
    let cargo = std::env::var("CARGO").expect("tests run under cargo");
    let tools = Path::new(&cargo).parent().expect("a folder").display();
    let path = format!("{tools}:{}", std::env::var("PATH").unwrap_or_default());
    let manifest = "[package]\nname = \"honest\"\nversion = \"1.0.0\"\nedition = \"2021\"\n";
    let files = [("Cargo.toml", manifest), ("src/lib.rs", "")];
    serving(async || {
        let entry = json!({"pubtime": "2020-01-01T00:00:00Z"});
        let registry = FakeCargo::new().version("honest", "1.0.0", &entry, &files);
        let registry = registry.start().await;
        let home = Home::new().with("PATH", &path);
        let index = format!("sparse+{}/index/", registry.url());
        home.write(
            ".cargo/config.toml",
            format!("[source.crates-io]\nreplace-with = \"fake\"\n\n[source.fake]\nregistry = \"{index}\"\n"),
        );
        home.write(
            "app/Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\nhonest = \"1\"\n",
        );
        home.write("app/src/main.rs", "fn main() {}\n");
        let run = home.run(&["lock", "app", "--allow-incomplete"]);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        let lock = read(&home, "app/Cargo.lock");
        let run = home.run(&["verify", "app"]);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);

        let line = lock
            .lines()
            .find(|l| l.starts_with("checksum"))
            .expect("a checksum");
        home.write(
            "app/Cargo.lock",
            lock.replace(line, &format!("checksum = \"{}\"", "0".repeat(64))),
        );
        let run = home.run(&["verify", "app"]);
        assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
        assert!(
            run.stdout
                .contains("the index knows no file of honest 1.0.0 with sha256:0000"),
            "{}",
            run.stdout
        );
        let run = home.run(&["audit", "app", "--format", "json"]);
        assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains("digest-mismatch"), "{}", run.stdout);

        home.write("app/Cargo.lock", lock.replace(line, "checksum = \"00ff\""));
        let at = 1 + lock.lines().position(|l| l == line).expect("a checksum");
        let told = format!("Cargo.lock:{at}:12: the checksum of honest is no SHA-256");
        for command in ["verify", "audit"] {
            let run = home.run(&[command, "app"]);
            assert_ne!(run.code, 0, "{command}");
            let said = format!("{}{}", run.stdout, run.stderr);
            assert!(said.contains(&told), "{command}: {said}");
        }
    });
}
