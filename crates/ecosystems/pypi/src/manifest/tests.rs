//! Each manifest, from its specification.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

/// Everything seen, one line each, spans as `line:column-column`.
fn shown(path: &str, text: &str) -> String {
    let (facts, surfaces, problems) = observe(path, text).expect("a manifest");
    let mut out = String::new();
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(out, "{label}: {value}");
    };
    for (label, value) in [
        ("name", &facts.name),
        ("version", &facts.version),
        ("summary", &facts.summary),
        ("readme", &facts.readme),
        ("license", &facts.license),
        ("homepage", &facts.homepage),
        ("repository", &facts.repository),
        ("requires", &facts.requires),
    ] {
        if let Some(value) = value {
            line(label, &format!("{value:?}"));
        }
    }
    for person in &facts.people {
        let (name, email) = (person.name.as_deref(), person.email.as_deref());
        line(
            "person",
            &format!("{} <{}>", name.unwrap_or("-"), email.unwrap_or("-")),
        );
    }
    for (label, url) in &facts.urls {
        line("url", &format!("{label} {url}"));
    }
    for field in &facts.dynamic {
        line("dynamic", field);
    }
    let span = |span: Option<foretaste_model::Span>| {
        span.map_or_else(String::new, |s| {
            format!(" @{}:{}-{}", s.line, s.column, s.end_column)
        })
    };
    for d in &facts.dependencies {
        let text = format!(
            "{:?} {} [{}] [{}] {:?}{}",
            d.kind,
            d.name,
            d.requirement,
            d.condition,
            d.source,
            span(d.span)
        );
        line("dependency", &text);
    }
    for s in &surfaces {
        let text = format!(
            "{:?} {} -> {} ({}){}",
            s.kind,
            s.name,
            s.command,
            s.target,
            span(s.span)
        );
        line("surface", &text);
    }
    for p in &problems {
        line("problem", &format!("{}{}", p.message, span(p.span)));
    }
    out
}

#[test]
fn only_manifests_are_read() {
    for (path, expected) in [
        ("PKG-INFO", true),
        ("frob.egg-info/PKG-INFO", true),
        ("frob-1.0.dist-info/METADATA", true),
        ("frob-1.0.dist-info/WHEEL", true),
        ("frob-1.0.dist-info/entry_points.txt", true),
        ("src/frob.egg-info/requires.txt", true),
        ("EGG-INFO/requires.txt", true),
        ("pyproject.toml", true),
        ("sub/setup.cfg", true),
        ("METADATA", false),
        ("docs/requires.txt", false),
        ("setup.py", false),
        ("frob.pth", false),
        ("", false),
    ] {
        assert_eq!(is_manifest(path), expected, "{path}");
    }
}

