use foretaste_model::facts::{InstallSurface, Problem, ProblemKind, SurfaceKind};
use foretaste_model::manifest::{Dependency, ManifestFacts};

use super::observe;

type Observed = (ManifestFacts, Vec<InstallSurface>, Vec<Problem>);

fn seen(text: &str) -> Observed {
    observe("Cargo.toml", text).expect("a Cargo.toml")
}

#[test]
fn only_manifests_are_read() {
    assert!(observe("Cargo.toml.orig", "").is_none());
    assert!(observe("rustfmt.toml", "").is_none());
    assert!(observe("sub/Cargo.toml", "").is_some());
}

#[test]
fn texts_people_and_links_are_read() {
    let (facts, _, problems) = seen(
        r#"
[package]
name = "pad"
version = "1.2.3"
authors = ["Ann Lee <ann@acme.example>", "Bo"]
description = "Pads."
license-file = "LICENCE"
homepage = "https://pad.example"
repository = "https://git.example/pad"
documentation = "https://docs.example"
rust-version = "1.70"
edition.workspace = true
"#,
    );
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(facts.name.as_deref(), Some("pad"));
    assert_eq!(facts.license.as_deref(), Some("see LICENCE"));
    assert_eq!(facts.requires.as_deref(), Some("1.70"));
    assert_eq!(facts.people.len(), 2);
    assert_eq!(facts.people[0].email.as_deref(), Some("ann@acme.example"));
    assert_eq!(
        facts.urls,
        [("documentation".into(), "https://docs.example".into())]
    );
}

#[test]
fn what_the_workspace_gives_is_dynamic() {
    let (facts, _, problems) = seen(
        "[package]\nname = \"a\"\nversion.workspace = true\nauthors = { workspace = true }\n[dependencies]\nb.workspace = true\n",
    );
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(facts.version, None);
    let dynamic: Vec<_> = facts.dynamic.iter().map(|d| &**d).collect();
    assert_eq!(dynamic, ["version", "authors", "dependencies.b"]);
}

#[test]
fn every_dependency_table_target_and_source_is_read() {
    let (facts, _, problems) = seen(
        r#"
[package]
name = "x"
[dependencies]
a = "1"
b = { version = "2", optional = true }
alias = { package = "real", version = "3" }
[dependencies.c]
git = "https://git.example/c"
rev = "abc"
[build-dependencies]
d = { path = "../d" }
[dev_dependencies]
e = { version = "5", registry = "corp" }
[target.'cfg(windows)'.dependencies]
f = { version = "6", registry-index = "https://index.example" }
"#,
    );
    assert!(problems.is_empty(), "{problems:?}");
    let line = |d: &Dependency| {
        format!(
            "{} {:?} {:?} {:?} {:?} line {:?}",
            d.name,
            d.requirement,
            d.kind,
            d.source,
            d.condition,
            d.span.map(|s| s.line)
        )
    };
    let lines: Vec<_> = facts.dependencies.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            r#"a "1" Run Registry "" line Some(5)"#,
            r#"b "2" Optional Registry "" line Some(6)"#,
            r#"real "3" Run Registry "" line Some(7)"#,
            r#"c "" Run Git("https://git.example/c#abc") "" line Some(8)"#,
            r#"d "" Build Path("../d") "" line Some(12)"#,
            r#"e "5" Dev OtherRegistry("corp") "" line Some(14)"#,
            r#"f "6" Run OtherRegistry("https://index.example") "cfg(windows)" line Some(16)"#,
        ]
    );
}

#[test]
fn what_runs_while_building_is_a_surface() {
    let (_, surfaces, _) = seen(
        "[package]\nname = \"x\"\nbuild = \"tools/b.rs\"\nlinks = \"z\"\n[lib]\nproc-macro = true\npath = \"src/m.rs\"\n",
    );
    let found: Vec<_> = surfaces
        .iter()
        .map(|s| (s.kind, &*s.name, &*s.target, s.span.map(|s| s.line)))
        .collect();
    assert_eq!(
        found,
        [
            (SurfaceKind::BuildRs, "tools/b.rs", "tools/b.rs", Some(3)),
            (SurfaceKind::NativeLinks, "z", "", Some(4)),
            (SurfaceKind::ProcMacro, "proc-macro", "src/m.rs", Some(6)),
        ]
    );
}

