//! Runs the cases in `cases/*.md`.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests read their cases, and fail when they cannot"
)]

use foretaste_model::Limits;
use foretaste_model::facts::{FileFacts, StepRole};
use foretaste_python::observe;

struct Case {
    title: String,
    path: String,
    code: String,
    expectations: Vec<(usize, String)>,
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        if let Some(title) = line.strip_prefix("## ")
            && !inside
        {
            cases.push(Case {
                title: title.to_owned(),
                path: "module.py".to_owned(),
                code: String::new(),
                expectations: Vec::new(),
            });
            continue;
        }
        let Some(case) = cases.last_mut() else {
            continue;
        };
        if let Some(info) = line.strip_prefix("```") {
            inside = !inside;
            if let Some((_, path)) = info.split_once("path=") {
                path.clone_into(&mut case.path);
            }
        } else if inside {
            case.code.push_str(line);
            case.code.push('\n');
        } else if let Some(expectation) = line.strip_prefix("- ") {
            case.expectations.push((number + 1, expectation.to_owned()));
        }
    }
    cases
}

fn holds(facts: &FileFacts, expectation: &str) -> bool {
    let (kind, what) = expectation.split_once(": ").unwrap_or((expectation, ""));
    let lower = |x: &dyn std::fmt::Debug| format!("{x:?}").to_ascii_lowercase();
    let flows: Vec<String> = facts
        .flows
        .iter()
        .map(|f| {
            let steps: Vec<&str> = f.steps.iter().map(|s| s.capability.id()).collect();
            let (last, before) = steps.split_last().unwrap();
            format!("{} {} -> {last}", lower(&f.link), before.join(" > "))
        })
        .collect();
    let layers = |what: &str| {
        facts.layers.iter().any(|l| {
            let executed = if l.executed { " executed" } else { "" };
            format!("{}{executed}", l.steps.join("/")) == what
        })
    };
    let function = |name: &str| facts.functions.iter().find(|f| &*f.name == name).unwrap();
    match kind {
        "use" => facts
            .uses
            .iter()
            .any(|u| *u.api == *what || format!("{} {}", u.api, lower(&u.resolution)) == what),
        "no-use" => !facts.uses.iter().any(|u| *u.api == *what),
        "flow" => flows.iter().any(|f| {
            f == what || {
                // without the steps between, if none are asked for
                let (link, rest) = f.split_once(' ').unwrap();
                let (before, sink) = rest.split_once(" -> ").unwrap();
                format!("{link} {} -> {sink}", before.split(" > ").next().unwrap()) == what
            }
        }),
        "no-flow" => !flows.iter().any(|f| f.starts_with(what)),
        "constant" => facts
            .flows
            .iter()
            .flat_map(|f| &f.steps)
            .filter(|s| s.role != StepRole::Transform)
            .any(|s| s.constant.as_deref() == Some(what)),
        "call" => facts
            .functions
            .iter()
            .flat_map(|f| &f.calls)
            .any(|c| matches!(c, foretaste_model::facts::Callee::External(n) if **n == *what)),
        "layer" => layers(what),
        "layer-use" => facts
            .layers
            .iter()
            .any(|l| l.facts.uses.iter().any(|u| *u.api == *what)),
        "literal" => facts.literals.iter().any(|l| lower(&l.kind) == what),
        "no-literal" => !facts.literals.iter().any(|l| lower(&l.kind) == what),
        "outcome" => lower(&facts.outcome) == what,
        "surface" => facts
            .surfaces
            .iter()
            .any(|s| *s.name == *what || format!("{} {}", s.name, s.command) == what),
        "import-time" => function(what).at_import,
        "called" => !function(what).at_import,
        _ => panic!("unknown expectation `{expectation}`"),
    }
}

#[test]
fn every_case_holds() {
    let mut failures = Vec::new();
    let mut count = 0;
    for file in ["evasions.md", "flows.md"] {
        let path = format!("{}/cases/{file}", env!("CARGO_MANIFEST_DIR"));
        for case in cases(&std::fs::read_to_string(path).unwrap()) {
            let facts = observe(&case.path, &case.code, &Limits::default());
            for (line, expectation) in &case.expectations {
                count += 1;
                if !holds(&facts, expectation) {
                    failures.push(format!("{file}:{line} {}: {expectation}", case.title));
                }
            }
        }
    }
    assert!(count > 100, "only {count} expectations were found");
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n"));
}
