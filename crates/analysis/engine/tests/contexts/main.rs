//! When code runs: contexts start at install surfaces and travel along calls and imports.

mod plugins;
mod support;

use foretaste_engine::{ContextMap, change};
use foretaste_model::facts::{
    ArtifactKind, Callee, FileFacts, FileNature, InstallSurface, Language, Layer, Literal,
    LiteralKind, Resolution, SurfaceKind, Use, UseKind,
};
use foretaste_model::{Capability, ExecutionContext, Span};

use support::{artifact, context, file, function, import, surface};

#[test]
fn a_test_helper_that_setup_py_imports_runs_at_install_time() {
    let setup = FileFacts {
        functions: vec![function(
            "<module>",
            true,
            &[Callee::External("tests.helper.go".into())],
        )],
        imports: vec![import("tests.helper")],
        surfaces: vec![surface(SurfaceKind::SetupPy, "")],
        ..FileFacts::default()
    };
    let helper = FileFacts {
        functions: vec![
            function("<module>", true, &[]),
            function("go", false, &[]),
            function("idle", false, &[]),
        ],
        ..FileFacts::default()
    };
    let sdist = artifact(
        ArtifactKind::Sdist,
        vec![
            file("setup.py", Language::Python, setup),
            file("tests/helper.py", Language::Python, helper),
        ],
    );
    assert_eq!(
        context(&sdist, "tests/helper.py", 0),
        ExecutionContext::Install
    );
    assert_eq!(
        context(&sdist, "tests/helper.py", 1),
        ExecutionContext::Install
    );
    assert_eq!(
        context(&sdist, "tests/helper.py", 2),
        ExecutionContext::Test
    );
}

#[test]
fn a_nested_setup_py_is_no_install_surface() {
    let setup = FileFacts {
        functions: vec![function("<module>", true, &[])],
        surfaces: vec![surface(SurfaceKind::SetupPy, "")],
        ..FileFacts::default()
    };
    let sdist = artifact(
        ArtifactKind::Sdist,
        vec![file("vendor/six/setup.py", Language::Python, setup)],
    );
    assert_eq!(
        context(&sdist, "vendor/six/setup.py", 0),
        ExecutionContext::Import
    );
}

#[test]
fn npm_scripts_reach_the_files_they_name_and_those_that_these_require() {
    let manifest = FileFacts {
        surfaces: vec![surface(
            SurfaceKind::NpmLifecycle,
            "node ./scripts/setup.js --quiet",
        )],
        ..FileFacts::default()
    };
    let setup = FileFacts {
        functions: vec![function(
            "<module>",
            true,
            &[Callee::External("../lib/send#post".into())],
        )],
        imports: vec![import("../lib/send")],
        ..FileFacts::default()
    };
    let send = FileFacts {
        functions: vec![
            function("<module>", true, &[]),
            function("post", false, &[]),
        ],
        ..FileFacts::default()
    };
    let tarball = artifact(
        ArtifactKind::NpmTarball,
        vec![
            file("package.json", Language::Manifest, manifest),
            file("scripts/setup.js", Language::JavaScript, setup),
            file("lib/send.js", Language::JavaScript, send),
        ],
    );
    assert_eq!(
        context(&tarball, "scripts/setup.js", 0),
        ExecutionContext::Install
    );
    assert_eq!(
        context(&tarball, "lib/send.js", 0),
        ExecutionContext::Install
    );
    assert_eq!(
        context(&tarball, "lib/send.js", 1),
        ExecutionContext::Install
    );
}

#[test]
fn methods_of_a_command_class_run_at_install_time_others_when_called() {
    let setup = FileFacts {
        functions: vec![
            function("<module>", true, &[]),
            function("AfterInstall.run", false, &[Callee::Local(2)]),
            function("send", false, &[]),
            function("Other.run", false, &[]),
        ],
        surfaces: vec![
            surface(SurfaceKind::SetupPy, ""),
            InstallSurface {
                name: "install".into(),
                ..surface(SurfaceKind::CmdClass, "AfterInstall")
            },
        ],
        ..FileFacts::default()
    };
    let sdist = artifact(
        ArtifactKind::Sdist,
        vec![file("setup.py", Language::Python, setup)],
    );
    assert_eq!(context(&sdist, "setup.py", 1), ExecutionContext::Install);
    assert_eq!(context(&sdist, "setup.py", 2), ExecutionContext::Install);
    assert_eq!(context(&sdist, "setup.py", 3), ExecutionContext::Called);
}