#[test]
fn core_metadata_with_a_body() {
    insta::assert_snapshot!(shown(
        "frob-1.0.dist-info/METADATA",
        "Metadata-Version: 2.4\r\nName: Frob\r\nVersion: 1.0\r\nSummary: frobs\r\n\
         Author: A B\r\nAuthor-email: a@x.example\r\nMaintainer-email: C <c@y.example>\r\n\
         License-Expression: MIT OR Apache-2.0\r\nLicense: ignored\r\n\
         Project-URL: Source, https://github.com/o/frob\r\nProject-URL: Homepage, https://frob.example\r\n\
         Dynamic: Requires-Dist\r\nRequires-Python: >=3.8\r\n\
         Requires-Dist: six>=1\r\nRequires-Dist: pytest; extra == 'test'\r\n\
         Requires-Dist: evil @ https://files.invalid/evil-1.0.zip\r\nProvides-Extra: test\r\n\r\n# Frob\r\n\r\nText: not a field\r\n",
    ), @r##"
    name: "Frob"
    version: "1.0"
    summary: "frobs"
    readme: "# Frob\r\n\r\nText: not a field"
    license: "MIT OR Apache-2.0"
    homepage: "https://frob.example"
    repository: "https://github.com/o/frob"
    requires: ">=3.8"
    person: A B <a@x.example>
    person: C <c@y.example>
    url: Source https://github.com/o/frob
    url: Homepage https://frob.example
    dynamic: Requires-Dist
    dependency: Run six [>=1] [] Registry @14:1-22
    dependency: Optional pytest [] [extra == 'test'] Registry @15:1-39
    dependency: Run evil [] [] Url("https://files.invalid/evil-1.0.zip") @16:1-57
    "##);
}

#[test]
fn old_metadata_with_a_folded_description() {
    insta::assert_snapshot!(shown(
        "PKG-INFO",
        "Metadata-Version: 1.1\nName: frob\nVersion: 0.1\nHome-page: UNKNOWN\nAuthor: UNKNOWN\n\
         License: BSD\n        second line\nDescription: Frob\n        ====\n        \n               code\n\
         \x20      |barred\nPlatform: any\nRequires: six (>=1.0)\nRequires: os.path and more\n",
    ), @r#"
    name: "frob"
    version: "0.1"
    readme: "Frob\n====\n\n       code\nbarred"
    license: "BSD"
    dependency: Run six [>=1.0] [] Registry @14:1-22
    "#);
}

#[test]
fn malformed_metadata_is_read_as_far_as_it_goes() {
    insta::assert_snapshot!(shown(
        "PKG-INFO",
        "Metadata-Version: 9.0\nName: frob\nName: other\nno field here\nRequires-Dist: -r evil\n",
    ), @r#"
    name: "frob"
    problem: a line is neither a field nor its continuation @4:1-14
    problem: metadata version "9.0" is unknown @1:1-22
    problem: `Name` is stated twice @3:1-12
    problem: "-r evil" is no requirement @5:1-23
    problem: the metadata lacks a name or a version
    "#);
    assert!(shown("PKG-INFO", "").contains("does not state its version"));
}

#[test]
fn pyproject_with_the_project_table() {
    insta::assert_snapshot!(shown(
        "pyproject.toml",
        r#"
[build-system]
requires = ["hatchling>=1", "plugin"]
build-backend = "hatchling.build"

[project]
name = "frob"
dynamic = ["version"]
description = "frobs"
readme = {text = "Read me", content-type = "text/plain"}
license = {text = "\nMIT\n..."}
requires-python = ">=3.9"
authors = [{name = "A", email = "a@x.example"}, {}]
maintainers = [{email = "m@x.example"}]
dependencies = ["six>=1", "x @ git+https://git.invalid/x"]

[project.optional-dependencies]
test = ["pytest"]

[project.urls]
Homepage = "https://frob.example"
Source = "https://github.com/o/frob"

[project.scripts]
frob = "frob.cli:main"

[project.gui-scripts]
frobw = "frob.gui:main"

[project.entry-points.pytest11]
frob = "frob.plugin"

[dependency-groups]
dev = ["ruff", {include-group = "lint"}]
"#,
    ), @r#"
    name: "frob"
    summary: "frobs"
    readme: "Read me"
    license: "MIT"
    homepage: "https://frob.example"
    repository: "https://github.com/o/frob"
    requires: ">=3.9"
    person: A <a@x.example>
    person: - <m@x.example>
    url: Homepage https://frob.example
    url: Source https://github.com/o/frob
    dynamic: version
    dependency: Build hatchling [>=1] [] Registry @3:13-27
    dependency: Build plugin [] [] Registry @3:29-37
    dependency: Run six [>=1] [] Registry @15:17-25
    dependency: Run x [] [] Git("git+https://git.invalid/x") @15:27-58
    dependency: Optional pytest [] [extra == 'test'] Registry @18:9-17
    dependency: Dev ruff [] [] Registry @34:8-14
    surface: BuildBackend build-backend -> hatchling.build () @4:17-34
    surface: EntryPoint console_scripts:frob -> frob.cli:main () @25:8-23
    surface: EntryPoint gui_scripts:frobw -> frob.gui:main () @28:9-24
    surface: Plugin pytest11:frob -> frob.plugin () @31:8-21
    "#);
}

#[test]
fn code_of_the_source_tree_that_runs_while_building_is_a_surface() {
    insta::assert_snapshot!(shown(
        "pyproject.toml",
        r#"
[build-system]
requires = []
build-backend = "my.backend:api"
backend-path = ["_build/", "."]

[tool.hatch.version]
source = "code"
path = "frob/version.py"
[tool.hatch.build.hooks.custom]
[tool.hatch.build.targets.wheel.hooks.custom]
path = "tools/hook.py"
[tool.hatch.metadata.hooks.custom]
path = "meta.py"
[tool.pdm.build]
custom-hook = "scripts/pdm.py"
[tool.poetry.build]
script = "build.py"
[tool.setuptools.cmdclass]
install = "frob.setup.Install"
[tool.setuptools.dynamic]
version = {attr = "frob.VERSION"}
"#,
    ), @"
    dynamic: version
    surface: InTreeBackend build-backend -> my.backend:api (_build/my/backend.py) @4:17-33
    surface: InTreeBackend build-backend -> my.backend:api (_build/my/backend/__init__.py) @4:17-33
    surface: InTreeBackend build-backend -> my.backend:api (my/backend.py) @4:17-33
    surface: InTreeBackend build-backend -> my.backend:api (my/backend/__init__.py) @4:17-33
    surface: CmdClass install -> frob.setup.Install (frob/setup.py) @20:11-31
    surface: InTreeBackend hatch hook -> hatch_build.py (hatch_build.py) @10:1-32
    surface: InTreeBackend hatch hook -> meta.py (meta.py) @13:1-35
    surface: InTreeBackend hatch hook -> tools/hook.py (tools/hook.py) @11:1-46
    surface: InTreeBackend hatch version -> frob/version.py (frob/version.py) @7:1-21
    surface: InTreeBackend poetry build script -> build.py (build.py) @17:1-20
    surface: InTreeBackend pdm build hook -> scripts/pdm.py (scripts/pdm.py) @16:15-31
    ");
}

#[test]
fn poetry() {
    insta::assert_snapshot!(shown(
        "pyproject.toml",
        r#"
[tool.poetry]
name = "frob"
version = "1.0"
description = "frobs"
authors = ["A <a@x.example>", "B"]
license = "MIT"
homepage = "https://frob.example"
repository = "https://github.com/o/frob"

[tool.poetry.dependencies]
python = "^3.8"
six = "^1.0"
opt = {version = "2", optional = true, markers = "sys_platform == 'win32'"}
git = {git = "https://git.invalid/x.git", rev = "abc"}
url = {url = "https://files.invalid/x.zip"}
local = {path = "../x"}
priv = {version = "1", source = "corp"}
many = [{version = "1", markers = "a"}, {version = "2"}]
odd = 7

[tool.poetry.dev-dependencies]
old = "*"
[tool.poetry.group.test.dependencies]
pytest = "*"
[tool.poetry.scripts]
frob = "frob:main"
tab = {reference = "frob:tab", type = "console"}
[tool.poetry.plugins."flake8.extension"]
F = "frob:flake"
"#,
    ), @r#"
    name: "frob"
    version: "1.0"
    summary: "frobs"
    license: "MIT"
    homepage: "https://frob.example"
    repository: "https://github.com/o/frob"
    requires: "^3.8"
    person: A <a@x.example>
    person: B <->
    url: Repository https://github.com/o/frob
    dependency: Run six [^1.0] [] Registry @13:7-13
    dependency: Optional opt [2] [sys_platform == 'win32'] Registry @14:7-76
    dependency: Run git [] [] Git("https://git.invalid/x.git@abc") @15:7-55
    dependency: Run url [] [] Url("https://files.invalid/x.zip") @16:7-44
    dependency: Run local [] [] Path("../x") @17:9-24
    dependency: Run priv [1] [] OtherRegistry("corp") @18:8-40
    dependency: Run many [1] [a] Registry @19:9-39
    dependency: Run many [2] [] Registry @19:41-56
    dependency: Dev old [*] [] Registry @23:7-10
    dependency: Dev pytest [*] [] Registry @25:10-13
    surface: EntryPoint console_scripts:frob -> frob:main () @27:8-19
    surface: EntryPoint console_scripts:tab -> frob:tab () @28:7-49
    surface: Plugin flake8.extension:F -> frob:flake () @30:5-17
    problem: the dependency "odd" is neither a string nor a table @20:7-8
    "#);
}

#[test]
fn old_flit() {
    insta::assert_snapshot!(shown(
        "pyproject.toml",
        r#"
[tool.flit.metadata]
module = "frob"
author = "A"
author-email = "a@x.example"
home-page = "https://github.com/o/frob"
requires = ["six"]
dev-requires = ["pytest"]
requires-python = ">=3"
[tool.flit.metadata.requires-extra]
doc = ["sphinx"]
[tool.flit.scripts]
frob = "frob:main"
[tool.flit.entrypoints."pygments.lexers"]
frob = "frob:Lexer"
"#,
    ), @r#"
    name: "frob"
    homepage: "https://github.com/o/frob"
    repository: "https://github.com/o/frob"
    requires: ">=3"
    person: A <a@x.example>
    dynamic: version
    dynamic: description
    dependency: Run six [] [] Registry @7:13-18
    dependency: Dev pytest [] [] Registry @8:17-25
    dependency: Optional sphinx [] [extra == 'doc'] Registry @11:8-16
    surface: EntryPoint console_scripts:frob -> frob:main () @13:8-19
    surface: Plugin pygments.lexers:frob -> frob:Lexer () @15:8-20
    "#);
}

#[test]
fn broken_toml_is_a_problem_and_what_stands_before_is_read() {
    let seen = shown(
        "pyproject.toml",
        "[build-system]\nrequires = [\"x\"]\nbuild-backend = 7\n[project]\nname = \"frob\"\nversion = = 1\n",
    );
    assert!(seen.contains("name: \"frob\""), "{seen}");
    assert!(seen.contains("Build x"), "{seen}");
    assert!(
        seen.contains("`build-backend` is no string @3:17-18"),
        "{seen}"
    );
    assert!(seen.matches("problem").count() >= 2, "{seen}");
}

#[test]
fn setup_cfg() {
    insta::assert_snapshot!(shown(
        "setup.cfg",
        "[metadata]\nname = frob\nversion = attr: frob.VERSION\nauthor = A\nauthor_email = a@x.example\n\
         url = https://frob.example\nlong_description = file: README\nlicense = MIT\nproject_urls =\n    Source = https://github.com/o/frob\n\
         [options]\npython_requires = >=3.6\ninstall_requires =\n    six>=1\n    # comment\n    evil @ https://files.invalid/e.zip ; python_version < '4'\n\
         setup_requires = wheel; setuptools_scm\ntests_require = file: tests.txt\ncmdclass =\n    install = frob.hooks.Install\n\
         [options.extras_require]\ntest = pytest\n[options.entry_points]\nconsole_scripts =\n    frob = frob:main\npytest11 =\n    broken\n\
         [global]\nsetup-hooks =\n    frob.hook\n",
    ), @r#"
    name: "frob"
    license: "MIT"
    homepage: "https://frob.example"
    repository: "https://github.com/o/frob"
    requires: ">=3.6"
    person: A <a@x.example>
    url: Source https://github.com/o/frob
    dynamic: version
    dynamic: tests_require
    dependency: Run six [>=1] [] Registry @14:5-11
    dependency: Run evil [] [python_version < '4'] Url("https://files.invalid/e.zip") @15:5-14
    dependency: Build wheel [] [] Registry @17:1-39
    dependency: Build setuptools_scm [] [] Registry @17:1-39
    dependency: Optional pytest [] [extra == 'test'] Registry @22:1-14
    surface: CmdClass install -> frob.hooks.Install (frob/hooks.py) @19:1-11
    surface: EntryPoint console_scripts:frob -> frob:main () @25:5-21
    surface: CmdClass setup-hooks -> frob.hook () @29:1-14
    problem: a line is no entry point @27:5-11
    "#);
}

#[test]
fn entry_points_and_requires_of_egg_info() {
    insta::assert_snapshot!(shown(
        "frob.egg-info/entry_points.txt",
        "[console_scripts]\nfrob = frob.cli:main [extra]\n\n[flake8.extension]\nF:1 = frob:F\nnonsense\n",
    ), @"
    surface: EntryPoint console_scripts:frob -> frob.cli:main [extra] () @2:1-29
    surface: Plugin flake8.extension:F:1 -> frob:F () @5:1-13
    problem: a line is no entry point @6:1-9
    ");
    insta::assert_snapshot!(shown(
        "frob.egg-info/requires.txt",
        "six>=1\n\n[:python_version<'3']\nold\n\n[test]\npytest\n\n[test:sys_platform=='win32']\nwin\n%%\n",
    ), @r#"
    dependency: Run six [>=1] [] Registry @1:1-7
    dependency: Run old [] [python_version<'3'] Registry @4:1-4
    dependency: Optional pytest [] [extra == 'test'] Registry @7:1-7
    dependency: Optional win [] [(sys_platform=='win32') and extra == 'test'] Registry @10:1-4
    problem: "%%" is no requirement @11:1-3
    "#);
}

#[test]
fn a_wheel_states_its_format() {
    let wheel = |text| shown("frob-1.0.dist-info/WHEEL", text);
    assert_eq!(wheel("Wheel-Version: 1.0\nTag: py3-none-any\n"), "");
    assert!(wheel("Wheel-Version: 2.0\n").contains("\"2.0\" is unknown"));
    assert!(wheel("").contains("does not state"));
}

#[test]
fn sizes_are_bounded() {
    let many = "Requires-Dist: six\n".repeat(30_000);
    let text = format!(
        "Metadata-Version: 2.1\nName: a\nVersion: 1\n{many}\n{}",
        "é".repeat(100_000)
    );
    let (facts, _, problems) = observe("PKG-INFO", &text).expect("a manifest");
    assert_eq!(facts.dependencies.len(), 10_000);
    assert!(facts.readme.is_some_and(|r| r.len() <= 64 << 10));
    assert!(!problems.is_empty() && problems.len() <= 50);
}

#[test]
fn deep_nesting_is_a_problem_not_a_crash() {
    for text in [
        format!("a = {}", "[".repeat(100_000)),
        format!("a = {}", "{b=".repeat(100_000)),
        format!("[{}a]", "a.".repeat(100_000)),
        format!("a{} = 1", ".a".repeat(100_000)),
    ] {
        let (.., problems) = observe("pyproject.toml", &text).expect("a manifest");
        assert!(!problems.is_empty());
    }
}

proptest! {
    #[test]
    fn never_panics(
        path in "PKG-INFO|pyproject.toml|setup.cfg|x.egg-info/(requires|entry_points).txt|x.dist-info/WHEEL",
        text in "([\\[\\]{}=:;\"'#.,@ \\n\\t-]|name|version|Requires-Dist|project|tool|poetry|build-system|dependencies|options|é|\u{0}|\r\n){0,80}",
    ) {
        let _ = observe(&path, &text);
    }
}

#[test]
fn a_long_name_of_a_section_is_not_kept_for_each_of_its_lines() {
    let long = "x".repeat(1 << 20);
    let lines = "six\n".repeat(10_000);
    let scripts = many(10_000, |i| format!("  s{i}=m:f\n"));
    for (path, text) in [
        ("a.egg-info/requires.txt", format!("[:{long}]\n{lines}")),
        (
            "a.egg-info/requires.txt",
            format!("[:{long}]\n{}", lines.replace("six", "six;o")),
        ),
        (
            "setup.cfg",
            format!("[options.entry_points]\n{long}=\n{scripts}"),
        ),
    ] {
        let (facts, surfaces, _) = observe(path, &text).expect("a manifest");
        let kept = facts.dependencies.iter().map(|d| d.condition.len());
        let kept = kept.chain(surfaces.iter().map(|s| s.name.len()));
        assert_eq!(kept.max().map(|n| n <= 4_096), Some(true), "{path}");
    }
}

#[test]
fn thousands_of_dynamic_fields_cost_little() {
    let fields = many(60_000, |i| format!("f{i}=1\n"));
    let text = format!("[tool.setuptools.dynamic]\n{fields}");
    let (facts, _, _) = observe("pyproject.toml", &text).expect("a manifest");
    assert_eq!(facts.dynamic.len(), 100);
}

fn many(count: u32, line: impl Fn(u32) -> String) -> String {
    (0..count).map(line).collect::<Vec<_>>().concat()
}
