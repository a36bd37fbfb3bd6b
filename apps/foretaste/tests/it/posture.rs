//! `foretaste posture` over real Git repositories.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

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