#[test]
fn scripts_inside_a_python_wheel_are_assets() {
    let script = FileFacts {
        functions: vec![function("<module>", true, &[])],
        ..FileFacts::default()
    };
    let wheel = artifact(
        ArtifactKind::Wheel,
        vec![file("pkg/static/app.js", Language::JavaScript, script)],
    );
    assert_eq!(
        context(&wheel, "pkg/static/app.js", 0),
        ExecutionContext::Asset
    );
}

#[test]
fn minified_python_is_hidden_code_and_a_minified_main_is_loaded() {
    let minified = |functions| FileFacts {
        functions,
        nature: FileNature::Minified,
        ..FileFacts::default()
    };
    let body = || vec![function("<module>", true, &[])];
    let sdist = artifact(
        ArtifactKind::Sdist,
        vec![
            file("pkg/__init__.py", Language::Python, minified(body())),
            file("pkg/static/app.js", Language::JavaScript, minified(body())),
        ],
    );
    assert_eq!(
        context(&sdist, "pkg/__init__.py", 0),
        ExecutionContext::Import
    );
    assert_eq!(
        context(&sdist, "pkg/static/app.js", 0),
        ExecutionContext::Asset
    );
    let manifest = FileFacts {
        surfaces: vec![surface(SurfaceKind::Main, "./dist/main.js")],
        ..FileFacts::default()
    };
    let main = FileFacts {
        imports: vec![import("./part")],
        ..minified(body())
    };
    let tarball = artifact(
        ArtifactKind::NpmTarball,
        vec![
            file("package.json", Language::Manifest, manifest),
            file("dist/main.js", Language::JavaScript, main),
            file("dist/part.js", Language::JavaScript, minified(body())),
            file("dist/other.js", Language::JavaScript, minified(body())),
        ],
    );
    for (path, expected) in [
        ("dist/main.js", ExecutionContext::Import),
        ("dist/part.js", ExecutionContext::Import),
        ("dist/other.js", ExecutionContext::Asset),
    ] {
        assert_eq!(context(&tarball, path, 0), expected, "{path}");
    }
}

#[test]
fn a_call_of_a_default_export_reaches_the_whole_module() {
    let setup = FileFacts {
        functions: vec![function(
            "<module>",
            true,
            &[Callee::External("./run#default".into())],
        )],
        ..FileFacts::default()
    };
    let run = FileFacts {
        functions: vec![
            function("<module>", true, &[]),
            function("main", false, &[]),
        ],
        ..FileFacts::default()
    };
    let manifest = FileFacts {
        surfaces: vec![surface(SurfaceKind::NpmLifecycle, "node setup.js")],
        ..FileFacts::default()
    };
    let tarball = artifact(
        ArtifactKind::NpmTarball,
        vec![
            file("package.json", Language::Manifest, manifest),
            file("setup.js", Language::JavaScript, setup),
            file("run.js", Language::JavaScript, run),
        ],
    );
    assert_eq!(context(&tarball, "run.js", 1), ExecutionContext::Install);
}

#[test]
fn nothing_imports_a_shell_script() {
    let script = FileFacts {
        functions: vec![function("<module>", true, &[])],
        ..FileFacts::default()
    };
    let sdist = artifact(
        ArtifactKind::Sdist,
        vec![file("ci/build.sh", Language::Shell, script.clone())],
    );
    assert_eq!(context(&sdist, "ci/build.sh", 0), ExecutionContext::Test);
    // a program that knows its name may start it
    let program = FileFacts {
        functions: vec![function("<module>", true, &[])],
        literals: vec![Literal {
            kind: LiteralKind::Command,
            value: "sh ci/build.sh".into(),
            length: 14,
            span: Span::default(),
            function: 0,
        }],
        ..FileFacts::default()
    };
    let sdist = artifact(
        ArtifactKind::Sdist,
        vec![
            file("ci/build.sh", Language::Shell, script),
            file("setup.py", Language::Python, program),
        ],
    );
    assert_eq!(context(&sdist, "ci/build.sh", 0), ExecutionContext::Called);
}

