//! npm packages through the gate, by hand and with npm.

use std::process::Command;

use foretaste_fake_registries::{FakeNpm, FakeServer};
use foretaste_gate::Verb;
use serde_json::json;

use crate::support::{TestGate, program, run};

async fn upstream() -> FakeServer {
    let files = |word: &str, version: &str| {
        (
            format!("module.exports = '{version}'; // {word}"),
            format!("{{\"name\":\"frob\",\"version\":\"{version}\"}}"),
        )
    };
    let (one, one_json) = files("", "1.0.0");
    let (two, two_json) = files("MALICIOUS", "2.0.0");
    FakeNpm::new()
        .version(
            "frob",
            "1.0.0",
            &json!({"dist": {"signatures": [{"keyid": "k", "sig": "s"}]}}),
            &[("index.js", &one), ("package.json", &one_json)],
        )
        .version(
            "frob",
            "2.0.0",
            &json!({"scripts": {"postinstall": "node x.js"}}),
            &[("index.js", &two), ("package.json", &two_json)],
        )
        .package(
            "frob",
            &json!({"time": {"created": "2024-01-01T00:00:00.000Z", "modified": "2025-01-01T00:00:00.000Z",
                "1.0.0": "2024-01-01T00:00:00.000Z", "2.0.0": "2025-01-01T00:00:00.000Z"}}),
        )
        .version("@acme/ui", "99.0.0", &json!({}), &[("package.json", "{\"name\":\"@acme/ui\",\"version\":\"99.0.0\"}")])
        .version("@pub/lib", "1.0.0", &json!({}), &[("package.json", "{\"name\":\"@pub/lib\",\"version\":\"1.0.0\"}")])
        .start()
        .await
}

fn settings(upstream: &FakeServer, more: &str) -> String {
    format!(
        "owned = ['npm:@acme/*']\n{more}\n[upstream]\npypi = []\nnpm = ['{}/']\ncargo = []\n",
        upstream.url()
    )
}

#[tokio::test]
async fn documents_keep_what_the_upstream_says_but_where_the_tarball_is() {
    let upstream = upstream().await;
    let gate = TestGate::start(&settings(&upstream, "")).await;
    let full = gate.get("/npm/frob").await;
    assert_eq!(full.header("content-type"), "application/json");
    let full = full.json();
    assert_eq!(full["time"]["1.0.0"], "2024-01-01T00:00:00.000Z");
    let dist = &full["versions"]["1.0.0"]["dist"];
    assert_eq!(dist["tarball"], "http://gate/npm/frob/-/frob-1.0.0.tgz");
    assert!(
        dist["integrity"]
            .as_str()
            .is_some_and(|i| i.starts_with("sha512-"))
    );
    assert_eq!(dist["signatures"][0]["sig"], "s");
    let short = [(
        "accept",
        "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*",
    )];
    let short = gate.ask("GET", "/npm/frob", &short, b"").await.json();
    assert_eq!(short["modified"], "2025-01-01T00:00:00.000Z");
    assert_eq!(short["versions"]["2.0.0"]["hasInstallScript"], true);
    assert!(short["versions"]["2.0.0"].get("scripts").is_none() && short.get("time").is_none());
    for path in ["/npm/@pub/lib", "/npm/@pub%2flib", "/npm/@pub%2Flib"] {
        let document = gate.get(path).await.json();
        assert_eq!(
            document["versions"]["1.0.0"]["dist"]["tarball"],
            "http://gate/npm/@pub/lib/-/lib-1.0.0.tgz",
            "{path}"
        );
    }
    assert_eq!(
        gate.get("/npm/frob/latest").await.json()["version"],
        "2.0.0"
    );
    assert_eq!(gate.get("/npm/-/ping").await.status, 200);
    assert_eq!(gate.get("/npm/none-of-these").await.status, 404);
    assert_eq!(gate.get("/npm/..%2f..%2fetc").await.status, 404);
}

#[tokio::test]
async fn a_refused_version_goes_from_versions_tags_and_times() {
    let upstream = upstream().await;
    let gate = TestGate::start(&settings(&upstream, "")).await;
    // as a lock file asks: without the document
    let reply = gate.get("/npm/frob/-/frob-2.0.0.tgz").await;
    assert_eq!(reply.status, 403);
    let told = reply.json()["error"].as_str().expect("a text").to_owned();
    assert!(told.contains("posts the environment"), "{told}");
    let full = gate.get("/npm/frob").await.json();
    assert_eq!(full["dist-tags"], json!({"latest": "1.0.0"}));
    assert!(full["versions"].get("2.0.0").is_none() && full["time"].get("2.0.0").is_none());
    assert_eq!(full["_foretaste"]["left-out"][0]["outcome"], "refuse");
    assert_eq!(gate.get("/npm/frob/-/frob-1.0.0.tgz").await.status, 200);
    assert_eq!(gate.get("/npm/frob/2.0.0").await.status, 403);
    // nobody imported advisories: an empty answer would be a lie
    let audit = gate
        .ask("POST", "/npm/-/npm/v1/security/advisories/bulk", &[], b"{}")
        .await;
    assert_eq!(audit.status, 503);
}

