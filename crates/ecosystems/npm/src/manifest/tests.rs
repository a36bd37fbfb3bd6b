use foretaste_model::facts::{InstallSurface, Problem, ProblemKind, SurfaceKind};
use foretaste_model::manifest::{Dependency, DependencyKind, DependencySource, ManifestFacts};

use super::{observe, parse_person, source_of};

type Observed = (ManifestFacts, Vec<InstallSurface>, Vec<Problem>);

fn seen(text: &str) -> Observed {
    observe("package.json", text).expect("a package.json")
}

#[test]
fn only_package_json_is_read() {
    assert!(observe("tsconfig.json", "{}").is_none());
    assert!(observe("sub/package.json", "{}").is_some());
    assert!(observe("inner.tgz!package.json", "{}").is_some());
}

#[test]
fn texts_links_and_people_are_read_in_every_form() {
    let (facts, _, problems) = seen(
        r#"{
  "name": "@acme/pad", "version": "1.2.3", "description": "Pads.",
  "author": "Ann Lee <ann@acme.example> (https://ann.example)",
  "contributors": [{"name": "Bo", "email": "bo@acme.example"}, "cy@acme.example"],
  "maintainers": [{"name": "Ann Lee", "email": "ann@acme.example"}],
  "licenses": [{"type": "MIT"}, "ISC"],
  "homepage": "https://pad.example", "engines": {"node": ">=18"},
  "repository": {"type": "git", "url": "git+ssh://git@github.com/acme/pad.git", "directory": "packages/pad"},
  "bugs": {"url": "https://bugs.example"}
}"#,
    );
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(facts.name.as_deref(), Some("@acme/pad"));
    assert_eq!(facts.license.as_deref(), Some("MIT OR ISC"));
    assert_eq!(facts.requires.as_deref(), Some(">=18"));
    assert_eq!(
        facts.repository.as_deref(),
        Some("https://github.com/acme/pad")
    );
    let people: Vec<_> = facts
        .people
        .iter()
        .filter_map(|p| p.email.as_deref())
        .collect();
    assert_eq!(
        people,
        ["ann@acme.example", "bo@acme.example", "cy@acme.example"]
    );
    assert_eq!(facts.urls.len(), 2);
}

#[test]
fn people_may_lack_any_part() {
    for (text, name, email) in [
        ("Ann <a@x.example>", Some("Ann"), Some("a@x.example")),
        ("<a@x.example>", None, Some("a@x.example")),
        ("a@x.example", None, Some("a@x.example")),
        ("Ann (https://x.example)", Some("Ann"), None),
        ("Ann <broken", Some("Ann"), Some("broken")),
    ] {
        let person = parse_person(text).expect(text);
        assert_eq!(
            (person.name.as_deref(), person.email.as_deref()),
            (name, email),
            "{text}"
        );
    }
    assert_eq!(parse_person("  "), None);
}

#[test]
fn life_cycle_scripts_are_surfaces_with_places() {
    let (facts, surfaces, _) = seen(
        "{\n \"scripts\": {\n  \"postinstall\": \"node setup.js\",\n  \"prepare\": \"husky\",\n  \"test\": \"x\",\n  \"install\": \" \"\n }\n}",
    );
    assert_eq!(facts.scripts.len(), 4);
    let found: Vec<_> = surfaces
        .iter()
        .map(|s| (&*s.name, &*s.command, s.span.map(|s| (s.line, s.column))))
        .collect();
    assert_eq!(
        found,
        [
            ("postinstall", "node setup.js", Some((3, 18))),
            (
                "prepare (git and folder installs only)",
                "husky",
                Some((4, 14))
            ),
        ]
    );
}