#[test]
fn a_build_script_is_named_by_the_manifest() {
    let (_, surfaces, _) = seen("[package]\nname = \"x\"\nbuild = \"./build.rs\"\n");
    assert_eq!(&*surfaces[0].target, "build.rs");
    let (_, surfaces, _) = seen("[package]\nname = \"x\"\nbuild = false\n");
    assert!(surfaces.is_empty());
}

#[test]
fn wrong_types_and_broken_toml_are_problems() {
    let (facts, _, problems) = seen(
        "[package]\nname = 3\nversion = \"1.0.0\"\ndependencies = 4\nauthors = 1\n[dependencies]\na = 5\n",
    );
    assert_eq!(facts.version.as_deref(), Some("1.0.0"));
    let messages: Vec<_> = problems.iter().map(|p| &*p.message).collect();
    assert_eq!(
        messages,
        [
            "`package.name` is of type integer, not a string",
            "`package.authors` is of type integer, not an array",
            "`dependencies.a` is of type integer, not a string or a table",
        ]
    );
    let (_, _, problems) = seen("[package\nname = 3");
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].kind, ProblemKind::Malformed);
    assert!(problems[0].span.is_some());
}

#[test]
fn depth_of_every_shape_is_a_problem_and_no_crash() {
    for text in [
        format!("a = {}", "[".repeat(400_000)),
        format!("a = {}", "{a=".repeat(400_000)),
        format!("a = {}1{}", "[".repeat(3_000), "]".repeat(3_000)),
        format!("{} = 1", vec!["a"; 400_000].join(".")),
        format!("{} = 1", vec!["'a'"; 400_000].join(" . ")),
        format!("[{}]", vec!["a"; 400_000].join(".")),
        format!("a = {{ {} = 1 }}", vec!["a"; 400_000].join(".")),
        format!("\"\"\"\n\"\"\" = 1\n{} = 1", vec!["a"; 400_000].join(".")),
    ] {
        let (_, _, problems) = seen(&text);
        let shape = text.get(..40).unwrap_or("");
        assert!(
            problems[0].message.starts_with("not TOML"),
            "{shape}: {problems:?}"
        );
    }
}

#[test]
fn the_commit_a_crate_was_packed_from_is_kept() {
    let (facts, _, _) = observe(
        ".cargo_vcs_info.json",
        r#"{"git": {"sha1": "0123abcd", "dirty": true}, "path_in_vcs": "crates/x"}"#,
    )
    .expect("a vcs record");
    assert_eq!(facts.name, None);
    assert_eq!(
        facts.urls,
        [
            ("vcs-commit".into(), "0123abcd".into()),
            ("vcs-path".into(), "crates/x".into()),
            ("vcs-dirty".into(), "true".into()),
        ]
    );
    let (_, _, problems) = observe(".cargo_vcs_info.json", "{").expect("a vcs record");
    assert_eq!(problems.len(), 1);
}

proptest::proptest! {
    #[test]
    fn any_text_is_observed_without_a_panic(text in "\\PC*") {
        let _ = observe("Cargo.toml", &text);
        let _ = observe(".cargo_vcs_info.json", &text);
    }

    #[test]
    fn any_value_in_any_field_is_observed_without_a_panic(
        field in "package.name|package.build|package.authors|package.links|dependencies.a|target.x.dependencies.b|lib.proc-macro|lib.crate-type|lib.path|dependencies|package|lib|target",
        value in r#"(true|3|"[^"\\\pC]{0,12}"|\[("[^"\\\pC]{0,9}"|\{\}|2)?\]|\{(version|git|path|workspace|optional) = ("[^"\\\pC]{0,9}"|\[\]|true)\})"#,
    ) {
        let _ = observe("Cargo.toml", &format!("{field} = {value}"));
    }
}

#[test]
fn a_long_condition_is_not_kept_for_millions_of_dependencies() {
    let condition = "x".repeat(4 << 10);
    let many =
        |count, line: &dyn Fn(u32) -> String| (0..count).map(line).collect::<Vec<_>>().concat();
    let entries = many(5_000, &|i| format!("d{i}='1'\n"));
    let text = many(60, &|i| {
        format!("[target.\"{i}{condition}\".dependencies]\n{entries}")
    });
    let (facts, _, problems) = seen(&text);
    assert_eq!(facts.dependencies.len(), super::MAX_ENTRIES);
    assert!(problems.iter().any(|p| p.kind == ProblemKind::Truncated));
    let wrong = many(5_000, &|i| format!("d{i}=1\n"));
    let (_, _, problems) = seen(&format!("[dependencies]\n{wrong}"));
    assert!(problems.len() <= super::MAX_PROBLEMS + 1);
}