#[tokio::test]
async fn owned_scopes_are_never_asked_for_upstream() {
    let upstream = upstream().await;
    let gate = TestGate::start(&settings(&upstream, "")).await;
    for path in [
        "/npm/@acme/ui",
        "/npm/@acme%2fui",
        "/npm/@acme/ui/-/ui-99.0.0.tgz",
    ] {
        assert_eq!(gate.get(path).await.status, 404, "{path}");
    }
    assert_eq!(upstream.paths(), Vec::<String>::new());
}

struct Npm {
    program: String,
    folder: tempfile::TempDir,
    rc: String,
}

impl Npm {
    fn new(gate: &TestGate, token: &str) -> Option<Self> {
        let program = program("npm")?;
        let rc = format!(
            "registry={0}/npm/\n//{1}/npm/:_authToken={token}\nreplace-registry-host=always\n",
            gate.url(),
            gate.address
        );
        let folder = tempfile::tempdir().expect("a folder");
        Some(Self {
            program,
            folder,
            rc,
        })
    }

    /// Runs npm in a folder of its own, with an .npmrc and a package.json.
    async fn run(&self, dir: &str, package: &serde_json::Value, args: &[&str]) -> (bool, String) {
        let path = self.folder.path().join(dir);
        std::fs::create_dir_all(&path).expect("made");
        std::fs::write(path.join(".npmrc"), &self.rc).expect("written");
        if !path.join("package.json").exists() {
            std::fs::write(path.join("package.json"), package.to_string()).expect("written");
        }
        let mut command = Command::new(&self.program);
        command
            .args(args)
            .args(["--no-update-notifier", "--no-fund"])
            .current_dir(&path)
            .env("HOME", self.folder.path())
            .env(
                "npm_config_cache",
                self.folder.path().join(format!("cache-{dir}")),
            );
        run(command).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn npm_installs_publishes_and_is_blocked() {
    let upstream = upstream().await;
    let gate = TestGate::start(&settings(&upstream, "")).await;
    let token = gate.token(Verb::Publish, &["npm:@acme/*"]).await;
    let Some(npm) = Npm::new(&gate, &token) else {
        return;
    };
    let app = json!({"name": "app", "version": "1.0.0"});
    let (done, text) = npm
        .run("blocked", &app, &["install", "--no-audit", "frob@2.0.0"])
        .await;
    assert!(!done && text.contains("posts the environment"), "{text}");
    let (done, text) = npm
        .run("app", &app, &["install", "--no-audit", "frob"])
        .await;
    assert!(done, "{text}");
    let lock =
        std::fs::read_to_string(npm.folder.path().join("app/package-lock.json")).expect("a lock");
    assert!(lock.contains("frob-1.0.0.tgz"), "{lock}");
    let ui = json!({"name": "@acme/ui", "version": "1.0.0", "description": "<b>ours</b>"});
    let (done, text) = npm.run("ui", &ui, &["publish"]).await;
    assert!(done, "{text}");
    let (done, text) = npm.run("ui", &ui, &["publish"]).await;
    assert!(!done, "{text}");
    let (done, text) = npm
        .run("user", &app, &["install", "--no-audit", "@acme/ui"])
        .await;
    assert!(done, "{text}");
    let installed = npm
        .folder
        .path()
        .join("user/node_modules/@acme/ui/package.json");
    assert!(
        std::fs::read_to_string(installed)
            .expect("installed")
            .contains("1.0.0")
    );
    let (done, text) = npm.run("user", &app, &["whoami"]).await;
    assert!(done && text.contains("tester"), "{text}");
    let (done, text) = npm
        .run(
            "user",
            &app,
            &["dist-tag", "add", "@acme/ui@1.0.0", "stable"],
        )
        .await;
    assert!(done, "{text}");
    let (done, text) = npm
        .run("user", &app, &["deprecate", "@acme/ui@1.0.0", "use 2"])
        .await;
    assert!(done, "{text}");
    let document = gate.get("/npm/@acme/ui").await.json();
    assert_eq!(
        document["dist-tags"],
        json!({"latest": "1.0.0", "stable": "1.0.0"})
    );
    assert_eq!(document["versions"]["1.0.0"]["deprecated"], "use 2");
    let other = json!({"name": "left-pad", "version": "9.0.0"});
    let (done, text) = npm.run("other", &other, &["publish"]).await;
    assert!(!done && text.contains("may not publish"), "{text}");
    let (done, text) = npm
        .run("user", &app, &["unpublish", "--force", "@acme/ui@1.0.0"])
        .await;
    assert!(done, "{text}");
    assert_eq!(
        gate.get("/npm/@acme/ui").await.status,
        404,
        "99.0.0 of the public registry does not take its place"
    );
    let asked: Vec<String> = upstream
        .paths()
        .into_iter()
        .filter(|p| p.contains("acme"))
        .collect();
    assert_eq!(asked, Vec::<String>::new());
}
