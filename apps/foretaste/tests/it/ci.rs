//! What other people's pipelines run: the script of the action and of the GitLab component.

use std::path::Path;
use std::process::Command;

use crate::support::Home;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// A file of this repository.
pub(crate) fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).expect("a file")
}

#[test]
fn the_pull_request_script_leaves_every_report_and_ends_as_the_audit_does() {
    let home = Home::new();
    let git = |args: &[&str]| {
        let done = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@acme.example"])
            .args(args)
            .current_dir(home.path())
            .output()
            .expect("git runs");
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
    };
    home.write("requirements.txt", "");
    git(&["init", "--quiet", "--initial-branch=main"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "nothing"]);
    home.write("requirements.txt", "acme-corp-util\n");
    let binary = Path::new(env!("CARGO_BIN_EXE_foretaste"));
    let path = format!(
        "{}:{}",
        binary.parent().expect("a folder").display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let summary = home.path().join("summary.md");
    let output = home.path().join("output");
    let done = Command::new("sh")
        .arg(root().join("ci/pull-request.sh"))
        .current_dir(home.path())
        .env("PATH", path)
        .env("HOME", home.path())
        .env("FORETASTE_OFFLINE", "true")
        .env("FORETASTE_SINCE", "main")
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", &summary)
        .env("GITHUB_OUTPUT", &output)
        .output()
        .expect("sh runs");
    // offline: what was added could not be vetted, and that is no pass
    let told = String::from_utf8_lossy(&done.stdout).into_owned();
    assert_eq!(
        done.status.code(),
        Some(3),
        "{told}{}",
        String::from_utf8_lossy(&done.stderr)
    );
    assert!(
        told.contains("::warning file=requirements.txt,line=1"),
        "{told}"
    );
    for report in [
        "comment.md",
        "report.json",
        "report.sarif",
        "gl-code-quality-report.json",
    ] {
        let file = home.path().join("foretaste-reports").join(report);
        assert!(file.exists(), "{report}");
    }
    let summary = std::fs::read_to_string(summary).expect("a summary");
    assert!(summary.contains("acme-corp-util"), "{summary}");
    let output = std::fs::read_to_string(output).expect("outputs");
    assert!(output.contains("exit-code=3"), "{output}");
}

#[test]
fn pipelines_name_what_exists() {
    for part in ["ci/pull-request.sh", "FORETASTE_SINCE", "using: composite"] {
        assert!(text("action.yml").contains(part), "{part}");
    }
    for part in ["gl-code-quality-report.json", "FORETASTE_SINCE"] {
        assert!(text("templates/audit.yml").contains(part), "{part}");
        assert!(text("ci/pull-request.sh").contains(part), "{part}");
    }
    let hooks = text(".pre-commit-hooks.yaml");
    let entries = hooks
        .lines()
        .filter_map(|line| line.trim().strip_prefix("entry: foretaste "));
    let home = Home::new();
    for entry in entries {
        let words: Vec<&str> = entry.split_whitespace().chain(["--help"]).collect();
        assert_eq!(home.run(&words).code, 0, "{entry}");
    }
}
