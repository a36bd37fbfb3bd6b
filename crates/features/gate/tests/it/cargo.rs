//! Crates through the gate, by hand and with cargo.

use std::process::Command;

use foretaste_fake_registries::{FakeCargo, FakeServer};
use foretaste_gate::Verb;
use serde_json::json;

use crate::support::{TestGate, program, run};

async fn upstream() -> FakeServer {
    let manifest = |version: &str| {
        format!("[package]\nname = \"frobnic\"\nversion = \"{version}\"\nedition = \"2021\"\n")
    };
    FakeCargo::new()
        .version(
            "frobnic",
            "1.0.0",
            &json!({"pubtime": "2025-01-01T00:00:00Z"}),
            &[("Cargo.toml", &manifest("1.0.0")), ("src/lib.rs", "")],
        )
        .version(
            "frobnic",
            "1.1.0",
            &json!({}),
            &[
                ("Cargo.toml", &manifest("1.1.0")),
                ("src/lib.rs", "// MALICIOUS"),
            ],
        )
        .start()
        .await
}

fn settings(upstream: &FakeServer) -> String {
    format!(
        "owned = ['crates:acme-*']\n[upstream]\npypi = []\nnpm = []\ncargo = ['sparse+{}/index/']\n",
        upstream.url()
    )
}