#[test]
fn what_no_installation_can_import_waits() {
    let module = || FileFacts {
        functions: vec![function("<module>", true, &[])],
        ..FileFacts::default()
    };
    let python = |path: &str| file(path, Language::Python, module());
    let sdist = artifact(
        ArtifactKind::Sdist,
        vec![
            python("src/pkg/__init__.py"),
            python("src/pkg/tools/__init__.py"),
            python("src/pkg/tools/run.py"),
            python("tools/release.py"),
            python("vendored-kit/kit/__init__.py"),
            python("extra/more.py"),
            python("single.py"),
        ],
    );
    let of = |path: &str| context(&sdist, path, 0);
    assert_eq!(of("src/pkg/__init__.py"), ExecutionContext::Import);
    assert_eq!(of("src/pkg/tools/run.py"), ExecutionContext::Import);
    assert_eq!(of("single.py"), ExecutionContext::Import);
    assert_eq!(of("tools/release.py"), ExecutionContext::Test);
    assert_eq!(of("vendored-kit/kit/__init__.py"), ExecutionContext::Called);
    assert_eq!(of("extra/more.py"), ExecutionContext::Called);
    // tests alone make no package of anything, and setuptools packs folders that no statement can name
    for paths in [
        ["pkg/__init__py.py", "tests/__init__.py"],
        ["my-kit/__init__.py", "my-kit/run.py"],
    ] {
        let sdist = artifact(ArtifactKind::Sdist, paths.map(python).to_vec());
        assert_eq!(context(&sdist, paths[0], 0), ExecutionContext::Import);
    }
    let package = artifact(
        ArtifactKind::Crate,
        vec![python(".github/workflows/upload.py")],
    );
    let upload = context(&package, ".github/workflows/upload.py", 0);
    assert_eq!(upload, ExecutionContext::Test);
    // setup.py that imports it runs it
    let setup = FileFacts {
        functions: vec![function("<module>", true, &[])],
        imports: vec![import("tools.release")],
        surfaces: vec![surface(SurfaceKind::SetupPy, "setup.py")],
        ..FileFacts::default()
    };
    let sdist = artifact(
        ArtifactKind::Sdist,
        vec![
            python("tools/release.py"),
            file("setup.py", Language::Python, setup),
        ],
    );
    assert_eq!(
        context(&sdist, "tools/release.py", 0),
        ExecutionContext::Install
    );
}

#[test]
fn a_backend_runs_whole_but_for_the_commands_of_its_maintainers() {
    let backend = FileFacts {
        functions: vec![
            function("<module>", true, &[]),
            function("build_wheel", false, &[Callee::Local(2)]),
            function("compile", false, &[]),
            function("<main>", false, &[Callee::Local(4)]),
            function("release", false, &[Callee::Local(2)]),
        ],
        ..FileFacts::default()
    };
    let mut hook = surface(SurfaceKind::InTreeBackend, "backend");
    hook.target = "backend.py".into();
    let project = FileFacts {
        surfaces: vec![hook],
        ..FileFacts::default()
    };
    let sdist = artifact(
        ArtifactKind::Sdist,
        vec![
            file("backend.py", Language::Python, backend),
            file("pyproject.toml", Language::Data, project),
        ],
    );
    for (function, context_of) in [
        (0, ExecutionContext::Install),
        (1, ExecutionContext::Install),
        (2, ExecutionContext::Install),
        (3, ExecutionContext::Entry),
        (4, ExecutionContext::Entry),
    ] {
        assert_eq!(context(&sdist, "backend.py", function), context_of);
    }
}

#[test]
fn cargo_runs_a_build_script_that_no_manifest_names() {
    let script = || FileFacts {
        functions: vec![
            function("<module>", true, &[]),
            function("main", false, &[]),
        ],
        ..FileFacts::default()
    };
    let crate_with = |surfaces: Vec<InstallSurface>| {
        let manifest = FileFacts {
            surfaces,
            ..FileFacts::default()
        };
        artifact(
            ArtifactKind::Crate,
            vec![
                file("Cargo.toml", Language::Manifest, manifest),
                file("build.rs", Language::Rust, script()),
                file("make.rs", Language::Rust, script()),
            ],
        )
    };
    let unnamed = crate_with(Vec::new());
    assert_eq!(context(&unnamed, "build.rs", 1), ExecutionContext::Install);
    assert_eq!(context(&unnamed, "make.rs", 1), ExecutionContext::Called);
    let mut other = surface(SurfaceKind::BuildRs, "");
    other.target = "make.rs".into();
    let named = crate_with(vec![other]);
    assert_eq!(context(&named, "build.rs", 1), ExecutionContext::Called);
    assert_eq!(context(&named, "make.rs", 1), ExecutionContext::Install);
}

