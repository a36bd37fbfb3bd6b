//! `foretaste posture` over real Git repositories.

use std::path::Path;
use std::process::Command;

use foretaste_fake_registries::{Answer, FakeServer, Manners};
use serde_json::{Value, json};

use crate::support::Home;

fn git(dir: &Path, args: &[&str]) {
    let done = Command::new("git")
        .args(["-c", "init.defaultBranch=main"])
        .args(args)
        .current_dir(dir)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .envs([
            ("GIT_AUTHOR_NAME", "A"),
            ("GIT_AUTHOR_EMAIL", "a@acme.example"),
            ("GIT_COMMITTER_NAME", "A"),
            ("GIT_COMMITTER_EMAIL", "a@acme.example"),
            ("GIT_AUTHOR_DATE", "2026-06-01T00:00:00Z"),
            ("GIT_COMMITTER_DATE", "2026-06-01T00:00:00Z"),
        ])
        .output()
        .expect("git starts");
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

/// Two repositories: one loose and pushed directly, one locked by requests.
fn organisation() -> Home {
    let home = Home::new();
    for (name, subject) in [("loose", "add things"), ("locked", "Add things (#3)")] {
        let hash = "a".repeat(64);
        let list = match name {
            "loose" => {
                "--extra-index-url https://pkgs.acme.example/simple\nsix\nrich>=1\n".to_owned()
            }
            _ => format!("six==1.0 --hash=sha256:{hash}\n"),
        };
        home.write(&format!("org/{name}/requirements.txt"), list);
        home.write(
            &format!("org/{name}/.github/workflows/ci.yml"),
            "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: a/b@v1\n",
        );
        let dir = home.path().join("org").join(name);
        git(&dir, &["init", "-q"]);
        git(&dir, &["add", "."]);
        git(&dir, &["commit", "-q", "-m", subject]);
    }
    home
}

#[test]
fn the_figures_and_what_to_fix_first() {
    let home = organisation();
    let run = home.run(&["posture", "org"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    insta::assert_snapshot!("posture", run.stdout);
}

#[test]
fn the_json_has_each_repository_and_the_trend() {
    let home = organisation();
    let run = home.run(&["posture", "org", "--format", "json"]);
    let posture: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(posture["schema"], "foretaste-posture/1");
    assert_eq!(posture["repositories"][0]["name"], "loose");
    assert_eq!(posture["repositories"][0]["measures"]["extra_indexes"], 1);
    assert_eq!(posture["locked_repositories"]["have"], 1);
    // nothing stood before June; the state since then is that of the files
    let times: Vec<&str> = posture["trend"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|p| p["when"].as_str())
        .collect();
    assert_eq!(times.len(), 2, "{times:?}");
    assert_eq!(times[1], "2026-11-01T00:00:00Z");
}

#[test]
fn the_page_stands_alone_and_escapes_what_repositories_say() {
    let home = organisation();
    let dir = home.path().join("org/loose");
    home.write("org/loose/requirements.txt", "six\nattrs\n");
    git(
        &dir,
        &["commit", "-qam", "<script>alert(1)</script> & more"],
    );
    let run = home.run(&[
        "posture",
        "org",
        "--format",
        "html",
        "--output",
        "page.html",
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let page = std::fs::read_to_string(home.path().join("page.html")).expect("written");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; more"));
    for loaded in ["<script", "src=", "href=", "url("] {
        assert!(!page.contains(loaded), "the page holds {loaded}");
    }
}

#[test]
fn what_tests_read_is_not_counted_and_that_is_said() {
    let home = Home::new();
    home.write("app/requirements.txt", "six\n");
    home.write("app/tests/fixtures/a/requirements.txt", "six\nattrs\n");
    home.write("app/tests/fixtures/a/package.json", "{ broken");
    let run = home.run(&["posture", "app", "--format", "json"]);
    let told: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let repository = &told["repositories"][0];
    assert_eq!(
        repository["measures"]["specifiers"]["manifests"], 1,
        "{repository:#}"
    );
    assert_eq!(repository["problems"], json!([]));
    assert!(
        repository["skipped"]
            .to_string()
            .contains("test fixtures: 2 files"),
        "{repository:#}"
    );
}

#[test]
fn a_folder_without_history_is_measured_and_says_what_was_skipped() {
    let home = Home::new();
    home.write("app/requirements.txt", "six\n");
    let run = home.run(&["posture", "app"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout.contains("it is no Git repository"),
        "{}",
        run.stdout
    );
    let run = home.run(&["posture", "nowhere"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("nowhere"), "{}", run.stderr);
}

/// The commits of a repository, newest first.
fn commits(dir: &Path) -> Vec<String> {
    let output = Command::new("git")
        .args(["log", "--format=%H"])
        .current_dir(dir)
        .output()
        .expect("git starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_tells_what_the_log_does_not() {
    let home = organisation();
    let (loose, locked) = (
        home.path().join("org/loose"),
        home.path().join("org/locked"),
    );
    // its message names a request, in which nobody but its author spoke; the other was pushed, and says so
    git(
        &locked,
        &["remote", "add", "origin", "git@github.com:acme/locked.git"],
    );
    git(
        &loose,
        &[
            "remote",
            "add",
            "origin",
            "https://gitlab.com/acme/shop/loose",
        ],
    );
    home.write("org/loose/requirements.txt", "six\n");
    git(&loose, &["commit", "-qam", "less"]);
    let by_request = commits(&locked)[0].clone();
    let (newest, first) = (commits(&loose)[0].clone(), commits(&loose)[1].clone());
    let server = FakeServer::start(Manners::default(), move |ask, _| {
        let path = ask.path.as_str();
        let at = |tail: &str| path.contains(tail);
        Answer::json(&if at(&format!("/repos/acme/locked/commits/{by_request}/pulls")) {
            json!([{"number": 3, "merged_at": "2026-06-01T00:00:00Z", "user": {"login": "ann"}}])
        } else if at("/repos/acme/locked/pulls/3/reviews") {
            json!([{"state": "APPROVED", "user": {"login": "lint[bot]", "type": "Bot"}}])
        } else if at("/repos/acme/locked/issues/3/comments") {
            json!([{"user": {"login": "ann", "type": "User"}}])
        } else if at(&format!("/projects/acme%2Fshop%2Floose/repository/commits/{newest}/merge_requests")) {
            json!([{"iid": 9, "state": "merged", "author": {"username": "bob"}}])
        } else if at("/merge_requests/9/approvals") {
            json!({"approved_by": [{"user": {"username": "bob"}}, {"user": {"username": "cleo"}}]})
        } else if at("/merge_requests/9/notes") {
            json!([{"system": true, "author": {"username": "cleo"}}])
        } else if at(&format!("/commits/{first}/merge_requests")) {
            json!([])
        } else {
            return Answer::status(404, "no");
        })
    })
    .await;
    home.write(
        "foretaste.toml",
        format!(
            "[sources.github]\napi = \"{0}\"\n[sources.gitlab]\napi = \"{0}\"\n",
            server.url()
        ),
    );
    let by_log = home.run(&["posture", "org", "--format", "json"]);
    let run = home.run(&["posture", "org", "--reviews", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let read = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    let (log, told) = (read(&by_log.stdout), read(&run.stdout));
    assert_eq!(
        log["changes"]["seen_by_another"],
        json!({"have": 1, "of": 3})
    );
    assert_eq!(log["changes"]["told_by_host"]["have"], 0);
    assert_eq!(
        told["changes"]["seen_by_another"],
        json!({"have": 1, "of": 3})
    );
    assert_eq!(told["changes"]["told_by_host"], json!({"have": 3, "of": 3}));
    let unseen = |repository: usize| {
        let change = &told["repositories"][repository]["changes"]["unseen"][0];
        (change["way"].clone(), change["request"].clone())
    };
    assert_eq!(unseen(0), (json!("direct"), Value::Null));
    assert_eq!(unseen(1), (json!("unreviewed"), json!("#3")));
    let shown = home.run(&["posture", "org", "--reviews"]).stdout;
    assert!(shown.contains("approved or commented on"), "{shown}");

    // who cannot be asked is named, and the log counts
    git(
        &loose,
        &["remote", "set-url", "origin", "https://git.acme.example/x"],
    );
    let run = home.run(&["posture", "org", "--reviews", "--verbose"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout
            .contains("reviews: not offered: its origin is at no known code host"),
        "{}",
        run.stdout
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_resolution_tells_how_far_the_locks_are_behind() {
    if crate::locks::uv().is_none() {
        return;
    }
    let index = crate::locks::Index::plain().start().await;
    let home = Home::new()
        .with("PIP_INDEX_URL", &format!("{}/simple", index.url()))
        .with("FORETASTE_NOW", "2026-11-01T00:00:00Z");
    home.write("org/behind/requirements.in", "alpha>=1\ngamma\n");
    home.write(
        "org/behind/requirements.txt",
        "alpha==1.1\nbeta==1.0\ngone==3.0\n",
    );
    home.write("org/hand/requirements.txt", "alpha==1.1\n");
    for (name, version) in [("alpha", "1.2"), ("beta", "1.0"), ("extra", "5")] {
        let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n");
        let site = "org/behind/.venv/lib/python3.12/site-packages";
        home.write(
            &format!("{site}/{name}-{version}.dist-info/METADATA"),
            metadata,
        );
    }
    home.write("org/behind/.venv/pyvenv.cfg", "");
    for name in ["behind", "hand"] {
        let dir = home.path().join("org").join(name);
        git(&dir, &["init", "-q"]);
    }
    let run = home.run(&["posture", "org", "--drift", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let told: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let drift = &told["drift"];
    assert_eq!(drift["resolved"], json!({"have": 1, "of": 2}), "{drift:#}");
    assert_eq!(drift["moved"], json!({"have": 1, "of": 2}));
    assert_eq!(
        (&drift["minor"], &drift["entered"], &drift["left"]),
        (&json!(1), &json!(1), &json!(1))
    );
    assert_eq!(drift["oldest"]["release"], "pkg:pypi/alpha@1.1");
    assert_eq!(drift["oldest"]["days"], 304);
    let installed = &told["installed"];
    assert_eq!(
        installed["as_locked"],
        json!({"have": 1, "of": 3}),
        "{installed:#}"
    );
    assert_eq!(
        (
            &installed["other_version"],
            &installed["extra"],
            &installed["missing"]
        ),
        (&json!(1), &json!(1), &json!(1))
    );

    let run = home.run(&["posture", "org", "--drift"]);
    let from = run.stdout.find("installed against").unwrap_or_default();
    let to = run.stdout.find("\nfix first").unwrap_or(run.stdout.len());
    insta::assert_snapshot!("drift", &run.stdout[from..to]);
    let page = home
        .run(&["posture", "org", "--drift", "--format", "html"])
        .stdout;
    assert!(page.contains("Drift: a fresh resolution") && page.contains("pypi:alpha 1.1 → 1.2"));
    let run = home.run(&["posture", "org", "--drift", "--offline"]);
    assert!(
        run.code == 2 && run.stderr.contains("asks registries"),
        "{}",
        run.stderr
    );
}
