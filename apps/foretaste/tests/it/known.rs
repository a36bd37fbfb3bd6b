//! The index of known-bad packages, from the command line to the verdict.

use foretaste_fake_registries::tar_gz;

use crate::support::{Home, fixture, rules};

/// A package that nothing is wrong with, except where it comes from.
const CODE: &str = "\
import json
import sys

def render(items, width=80):
    lines = []
    for index, item in enumerate(items):
        text = json.dumps(item, sort_keys=True)
        if len(text) > width:
            text = text[:width] + '...'
        lines.append('%d: %s' % (index, text.strip()))
    return '\\n'.join(lines)

def main(argv=None):
    argv = argv or sys.argv[1:]
    items = [arg.split('=', 1) for arg in argv if not arg.startswith('-')]
    print(render([{key: value.upper() for key, value in items}]))
    return 0 if items else len(argv)
";

fn sdist(home: &Home, name: &str, code: &str) -> String {
    let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n");
    let (package, info) = (
        format!("{name}-1.0/{name}.py"),
        format!("{name}-1.0/PKG-INFO"),
    );
    let bytes = tar_gz(&[(package.as_str(), code), (info.as_str(), metadata.as_str())]);
    let path = home.write(&format!("{name}-1.0.tar.gz"), bytes);
    path.display().to_string()
}

#[test]
fn a_renamed_relative_is_found_and_benign_code_is_not() {
    let home = Home::new();
    let bad = sdist(&home, "evil", CODE);
    let added = home.run(&["known", "add", "--family", "stealer", &bad]);
    assert!(
        added.stdout.starts_with("added 1 artifacts, 1 files"),
        "{}{}",
        added.stdout,
        added.stderr
    );

    let (report, code) = home.audit(&["--offline", &bad]);
    assert_eq!(
        (report["releases"][0]["verdict"].as_str(), code),
        (Some("block"), 1)
    );
    assert!(rules(&report["releases"][0]).contains(&"known-artifact"));

    let renamed = CODE
        .replace("items", "things")
        .replace("'...'", "\"~\"")
        .replace("80", "72");
    let relative = sdist(&home, "other", &renamed);
    let (report, _) = home.audit(&["--offline", &relative]);
    let release = &report["releases"][0];
    let finding = release["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|f| f["rule"] == "known-code");
    let finding = finding.unwrap_or_else(|| panic!("{release:#}"));
    assert!(
        finding["message"]
            .as_str()
            .is_some_and(|m| m.contains("evil 1.0 (family stealer)")),
        "{finding:#}"
    );
    assert_eq!(finding["evidence"][0]["path"], "other.py");

    home.run(&["known", "add", "--benign", &relative]);
    let (report, _) = home.audit(&["--offline", &relative]);
    assert!(!rules(&report["releases"][0]).contains(&"known-code"));
    assert_eq!(home.run(&["known", "remove", "stealer"]).code, 0);
    assert_eq!(home.run(&["known", "list"]).stdout, "");
    assert_eq!(home.run(&["known", "remove", "stealer"]).code, 2);
}

#[test]
fn feeds_name_releases_and_hosts() {
    let home = Home::new();
    let feed = home.write(
        "feed.csv",
        "name,version,ecosystem,id,domain\nhonest-looking,1.0,pypi,ACME-1,\n,,,ACME-2,collect.evil.example\n",
    );
    let imported = home.run(&["known", "import", &feed.display().to_string()]);
    assert!(
        imported
            .stdout
            .starts_with("added 1 releases, 1 indicators"),
        "{}{}",
        imported.stdout,
        imported.stderr
    );

    let (report, code) = home.audit(&["--offline", &sdist(&home, "honest_looking", "x = 1\n")]);
    assert_eq!(
        (
            rules(&report["releases"][0]).contains(&"known-malware"),
            code
        ),
        (true, 1)
    );
    let (report, code) = home.audit(&[
        "--offline",
        &sdist(&home, "client", "URL = 'https://collect.evil.example/x'\n"),
    ]);
    assert_eq!(
        (
            rules(&report["releases"][0]).contains(&"known-indicator"),
            code
        ),
        (true, 1)
    );

    let wrong = home.write("wrong.csv", "name,ecosystem\na,pypi\nb,klingon\n");
    let run = home.run(&["known", "import", &wrong.display().to_string()]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr
            .contains("wrong.csv:3: `klingon` is no ecosystem"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_was_blocked_is_known_afterwards_and_exports_travel() {
    let home = Home::new();
    let (report, _) = home.audit(&["--offline", &fixture("pypi/acme-corp-util-1.0.3")]);
    let report = home.write("report.json", report.to_string());
    assert_eq!(
        home.run(&[
            "known",
            "add",
            "--from-report",
            &report.display().to_string()
        ])
        .code,
        0
    );
    home.run(&["known", "add", &sdist(&home, "evil", CODE)]);
    let export = home.run(&["known", "export"]).stdout;
    let other = Home::new();
    let file = other.write("export.json", export);
    let run = other.run(&["known", "import", &file.display().to_string()]);
    assert!(
        run.stdout.contains("1 artifacts"),
        "{}{}",
        run.stdout,
        run.stderr
    );
}

#[test]
fn an_index_of_the_policy_must_be_there_and_sound() {
    let home = Home::new();
    home.write("foretaste.toml", "[known]\nfiles = ['shared.index']\n");
    let path = sdist(&home, "honest", "x = 1\n");
    let run = home.run(&["audit", "--offline", &path]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("shared.index"), "{}", run.stderr);
    home.write("shared.index", "not an index");
    let run = home.run(&["audit", "--offline", &path]);
    assert!(
        run.stderr.contains("it is no index of known-bad packages"),
        "{}",
        run.stderr
    );
}
