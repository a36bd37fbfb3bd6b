//! Order in the house: file sizes, forbidden words, complete rules and cases.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};
use walkdir::WalkDir;

/// Lines beyond which a source file must be split. Tables and generated files are data, not code.
const MAX_LINES: usize = 600;

/// Files allowed to be longer, with the reason.
const LONG: &[(&str, &str)] = &[
    (
        "crates/analysis/javascript/src/eval/external.rs",
        "what calls of outside interfaces mean, one match",
    ),
    (
        "crates/analysis/javascript/src/eval/mod.rs",
        "the evaluator of the intermediate form, one match",
    ),
    (
        "crates/analysis/javascript/src/fallback.rs",
        "the tolerant reader, one cursor walk",
    ),
    (
        "crates/analysis/javascript/tests/names.rs",
        "a table of cases",
    ),
];

/// Checks the tree.
///
/// # Errors
/// Everything that is out of order.
pub(crate) fn run() -> Result<()> {
    let mut problems = Vec::new();
    let mut files = 0;
    for entry in WalkDir::new(".")
        .into_iter()
        .filter_entry(|e| !is_foreign(e.path()))
        .flatten()
    {
        let path = entry.path();
        if !entry.file_type().is_file() {
            continue;
        }
        let Ok(text) = fs::read_to_string(path) else {
            continue;
        };
        files += 1;
        let shown = path
            .strip_prefix("./")
            .unwrap_or(path)
            .display()
            .to_string();
        check_size(&shown, &text, &mut problems);
        check_words(&shown, &text, &mut problems);
        if shown.ends_with("/src/lib.rs")
            && shown.starts_with("crates/")
            && text.lines().count() > 60
        {
            problems.push(format!(
                "{shown}: an index of at most 60 lines, not {}",
                text.lines().count()
            ));
        }
    }
    check_rules(&mut problems);
    if !problems.is_empty() {
        problems.sort();
        bail!(
            "{} things out of order:\n  {}",
            problems.len(),
            problems.join("\n  ")
        );
    }
    println!("tidy: {files} files in order");
    Ok(())
}

fn is_foreign(path: &Path) -> bool {
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
    matches!(
        name,
        "target" | ".git" | "node_modules" | "dist" | "corpus" | "artifacts" | ".venv"
    )
}

fn check_size(shown: &str, text: &str, problems: &mut Vec<String>) {
    let lines = text.lines().count();
    let allowed = LONG.iter().any(|(file, _)| *file == shown);
    if shown.ends_with(".rs") && lines > MAX_LINES && !allowed {
        problems.push(format!(
            "{shown}: {lines} lines; split files beyond {MAX_LINES}"
        ));
    }
}

/// Words that must not stand in the tree: unfinished work, and the hosts of package registries, since endpoints come
/// from the user's client configuration.
fn check_words(shown: &str, text: &str, problems: &mut Vec<String>) {
    let unfinished = [
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["X", "XX:"].concat(),
    ];
    let hosts = [
        ["pypi.", "org"].concat(),
        ["python", "hosted.org"].concat(),
        ["npm", "js.org"].concat(),
        ["npm", "js.com"].concat(),
        ["static.", "crates.io"].concat(),
        ["index.", "crates.io"].concat(),
        ["deb.", "debian.org"].concat(),
        ["rubygems.", "org"].concat(),
        ["packagist.", "org"].concat(),
        ["proxy.", "golang.org"].concat(),
        ["sum.", "golang.org"].concat(),
        ["nuget.", "org"].concat(),
        ["repo1.", "maven.org"].concat(),
        ["repo.", "maven.apache.org"].concat(),
    ];
    for (number, line) in text.lines().enumerate() {
        let code = shown.ends_with(".rs") || shown.ends_with(".sh");
        if code && let Some(word) = unfinished.iter().find(|w| line.contains(w.as_str())) {
            problems.push(format!(
                "{shown}:{}: `{word}` is left for others",
                number + 1
            ));
        }
        if let Some(host) = hosts.iter().find(|h| line.contains(h.as_str())) {
            problems.push(format!(
                "{shown}:{}: names the registry host `{host}`",
                number + 1
            ));
        }
    }
}

/// Every rule file has its cases, and every case file its rule.
fn check_rules(problems: &mut Vec<String>) {
    let groups = WalkDir::new("crates/analysis/rules/src")
        .min_depth(1)
        .max_depth(1)
        .into_iter()
        .flatten();
    for group in groups.filter(|g| g.file_type().is_dir()) {
        let stems = |folder: &Path, extension: &str| -> Vec<String> {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            let mut stems: Vec<String> = entries
                .filter_map(|e| {
                    Some(
                        e.file_name()
                            .to_str()?
                            .strip_suffix(extension)?
                            .replace('-', "_"),
                    )
                })
                .filter(|s| s != "mod" && s != "support")
                .collect();
            stems.sort();
            stems
        };
        let (rules, cases) = (
            stems(group.path(), ".rs"),
            stems(&group.path().join("cases"), ".md"),
        );
        for missing in rules.iter().filter(|r| !cases.contains(r)) {
            problems.push(format!(
                "{}: rule `{missing}` has no cases",
                group.path().display()
            ));
        }
        for orphan in cases.iter().filter(|c| !rules.contains(c)) {
            problems.push(format!(
                "{}: cases `{orphan}` have no rule",
                group.path().display()
            ));
        }
    }
}
