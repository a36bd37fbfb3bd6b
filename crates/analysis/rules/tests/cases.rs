//! Every rule has a page with all sections and cases that make it fire and keep it silent, and all of them hold.
#![expect(
    clippy::disallowed_methods,
    reason = "the test reads the crate's own case files"
)]

use std::fs;
use std::path::{Path, PathBuf};

use foretaste_model::RuleMeta;
use foretaste_rule_cases::{findings, parse, run};

fn case_file(meta: &RuleMeta) -> PathBuf {
    Path::new("src")
        .join(meta.group.id())
        .join("cases")
        .join(format!("{}.md", meta.id))
}

#[test]
fn every_case_holds() {
    let rules = foretaste_rules::all();
    let only = std::env::var("CASE").unwrap_or_default();
    let (mut failures, mut count) = (Vec::new(), 0);
    for meta in rules
        .iter()
        .map(|r| r.meta())
        .filter(|m| m.id.0.contains(&only))
    {
        let path = case_file(meta);
        let cases = match fs::read_to_string(&path)
            .map_err(|e| e.to_string())
            .and_then(|text| parse(&text))
        {
            Ok(cases) => cases,
            Err(problem) => {
                failures.push(format!("{}: {problem}", path.display()));
                continue;
            }
        };
        for case in &cases {
            count += 1;
            if let Err(problem) = run(case, meta.id.0, &rules) {
                failures.push(format!("{} · {}: {problem}", meta.id, case.title));
            }
        }
        let fires = cases
            .iter()
            .any(|c| c.expect.iter().any(|e| e == meta.id.0));
        let silent = cases
            .iter()
            .any(|c| c.expect.iter().all(|e| e != meta.id.0));
        if !fires || !silent {
            failures.push(format!("{}: needs a firing and a silent case", meta.id));
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {count} cases fail:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn every_rule_has_a_page_with_all_sections() {
    for meta in foretaste_rules::all()
        .into_iter()
        .map(foretaste_engine::AnyRule::meta)
    {
        let page =
            foretaste_rules::page(meta.id.0).unwrap_or_else(|| panic!("{} has no page", meta.id));
        assert!(
            page.starts_with("# "),
            "{}: the page begins with a title",
            meta.id
        );
        for section in [
            "## What it finds",
            "## Why it matters",
            "## Example",
            "## What to do",
            "## When it is wrong",
        ] {
            assert!(
                page.contains(section),
                "{}: the page lacks `{section}`",
                meta.id
            );
        }
    }
}

#[test]
fn ids_are_unique_and_stand_in_the_file_of_their_name() {
    let mut ids: Vec<_> = foretaste_rules::all()
        .iter()
        .map(|r| r.meta().id.0)
        .collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "an id is used twice");
    for meta in foretaste_rules::all()
        .into_iter()
        .map(foretaste_engine::AnyRule::meta)
    {
        let (_, file, _) = foretaste_rules::PAGES
            .iter()
            .find(|(id, _, _)| *id == meta.id.0)
            .expect("has a page");
        let expected = format!("src/{}/{}.rs", meta.group.id(), meta.id.0.replace('-', "_"));
        assert_eq!(*file, expected);
    }
    assert_eq!(
        foretaste_rules::PAGES.len(),
        count,
        "a rule file is not registered in its group"
    );
}

/// An option that no value of which changes any of the rule's own cases is decoration.
#[test]
fn every_option_decides_something() {
    let rules = foretaste_rules::all();
    let mut idle = Vec::new();
    for meta in rules.iter().map(|r| r.meta()) {
        let text = fs::read_to_string(case_file(meta)).expect("has cases");
        let cases = parse(&text).expect("can be read");
        for option in meta.options {
            let outcome = |value: f64| -> Vec<_> {
                cases
                    .iter()
                    .map(|case| {
                        let found = findings(case, &rules, (meta.id.0, option.name, value));
                        let mut found = found.expect("the case can be judged");
                        found.retain(|f| *f.rule == *meta.id.0);
                        found
                    })
                    .collect()
            };
            if outcome(0.0) == outcome(1e9) {
                idle.push(format!("{}.{}", meta.id, option.name));
            }
        }
    }
    assert!(idle.is_empty(), "these options change nothing: {idle:?}");
}
