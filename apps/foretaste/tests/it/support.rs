//! Running the binary.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A home of its own for one test: nothing of the developer's machine reaches the binary.
pub(crate) struct Home {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

/// What a run gave.
pub(crate) struct Run {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: i32,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            variables: Vec::new(),
        }
    }

    /// Adds a variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Writes a file of the home folder and returns its path.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().expect("has a parent")).expect("can be made");
        fs::write(&path, content).expect("can be written");
        path
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The binary, ready to be started in the home folder.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_foretaste"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("FORETASTE_CACHE_DIR", self.folder.path().join("cache"))
            .env("FORETASTE_NOW", "2026-11-01T00:00:00Z")
            .env("LANG", "C.UTF-8")
            .env("COLUMNS", "80")
            .envs(self.variables.iter().map(|(k, v)| (k, v)));
        command
    }

    /// Runs the binary in the home folder.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        let output = self.command(args).output().expect("the binary starts");
        Run {
            stdout: String::from_utf8(output.stdout).expect("output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("output is UTF-8"),
            code: output.status.code().expect("ended by itself"),
        }
    }

    /// Audits with `--format json` and reads the report.
    pub(crate) fn audit(&self, args: &[&str]) -> (Value, i32) {
        let run = self.run(&[&["audit", "--format", "json"], args].concat());
        let report = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|e| panic!("{e}: {}{}", run.stdout, run.stderr));
        (report, run.code)
    }
}

/// A folder of `fixtures/packages`.
pub(crate) fn fixture(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/packages")
        .join(path)
        .display()
        .to_string()
}

/// The files of a fixture: path and text.
pub(crate) fn fixture_files(path: &str) -> Vec<(String, String)> {
    fn walk(root: &Path, folder: &Path, out: &mut Vec<(String, String)>) {
        let mut entries: Vec<_> = fs::read_dir(folder)
            .expect("a fixture")
            .flatten()
            .map(|e| e.path())
            .collect();
        entries.sort();
        for entry in entries {
            if entry.is_dir() {
                walk(root, &entry, out);
            } else {
                let relative = entry
                    .strip_prefix(root)
                    .expect("below")
                    .to_string_lossy()
                    .replace('\\', "/");
                out.push((relative, fs::read_to_string(&entry).expect("text")));
            }
        }
    }
    let root = PathBuf::from(fixture(path));
    let mut out = Vec::new();
    walk(&root, &root, &mut out);
    out
}

/// The rules of one release's findings.
pub(crate) fn rules(release: &Value) -> Vec<&str> {
    release["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|f| f["rule"].as_str())
        .collect()
}

/// Starts loopback servers for the duration of a closure.
pub(crate) fn serving<T>(act: impl AsyncFnOnce() -> T) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(act())
}

/// A small honest sdist.
pub(crate) fn sdist(name: &str, version: &str) -> Vec<u8> {
    let manifest = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n");
    let path = format!("{name}-{version}/PKG-INFO");
    foretaste_fake_registries::tar_gz(&[(&path, &manifest)])
}