#[test]
fn commands_and_implicit_builds_are_surfaces() {
    let (_, surfaces, _) = seen(r#"{"name": "@a/tool", "bin": "./cli.js", "gypfile": true}"#);
    let found: Vec<_> = surfaces
        .iter()
        .map(|s| (s.kind, &*s.name, &*s.command))
        .collect();
    assert_eq!(
        found,
        [
            (SurfaceKind::BindingGyp, "gypfile", "node-gyp rebuild"),
            (SurfaceKind::Bin, "tool", "./cli.js"),
        ]
    );
    let (_, surfaces, _) = seen(
        r#"{"main": "dist/a.js", "exports": {".": {"import": "./b.mjs", "require": ["./c.cjs"]}, "./x/*": "./x/*.js"}}"#,
    );
    let mains: Vec<_> = surfaces
        .iter()
        .filter(|s| s.kind == SurfaceKind::Main)
        .map(|s| (&*s.name, &*s.command))
        .collect();
    assert_eq!(
        mains,
        [
            ("main", "dist/a.js"),
            ("exports", "./b.mjs"),
            ("exports", "./c.cjs")
        ]
    );
    let (_, surfaces, _) = seen(
        r#"{"bin": {"a": "a.js", "b": "b.js"}, "gypfile": true, "scripts": {"install": "node x"}}"#,
    );
    assert!(surfaces.iter().all(|s| s.kind != SurfaceKind::BindingGyp));
    assert_eq!(
        surfaces
            .iter()
            .filter(|s| s.kind == SurfaceKind::Bin)
            .count(),
        2
    );
}

#[test]
fn dependency_sources_are_those_npm_would_use() {
    use DependencySource::{Git, Path, Registry, Url};
    let cases: [(&str, &str, &str, DependencySource); 20] = [
        ("^1.2.3", "dep", "^1.2.3", Registry),
        ("latest", "dep", "latest", Registry),
        ("", "dep", "", Registry),
        ("npm:real@^2", "real", "^2", Registry),
        ("npm:@s/real@2", "@s/real", "2", Registry),
        ("npm:@s/real", "@s/real", "", Registry),
        ("u/r", "dep", "", Git("u/r".into())),
        ("u/r#semver:^1", "dep", "", Git("u/r#semver:^1".into())),
        ("github:u/r", "dep", "", Git("github:u/r".into())),
        (
            "git@h.example:u/r.git",
            "dep",
            "",
            Git("git@h.example:u/r.git".into()),
        ),
        (
            "git+ssh://git@h.example/u/r",
            "dep",
            "",
            Git("git+ssh://git@h.example/u/r".into()),
        ),
        (
            "https://github.com/u/r",
            "dep",
            "",
            Git("https://github.com/u/r".into()),
        ),
        (
            "https://github.com/u/r/archive/v1.tar.gz",
            "dep",
            "",
            Url("https://github.com/u/r/archive/v1.tar.gz".into()),
        ),
        (
            "http://x.invalid/p.tgz",
            "dep",
            "",
            Url("http://x.invalid/p.tgz".into()),
        ),
        ("file:../p", "dep", "", Path("file:../p".into())),
        ("workspace:*", "dep", "", Path("workspace:*".into())),
        ("./p", "dep", "", Path("./p".into())),
        ("p.tgz", "dep", "", Path("p.tgz".into())),
        ("C:\\p", "dep", "", Path("C:\\p".into())),
        (">=1 <2 || 3.x", "dep", ">=1 <2 || 3.x", Registry),
    ];
    for (spec, name, requirement, source) in cases {
        let expected = (name.to_owned(), requirement.to_owned(), source);
        assert_eq!(source_of("dep", spec), expected, "{spec}");
    }
}

#[test]
fn every_dependency_table_is_read() {
    let (facts, _, _) = seen(
        r#"{"dependencies": {"a": "1", "b": "2"}, "devDependencies": {"c": "3"},
            "optionalDependencies": {"d": "4"}, "peerDependencies": {"e": "5", "f": "6"},
            "peerDependenciesMeta": {"f": {"optional": true}}, "bundledDependencies": ["b", "g"]}"#,
    );
    let line =
        |d: &Dependency| format!("{} {} {:?} {}", d.name, d.requirement, d.kind, d.condition);
    let lines: Vec<_> = facts.dependencies.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "a 1 Run ",
            "b 2 Run bundled",
            "d 4 Optional ",
            "e 5 Peer ",
            "f 6 Peer optional",
            "c 3 Dev ",
            "g  Run bundled",
        ]
    );
    assert!(facts.dependencies.iter().all(|d| d.span.is_some()));
    assert_eq!(facts.dependencies[0].kind, DependencyKind::Run);
}

#[test]
fn wrong_types_are_problems_and_the_rest_is_read() {
    let (facts, surfaces, problems) = seen(
        r#"{"name": 7, "version": "1.0.0", "scripts": ["x"], "dependencies": {"a": 1, "b": "2"},
            "author": 3, "bin": 5, "repository": 9}"#,
    );
    assert_eq!(facts.version.as_deref(), Some("1.0.0"));
    assert_eq!(facts.dependencies.len(), 1);
    assert!(surfaces.is_empty());
    let messages: Vec<_> = problems.iter().map(|p| &*p.message).collect();
    assert_eq!(
        messages,
        [
            "`name` is a number, not a string",
            "`repository` is a number, not a string or an object with `url`",
            "`author` is a number, not a person",
            "`dependencies.a` is a number, not a string",
            "`scripts` is an array, not an object",
            "`bin` is a number, not a path",
        ]
    );
}

#[test]
fn a_document_that_is_no_object_is_a_problem() {
    for text in ["[]", "\"x\"", "", "not json"] {
        let (facts, surfaces, problems) = seen(text);
        assert_eq!(facts.name, None);
        assert!(surfaces.is_empty());
        assert!(
            problems.iter().any(|p| p.kind == ProblemKind::Malformed),
            "{text}"
        );
    }
}

#[test]
fn endless_tables_are_cut() {
    let deps: Vec<_> = (0..6_000).map(|i| format!("\"d{i}\": \"1\"")).collect();
    let (facts, _, problems) = seen(&format!("{{\"dependencies\": {{{}}}}}", deps.join(",")));
    assert_eq!(facts.dependencies.len(), super::MAX_ENTRIES);
    assert!(problems.iter().any(|p| p.kind == ProblemKind::Truncated));
}

proptest::proptest! {
    #[test]
    fn any_text_is_observed_without_a_panic(text in "\\PC*") {
        let _ = observe("package.json", &text);
    }

    #[test]
    fn any_value_in_any_field_is_observed_without_a_panic(
        field in "name|version|author|contributors|license|repository|bugs|homepage|scripts|bin|dependencies|bundledDependencies|engines|gypfile|directories",
        value in r#"(null|true|3|"[^"\\]{0,12}"|\[("[^"\\]{0,9}"|\{\}|2)?\]|\{"[^"\\]{0,6}":("[^"\\]{0,9}"|\[\]|4)\})"#,
    ) {
        let _ = observe("package.json", &format!("{{\"{field}\": {value}}}"));
    }

    #[test]
    fn any_specification_has_a_source(name in "\\PC{0,20}", spec in "\\PC{0,40}") {
        let _ = source_of(&name, &spec);
    }
}