#[test]
fn what_starts_another_file_hides_nothing_that_stands_behind_it() {
    let used = |api: &str, line: u32| Use {
        capability: Capability::CodeEval,
        api: api.into(),
        span: Span::on_line(line, 1, 1),
        function: 0,
        resolution: Resolution::Direct,
        kind: UseKind::Call,
        constants: Vec::new(),
    };
    let setup = |uses: Vec<Use>| {
        let facts = FileFacts {
            functions: vec![function("<module>", true, &[])],
            surfaces: vec![surface(SurfaceKind::SetupPy, "")],
            uses,
            ..FileFacts::default()
        };
        let file = file("setup.py", Language::Python, facts);
        artifact(ArtifactKind::Sdist, vec![file])
    };
    let can = |uses: Vec<Use>| {
        let before = [artifact(ArtifactKind::Sdist, Vec::new())];
        let change = change::compare("1.0", &before, &[setup(uses)]).expect("both are sdists");
        change.surfaces[0].can.clone()
    };
    let starts = || used("runpy.run_path", 1);
    assert_eq!(can(vec![starts()]), []);
    assert_eq!(can(vec![starts(), used("eval", 2)]), [Capability::CodeEval]);
}

#[test]
fn code_in_an_argument_calls_what_it_imports() {
    let inner = FileFacts {
        functions: vec![function(
            "<module>",
            true,
            &[Callee::External("pkg.after.fetch".into())],
        )],
        imports: vec![import("pkg.after")],
        ..FileFacts::default()
    };
    let of = |executed: bool| {
        let setup = FileFacts {
            functions: vec![function("<module>", true, &[])],
            surfaces: vec![surface(SurfaceKind::SetupPy, "")],
            layers: vec![Layer {
                steps: vec!["command".into()],
                span: Span::on_line(3, 1, 9),
                executed,
                facts: Box::new(inner.clone()),
            }],
            ..FileFacts::default()
        };
        let after = FileFacts {
            functions: vec![
                function("<module>", true, &[]),
                function("fetch", false, &[]),
                function("other", false, &[]),
            ],
            ..FileFacts::default()
        };
        let artifact = artifact(
            ArtifactKind::Sdist,
            vec![
                file("pkg/__init__.py", Language::Python, FileFacts::default()),
                file("pkg/after.py", Language::Python, after),
                file("setup.py", Language::Python, setup),
            ],
        );
        let map = ContextMap::of(&artifact);
        [0, 1, 2].map(|f| map.of_function(1, f))
    };
    assert_eq!(
        of(true),
        [
            ExecutionContext::Install,
            ExecutionContext::Install,
            ExecutionContext::Called
        ]
    );
    assert_eq!(of(false)[1], ExecutionContext::Called);
}

fn starts(constants: &[&str]) -> Use {
    Use {
        capability: Capability::ProcessSpawn,
        api: "subprocess.Popen".into(),
        span: Span::default(),
        function: 0,
        resolution: Resolution::Direct,
        kind: UseKind::Call,
        constants: constants.iter().map(|c| (*c).into()).collect(),
    }
}

#[test]
fn what_only_python_dash_m_runs_is_no_import_unless_something_starts_it() {
    let with = |path, language, uses| {
        let functions = vec![function("<module>", true, &[])];
        file(
            path,
            language,
            FileFacts {
                functions,
                uses,
                ..FileFacts::default()
            },
        )
    };
    let package = |uses: Vec<Use>| {
        let files = vec![
            with("pkg/__init__.py", Language::Python, uses),
            with("pkg/__main__.py", Language::Python, Vec::new()),
            with("pkg/run.js", Language::JavaScript, Vec::new()),
        ];
        artifact(ArtifactKind::Wheel, files)
    };
    let main = |uses| context(&package(uses), "pkg/__main__.py", 0);
    assert_eq!(main(Vec::new()), ExecutionContext::Entry);
    let by_module = vec![starts(&["{}", "-m", "pkg"])];
    assert_eq!(main(by_module), ExecutionContext::Import);
    // below the folder of the file that starts it
    let by_path = package(vec![starts(&["node", "{}/run.js"])]);
    assert_eq!(context(&by_path, "pkg/run.js", 0), ExecutionContext::Import);
}
