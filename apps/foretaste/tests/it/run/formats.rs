//! What a run did, for other programs, and against an earlier run.

use serde_json::Value;

use super::project::Project;

#[test]
fn a_run_is_written_in_the_formats_of_services_and_signers() {
    let project = Project::new();
    let options = [
        "--also",
        "sarif=run.sarif",
        "--also",
        "markdown=summary.md",
        "--also",
        "in-toto=run.intoto.json",
    ];
    let run = project.run(
        &options,
        r"echo made > file; getent hosts evil.invalid; cat ~/.pypirc ~/.ssh/$(printf 'a\033[2Jb'); true",
    );
    let json = |name: &str| -> Value {
        let text = project
            .read(name)
            .unwrap_or_else(|| panic!("{name}: {run:?}"));
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"))
    };
    let sarif = json("run.sarif");
    let results = sarif["runs"][0]["results"].as_array().expect("a list");
    let has = |rule: &str| results.iter().any(|result| result["ruleId"] == rule);
    assert!(has("credential-read") && has("egress-denied"), "{sarif}");
    let summary = project.read("summary.md").expect("written");
    assert!(
        summary.contains("credential-read") && !summary.contains('\u{1b}'),
        "{summary}"
    );
    let statement = json("run.intoto.json");
    assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
    let subjects = statement["subject"].as_array().expect("a list");
    let made = subjects
        .iter()
        .find(|s| s["name"].as_str().is_some_and(|n| n.ends_with("/file")));
    let digest = made.expect("a subject")["digest"]["sha256"].as_str();
    let bytes = <sha2::Sha256 as sha2::Digest>::digest(b"made\n");
    let expected: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, Some(&*expected), "{statement}");
    let log = &statement["predicate"]["monitorLog"];
    assert!(
        log["process"].as_array().is_some_and(|list| list.len() > 2),
        "{log}"
    );
}

#[test]
fn what_an_earlier_run_did_not_do_is_told() {
    let project = Project::new();
    project.run(&["--report", "before.ndjson"], "echo x > file");
    let run = project.run(&["--baseline", "before.ndjson"], "echo x > file");
    assert!(
        run.stderr
            .contains("Nothing that the earlier run did not do"),
        "{run:?}"
    );
    let run = project.run(
        &["--baseline", "before.ndjson"],
        "echo x > file; getent hosts hook.invalid; true",
    );
    for new in [
        "+ runs getent",
        "+ looks up hook.invalid, which is not allowed",
    ] {
        assert!(run.stderr.contains(new), "{new}: {run:?}");
    }
    project.write("other.ndjson", "no record\n");
    let run = project.run(&["--baseline", "other.ndjson"], "true");
    assert_eq!(run.code, Some(2), "{run:?}");
}
