//! `foretaste audit --since`: a policy of `run` or `monitor` that a pull request widens.

use std::path::PathBuf;

use serde_json::Value;

use crate::since::{commit, git, git_alone};
use crate::support::Home;

const RUN: &str = "preset = \"pip\"\n\n[network]\nallow = [\n    \"files.example\",\n    \"*.cdn.example\",\n]\n\n[limits]\ntime = 600\n";
const MONITOR: &str = "mode = \"block\"\nallow = [\"files.example\", \"10.0.0.0/8:5432\"]\n";

/// A home whose folder `shop` is a repository with two policies, on a branch.
struct Shop(Home);

impl Shop {
    fn new() -> Self {
        let shop = Self(Home::new().with("PATH", &git_alone()));
        shop.write("run.toml", RUN);
        shop.write(".github/monitor.toml", MONITOR);
        git(
            &shop.folder(),
            &["init", "--quiet", "--initial-branch=main"],
        );
        commit(&shop.folder(), "what may be reached");
        git(&shop.folder(), &["checkout", "--quiet", "-b", "feature"]);
        shop
    }

    fn folder(&self) -> PathBuf {
        self.0.path().join("shop")
    }

    fn write(&self, path: &str, text: &str) {
        self.0.write(&format!("shop/{path}"), text);
    }

    /// Rule, file, line and what is told of everything that is found.
    fn told(&self) -> Vec<(String, String, u64, String)> {
        let (report, _) = self.0.audit(&["--since", "main", "shop"]);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut found = Vec::new();
        for finding in report["releases"].as_array().into_iter().flatten() {
            for finding in finding["findings"].as_array().into_iter().flatten() {
                for evidence in finding["evidence"].as_array().into_iter().flatten() {
                    let line = evidence["line"].as_u64().unwrap_or_default();
                    found.push((
                        text(&finding["rule"]),
                        text(&evidence["path"]),
                        line,
                        text(&evidence["note"]),
                    ));
                }
            }
        }
        found
    }
}

fn found(rule: &str, file: &str, line: u64, told: &str) -> (String, String, u64, String) {
    (rule.into(), file.into(), line, told.into())
}

#[test]
fn what_a_policy_permits_more_is_told_with_its_line_in_every_format() {
    let shop = Shop::new();
    let wider = RUN.replace(
        "    \"files.example\",\n",
        "    \"files.example\",\n    \"collect.example\",\n",
    );
    let wider =
        wider.replace("time = 600", "time = 6000") + "\n[environment]\npass = [\"DEPLOY_TOKEN\"]\n";
    shop.write("run.toml", &wider);
    shop.write(".github/monitor.toml", &MONITOR.replace("block", "audit"));
    commit(&shop.folder(), "wider");
    assert_eq!(
        shop.told(),
        [
            found(
                "widened-policy",
                ".github/monitor.toml",
                1,
                "whatever is on no list, which is told and no longer stopped"
            ),
            found(
                "widened-policy",
                "run.toml",
                6,
                "connections to collect.example"
            ),
            found(
                "widened-policy",
                "run.toml",
                14,
                "the variable DEPLOY_TOKEN"
            ),
            found("raised-budget", "run.toml", 11, "6000 seconds (600 before)"),
        ]
    );
    let run = |format: &str| {
        let run = shop.0.run(&[
            "audit",
            "--since",
            "main",
            "--fail-on",
            "review",
            "--format",
            format,
            "shop",
        ]);
        assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
        run.stdout
    };
    for format in ["human", "json", "md", "sarif", "github", "gitlab"] {
        let text = run(format);
        for part in [
            "widened-policy",
            "collect.example",
            "run.toml",
            "ask what needs it",
        ] {
            let is_short = ["gitlab", "sarif"].contains(&format) && part == "ask what needs it";
            assert!(is_short || text.contains(part), "{format}: {part}\n{text}");
        }
    }
    let sarif: Value = serde_json::from_str(&run("sarif")).expect("JSON");
    let places = sarif["runs"][0]["results"].to_string();
    assert!(
        places.contains("shop/run.toml")
            && places.contains("\"startLine\":6")
            && places.contains("\"startColumn\":1"),
        "{places}"
    );
}

#[test]
fn the_same_in_another_order_spelling_and_file_is_no_change() {
    let shop = Shop::new();
    git(&shop.folder(), &["rm", "--quiet", "run.toml"]);
    let same = "limits = { time = 600 }\nnetwork.allow = ['*.cdn.example', 'FILES.example', 'files.example:443']\npreset = 'pip'\n";
    shop.write("ci/fence.toml", same);
    let same = "allow = [\"10.1.0.0/16:5432\", \"10.0.0.0/8:5432\", \"files.example:443\", \"files.example:80\"]\nmode = \"block\"\n";
    shop.write(".github/monitor.toml", same);
    commit(&shop.folder(), "tidied up");
    assert_eq!(shop.told(), []);
    let run = shop
        .0
        .run(&["audit", "--since", "main", "--fail-on", "note", "shop"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
}

#[test]
fn neither_another_name_nor_an_ignore_file_hides_a_wider_policy() {
    let shop = Shop::new();
    git(&shop.folder(), &["mv", "run.toml", "fence.conf"]);
    shop.write(
        "fence.conf",
        &RUN.replace("*.cdn.example", "*.collect.example"),
    );
    shop.write(".github/monitor.toml", &MONITOR.replace(":5432", ""));
    commit(&shop.folder(), "moved");
    shop.write(".gitignore", "*.conf\n*.toml\n");
    commit(&shop.folder(), "ignored");
    assert_eq!(
        shop.told(),
        [
            found(
                "widened-policy",
                ".github/monitor.toml",
                2,
                "connections to 10.0.0.0/8"
            ),
            found(
                "widened-policy",
                "fence.conf",
                6,
                "connections to *.collect.example"
            ),
        ]
    );
}

#[test]
fn a_new_policy_counts_for_what_it_permits_and_one_that_is_misspelt_is_told() {
    let shop = Shop::new();
    shop.write(
        "publish.toml",
        "preset = \"npm\"\n[network]\nregistry = \"open\"\n",
    );
    shop.write("run.toml", &RUN.replace("allow", "alow"));
    commit(&shop.folder(), "publishes");
    let told = shop.told();
    assert_eq!(
        told[1..],
        [found(
            "widened-policy",
            "publish.toml",
            3,
            "writing to the registry, which was only read"
        )]
    );
    assert_eq!((&*told[0].0, &*told[0].1), ("broken-policy", "run.toml"));
    assert!(
        told[0].3.contains("line 4") && told[0].3.contains("alow"),
        "{}",
        told[0].3
    );
}
