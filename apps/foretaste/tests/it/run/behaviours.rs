//! The behaviours of `behaviours.md`: each is recorded, and the rule that it names says so.

use super::project::Project;

const TABLE: &str = include_str!("behaviours.md");

#[test]
fn every_behaviour_is_found() {
    let mut failed = Vec::new();
    let parts: Vec<&str> = TABLE.split("\n## ").skip(1).collect();
    assert!(parts.len() >= 25, "{} behaviours", parts.len());
    for part in &parts {
        let (name, rest) = part.split_once("\n```sh rule=\"").expect("a fence");
        let (rule, script) = rest.split_once("\"\n").expect("a head");
        let script = script.split("\n```").next().expect("an end");
        let project = Project::new();
        let run = project.run(&["--report", "record.ndjson"], script);
        let record = project.read("record.ndjson").unwrap_or_default();
        if !record.contains(&format!("\"rule\":\"{rule}\"")) {
            failed.push(format!("{name}: {rule} is silent: {run:?}"));
        }
    }
    assert!(
        failed.is_empty(),
        "{} of {} failed:\n{}",
        failed.len(),
        parts.len(),
        failed.join("\n")
    );
}

#[test]
fn honest_builds_are_silent() {
    let project = Project::new();
    project.write("hello.c", "int main(void) { return 0; }\n");
    project.write("pkg/setup.py", "");
    let script = "cc hello.c -o hello && ./hello && /usr/bin/python3 -c 'import json, ssl, http.client' && tar cf a.tar pkg && git init -q . && ls -la";
    let run = project.run(&["--report", "record.ndjson"], script);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.contains("✓ CLEAR"), "{run:?}");
}
