//! The actions and pipelines that we hand out: they are parsed, and hold no key, input or step that their host does not know.

use std::collections::BTreeSet;

use foretaste_markup::{Document, yaml};

use crate::ci::text;

fn parsed(name: &str, text: &str) -> Document {
    let document = yaml(text);
    assert!(
        document.problems.is_empty(),
        "{name}: {:?}",
        document.problems
    );
    assert!(!document.entries.is_empty(), "{name} is empty");
    document
}

/// The keys directly below a path.
fn keys<'a>(document: &'a Document, path: &'a str) -> BTreeSet<&'a str> {
    let paths = document.entries.iter().map(|entry| &*entry.path);
    paths
        .filter_map(|own| match path {
            "" => Some(own),
            path => own.strip_prefix(path)?.strip_prefix('/'),
        })
        .map(|rest| rest.split('/').next().unwrap_or(rest))
        .collect()
}

fn only(name: &str, found: &BTreeSet<&str>, known: &[&str]) {
    let strange: Vec<_> = found.iter().filter(|key| !known.contains(key)).collect();
    assert!(strange.is_empty(), "{name}: {strange:?}");
}

/// What stands between two marks, wherever they stand.
fn between<'a>(text: &'a str, open: &'a str, close: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(open)
        .skip(1)
        .filter_map(move |rest| Some(rest.split_once(close)?.0.trim()))
}

#[test]
fn actions_hold_what_github_knows() {
    for name in ["action.yml", "monitor/action.yml"] {
        let text = text(name);
        let action = parsed(name, &text);
        only(
            name,
            &keys(&action, ""),
            &[
                "name",
                "description",
                "author",
                "branding",
                "inputs",
                "outputs",
                "runs",
            ],
        );
        let inputs = keys(&action, "inputs");
        for input in &inputs {
            let path = format!("inputs/{input}");
            only(
                &path,
                &keys(&action, &path),
                &["description", "required", "default", "deprecationMessage"],
            );
            assert!(
                action.text(&format!("{path}/description")).is_some(),
                "{path}"
            );
            assert!(
                text.contains(&format!("inputs.{input}")),
                "{name}: nobody uses {input}"
            );
        }
        assert_eq!(action.text("runs/using"), Some("composite"), "{name}");
        only(name, &keys(&action, "runs"), &["using", "steps"]);
        let steps = keys(&action, "runs/steps");
        assert!(!steps.is_empty(), "{name}");
        let mut ids = BTreeSet::new();
        for step in steps {
            let path = format!("runs/steps/{step}");
            let step = keys(&action, &path);
            let known = [
                "name",
                "id",
                "if",
                "shell",
                "run",
                "env",
                "uses",
                "with",
                "working-directory",
                "continue-on-error",
            ];
            only(&path, &step, &known);
            // a composite action's scripts say which shell reads them
            assert_ne!(step.contains("run"), step.contains("uses"), "{name} {path}");
            assert_eq!(
                step.contains("run"),
                step.contains("shell"),
                "{name} {path}"
            );
            ids.extend(action.text(&format!("{path}/id")).map(str::to_owned));
        }
        let written = text
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'));
        let written: String = written.collect::<Vec<_>>().join("\n");
        for expression in between(&written, "${{", "}}") {
            let mut words = expression.split(|c: char| !(c.is_alphanumeric() || "._-".contains(c)));
            let context = words.next().unwrap_or("").split('.').collect::<Vec<_>>();
            match context[..] {
                ["inputs", input] => assert!(inputs.contains(input), "{name}: {expression}"),
                ["steps", id, "outputs", _] => assert!(ids.contains(id), "{name}: {expression}"),
                ["github" | "runner" | "env", ..] => {}
                _ => panic!("{name}: {expression}"),
            }
        }
    }
}

#[test]
fn pipelines_hold_what_gitlab_knows() {
    for name in ["templates/audit.yml", "templates/monitor.yml"] {
        let whole = text(name);
        let (head, jobs) = whole.split_once("\n---\n").expect("a component has a head");
        let spec = parsed(name, head);
        only(name, &keys(&spec, ""), &["spec"]);
        let inputs = keys(&spec, "spec/inputs");
        for input in &inputs {
            let path = format!("spec/inputs/{input}");
            only(
                &path,
                &keys(&spec, &path),
                &["description", "default", "type", "options", "regex"],
            );
            assert!(
                jobs.contains(&format!("inputs.{input}")),
                "{name}: nobody uses {input}"
            );
        }
        for input in between(jobs, "$[[", "]]") {
            let input = input.strip_prefix("inputs.").expect("an input");
            assert!(inputs.contains(input), "{name}: {input}");
        }
        let document = parsed(name, jobs);
        for job in keys(&document, "") {
            let known = [
                "stage",
                "image",
                "variables",
                "before_script",
                "script",
                "after_script",
                "artifacts",
                "rules",
                "needs",
                "extends",
                "allow_failure",
                "cache",
                "tags",
                "timeout",
                "interruptible",
            ];
            only(&format!("{name} {job}"), &keys(&document, job), &known);
            let artifacts = format!("{job}/artifacts");
            only(
                &artifacts,
                &keys(&document, &artifacts),
                &["when", "paths", "reports", "expire_in", "name", "expose_as"],
            );
            // a hidden job is there to be extended
            let runs = document
                .entries
                .iter()
                .any(|entry| entry.path.starts_with(&format!("{job}/script")));
            assert!(runs || job.starts_with('.'), "{name}: {job} has no script");
        }
    }
}