#[tokio::test]
async fn index_lines_keep_their_checksums_and_refused_ones_are_yanked() {
    let upstream = upstream().await;
    let gate = TestGate::start(&settings(&upstream)).await;
    let config = gate.get("/cargo/index/config.json").await.json();
    assert_eq!(
        config,
        json!({"dl": "http://gate/cargo/dl", "api": "http://gate/cargo"})
    );
    let lines = |text: String| -> Vec<serde_json::Value> {
        text.lines()
            .map(|l| serde_json::from_str(l).expect("JSON"))
            .collect()
    };
    let before = lines(gate.get("/cargo/index/fr/ob/frobnic").await.text());
    assert_eq!(before[0]["pubtime"], "2025-01-01T00:00:00Z");
    assert_eq!(
        (&before[0]["yanked"], &before[1]["yanked"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(
        gate.get("/cargo/dl/frobnic/1.0.0/download").await.status,
        200
    );
    let refused = gate.get("/cargo/dl/frobnic/1.1.0/download").await;
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("posts the environment"));
    let after = lines(gate.get("/cargo/index/fr/ob/frobnic").await.text());
    assert_eq!(
        (&after[0]["yanked"], &after[1]["yanked"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(before[1]["cksum"], after[1]["cksum"]);
    // case does not tell crates apart, on any page
    let explained = gate.get("/explain/crates/FrobNic/1.1.0").await.json();
    assert_eq!(explained["files"][0]["verdict"], "block");
    for path in [
        "/cargo/index/fr/ob/FROBNIC",
        "/cargo/index/xx/yy/frobnic",
        "/cargo/index/ac/me/acme-core",
    ] {
        assert_eq!(gate.get(path).await.status, 404, "{path}");
    }
    assert!(!upstream.paths().iter().any(|p| p.contains("acme")));
}

#[tokio::test]
async fn a_closed_registry_says_that_it_wants_a_token() {
    let upstream = upstream().await;
    let closed = format!(
        "{}\n[access]\nanonymous-read = false\n",
        settings(&upstream)
    );
    let gate = TestGate::start(&closed).await;
    let reply = gate.get("/cargo/index/config.json").await;
    assert_eq!(reply.status, 401);
    assert!(
        reply
            .header("www-authenticate")
            .starts_with("Cargo login_url="),
        "{reply:?}"
    );
    let token = gate.token(Verb::Read, &[]).await;
    let with = [("authorization", token.as_str())];
    let config = gate
        .ask("GET", "/cargo/index/config.json", &with, b"")
        .await
        .json();
    assert_eq!(config["auth-required"], true);
}

struct Cargo {
    program: String,
    folder: tempfile::TempDir,
    token: String,
}

impl Cargo {
    fn new(gate: &TestGate, token: String) -> Option<Self> {
        let program = program("cargo")?;
        let folder = tempfile::tempdir().expect("a folder");
        let index = format!("sparse+{}/cargo/index/", gate.url());
        let config = format!(
            "[source.crates-io]\nreplace-with = \"gate\"\n[source.gate]\nregistry = \"{index}\"\n[registries.gate]\nindex = \"{index}\"\n"
        );
        std::fs::create_dir_all(folder.path().join("home")).expect("made");
        std::fs::write(folder.path().join("home/config.toml"), config).expect("written");
        Some(Self {
            program,
            folder,
            token,
        })
    }

    /// Runs cargo in a package of its own.
    async fn run(&self, dir: &str, manifest: &str, args: &[&str]) -> (bool, String) {
        let path = self.folder.path().join(dir);
        std::fs::create_dir_all(path.join("src")).expect("made");
        std::fs::write(path.join("Cargo.toml"), manifest).expect("written");
        std::fs::write(path.join("src/lib.rs"), "").expect("written");
        let mut command = Command::new(&self.program);
        command
            .args(args)
            .current_dir(&path)
            .env("CARGO_HOME", self.folder.path().join("home"))
            .env("CARGO_REGISTRIES_GATE_TOKEN", &self.token)
            .env("CARGO_NET_RETRY", "0")
            .env_remove("CARGO_TARGET_DIR");
        run(command).await
    }
}

fn manifest(name: &str, version: &str, dependency: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2021\"\ndescription = \"ours\"\nlicense = \"MIT\"\n[workspace]\n[dependencies]\n{dependency}\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn cargo_fetches_publishes_and_is_blocked() {
    let upstream = upstream().await;
    let gate = TestGate::start(&settings(&upstream)).await;
    let token = gate.token(Verb::Publish, &["crates:acme-*"]).await;
    let Some(cargo) = Cargo::new(&gate, token) else {
        return;
    };
    let wants = manifest("app", "0.1.0", "frobnic = \"1\"");
    let (done, text) = cargo.run("blocked", &wants, &["fetch"]).await;
    assert!(!done && text.contains("posts the environment"), "{text}");
    // now it is known, and resolution passes it by
    let (done, text) = cargo.run("app", &wants, &["fetch"]).await;
    assert!(done, "{text}");
    let lock = std::fs::read_to_string(cargo.folder.path().join("app/Cargo.lock")).expect("a lock");
    assert!(lock.contains("1.0.0") && !lock.contains("1.1.0"), "{lock}");
    let core = manifest("acme-core", "1.0.0", "");
    let publish = [
        "publish",
        "--registry",
        "gate",
        "--no-verify",
        "--allow-dirty",
    ];
    let (done, text) = cargo.run("core", &core, &publish).await;
    assert!(done, "{text}");
    let (done, text) = cargo.run("core", &core, &publish).await;
    assert!(!done && text.contains("already exists"), "{text}");
    let user = manifest(
        "user",
        "0.1.0",
        "acme-core = { version = \"1\", registry = \"gate\" }",
    );
    let (done, text) = cargo.run("user", &user, &["fetch"]).await;
    assert!(done, "{text}");
    let yank = ["yank", "--registry", "gate", "acme-core@1.0.0"];
    let (done, text) = cargo.run("core", &core, &yank).await;
    assert!(done, "{text}");
    let line = gate.get("/cargo/index/ac/me/acme-core").await.json();
    assert_eq!(line["yanked"], true);
    let (done, text) = cargo
        .run(
            "core",
            &core,
            &["owner", "--list", "--registry", "gate", "acme-core"],
        )
        .await;
    assert!(done && text.contains("tester"), "{text}");
    let (done, text) = cargo
        .run("other", &manifest("serious", "1.0.0", ""), &publish)
        .await;
    assert!(!done && text.contains("may not publish"), "{text}");
    assert!(!upstream.paths().iter().any(|p| p.contains("acme")));
}
