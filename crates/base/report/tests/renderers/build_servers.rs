//! What build servers read: GitHub annotations, GitLab code quality, JUnit.

use foretaste_model::report::Report;
use foretaste_report::{Format, Options};

use crate::human::everything;
use crate::reports::*;

fn show(format: Format, report: &Report) -> String {
    format
        .render(report, &rules, Options::default())
        .expect("a report can be written")
}

#[test]
fn annotations_are_single_commands_whatever_a_package_says() {
    for report in [everything(), report(vec![hostile()])] {
        let text = show(Format::Github, &report);
        assert!(!text.is_empty());
        for line in text.lines() {
            let level = ["::error title=", "::warning title=", "::notice title="];
            assert!(level.iter().any(|l| line.starts_with(l)), "{line}");
            assert!(line.chars().all(|c| !c.is_control()), "{line:?}");
        }
    }
    insta::assert_snapshot!("github", show(Format::Github, &everything()));
}

#[test]
fn code_quality_has_what_gitlab_asks_for_and_no_fingerprint_twice() {
    for report in [everything(), report(vec![hostile()])] {
        let text = show(Format::Gitlab, &report);
        let issues: Vec<serde_json::Value> = serde_json::from_str(&text).expect("JSON");
        let mut seen = std::collections::BTreeSet::new();
        for issue in &issues {
            assert!(seen.insert(issue["fingerprint"].to_string()), "{issue}");
            assert!(issue["location"]["lines"]["begin"].as_u64() >= Some(1));
            let severity = issue["severity"].as_str().unwrap_or("");
            assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity));
        }
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
    }
    insta::assert_snapshot!("gitlab", show(Format::Gitlab, &everything()));
}

#[test]
fn dependency_scanning_has_what_its_schema_requires() {
    for report in [everything(), report(vec![hostile()])] {
        let text = show(Format::GitlabDependencies, &report);
        let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(document["version"], "15.0.7");
        assert_eq!(document["scan"]["type"], "dependency_scanning");
        assert_eq!(document["scan"]["start_time"], "1970-01-01T00:00:00");
        let mut seen = std::collections::BTreeSet::new();
        for found in document["vulnerabilities"].as_array().expect("a list") {
            assert!(seen.insert(found["id"].to_string()), "{found}");
            assert!(
                found["identifiers"]
                    .as_array()
                    .is_some_and(|i| !i.is_empty())
            );
            let place = &found["location"];
            assert!(place["file"].as_str().is_some_and(|f| !f.is_empty()));
            assert!(place["dependency"]["package"]["name"].is_string());
            assert!(place["dependency"]["version"].is_string());
            let severity = found["severity"].as_str().unwrap_or("");
            assert!(["Info", "Unknown", "Low", "Medium", "High", "Critical"].contains(&severity));
        }
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
    }
    insta::assert_snapshot!(
        "gitlab_dependencies",
        show(Format::GitlabDependencies, &everything())
    );
}

#[test]
fn junit_is_well_formed_whatever_a_package_says() {
    for report in [everything(), report(vec![hostile()])] {
        let text = show(Format::Junit, &report);
        assert_eq!(text.matches("<testcase ").count(), report.releases.len());
        assert_eq!(
            text.matches("<failure ").count(),
            text.matches("</failure>").count()
        );
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
        for tag in text.split('<').skip(1) {
            let known = [
                "?xml ",
                "testsuites>",
                "testsuite ",
                "testcase ",
                "failure ",
                "error ",
                "/",
            ];
            assert!(known.iter().any(|k| tag.starts_with(k)), "{tag}");
        }
    }
    insta::assert_snapshot!("junit", show(Format::Junit, &everything()));
}
