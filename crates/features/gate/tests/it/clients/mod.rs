//! Every client that the gate is for: the programs they need, and how each of them installs and publishes.

mod rows;

use std::path::PathBuf;
use std::process::Command;

use serde_json::json;

pub(crate) use self::rows::ROWS;
use crate::support::{TestGate, wheel, wheel_name};

/// One client in folders of its own.
pub(crate) struct Stage<'a> {
    pub(crate) gate: &'a TestGate,
    pub(crate) token: &'a str,
    pub(crate) home: tempfile::TempDir,
    /// True if clients try as often as they do by themselves.
    pub(crate) patient: bool,
}

/// A client: its name, the programs it needs, and how it is run.
pub(crate) struct Row {
    pub(crate) client: &'static str,
    pub(crate) needs: &'static str,
    pub(crate) family: Family,
    /// A package, or one of its versions as [`Family::pinned`] writes it, in a project of its own.
    pub(crate) install: fn(&Stage<'_>, &str, &str) -> Command,
    /// To the newest version, in a project that has an older one; none if it installs nothing.
    pub(crate) upgrade: Option<fn(&Stage<'_>, &str, &str) -> Command>,
    /// How a published version is withdrawn; none if it withdraws nothing.
    pub(crate) withdraw: Option<fn(&Stage<'_>, &str) -> Command>,
    /// How a package of its own is published; none if it publishes nothing.
    pub(crate) publish: Option<fn(&Stage<'_>, &str) -> Command>,
}

/// Whose packages a client installs.
#[derive(Clone, Copy)]
pub(crate) enum Family {
    Python,
    Node,
    Rust,
}

impl Family {
    /// One version of a package, of 1.0, 1.1 and so on.
    pub(crate) fn pinned(self, name: &str, version: &str) -> String {
        match self {
            Self::Python => format!("{name}=={version}"),
            Self::Node | Self::Rust => format!("{name}@{version}.0"),
        }
    }
}

impl Stage<'_> {
    /// True if a project has this version of a package.
    pub(crate) fn has(&self, row: &Row, dir: &str, name: &str, version: &str) -> bool {
        let dir = self.dir(dir);
        match row.family {
            Family::Python => {
                let wanted = format!("{}-{version}.dist-info", name.replace('-', "_"));
                let mut libraries = vec![dir.join("out")];
                for lib in [dir.join(".venv/lib"), dir.join(".venv/lib64")] {
                    let pythons = std::fs::read_dir(lib).into_iter().flatten().flatten();
                    libraries.extend(pythons.map(|p| p.path().join("site-packages")));
                }
                libraries.iter().any(|lib| lib.join(&wanted).is_dir())
            }
            Family::Node => {
                let path = dir.join("node_modules").join(name).join("package.json");
                let text = std::fs::read_to_string(path).unwrap_or_default();
                let manifest: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
                manifest["version"] == format!("{version}.0")
            }
            Family::Rust => {
                let lock = std::fs::read_to_string(dir.join("Cargo.lock")).unwrap_or_default();
                lock.contains(&format!("name = \"{name}\"\nversion = \"{version}.0\""))
            }
        }
    }

    fn dir(&self, name: &str) -> PathBuf {
        let dir = self.home.path().join(name);
        std::fs::create_dir_all(&dir).expect("made");
        dir
    }

    fn write(&self, dir: &str, file: &str, text: &str) {
        let path = self.dir(dir).join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }

    pub(crate) fn command(&self, program: &str, dir: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(self.dir(dir))
            .env("HOME", self.home.path())
            .env("CI", "1")
            .env_remove("PIP_INDEX_URL")
            .env_remove("UV_DEFAULT_INDEX")
            .env_remove("UV_INDEX_URL");
        command
    }

    fn index(&self) -> String {
        format!("{}/pypi/simple/", self.gate.url())
    }

    /// A project with the configuration that npm, pnpm and yarn classic read.
    fn npm_project(&self, dir: &str, manifest: &serde_json::Value) {
        self.write(dir, "package.json", &manifest.to_string());
        let rc = format!(
            "registry={0}/npm/\n//{1}/npm/:_authToken={2}\n",
            self.gate.url(),
            self.gate.address,
            self.token
        );
        self.write(dir, ".npmrc", &rc);
        self.write(
            dir,
            ".yarnrc",
            &format!("registry \"{}/npm/\"\n", self.gate.url()),
        );
    }

    fn npm_install(&self, program: &str, dir: &str, args: &[&str]) -> Command {
        self.npm_project(
            dir,
            &json!({"name": "app", "version": "1.0.0", "private": true}),
        );
        self.command(program, dir, args)
    }

    fn npm_publish(&self, program: &str, name: &str, args: &[&str]) -> Command {
        let own = json!({"name": name, "version": "1.0.0", "license": "MIT"});
        self.npm_project("publish", &own);
        self.command(program, "publish", args)
    }

    fn berry(&self, dir: &str) {
        let rc = format!(
            "npmRegistryServer: \"{}/npm\"\nnpmAuthToken: \"{}\"\nunsafeHttpWhitelist: [\"127.0.0.1\"]\nenableGlobalCache: false\nenableTelemetry: false\nnodeLinker: node-modules\nenableImmutableInstalls: false\n",
            self.gate.url(),
            self.token
        );
        self.write(dir, ".yarnrc.yml", &rc);
        self.write(dir, "yarn.lock", "");
    }

    fn cargo(&self, dir: &str, name: &str, dependency: &str, args: &[&str]) -> Command {
        let index = format!("sparse+{}/cargo/index/", self.gate.url());
        let config = format!(
            "[source.crates-io]\nreplace-with = \"gate\"\n[source.gate]\nregistry = \"{index}\"\n[registries.gate]\nindex = \"{index}\"\n"
        );
        self.write("cargo-home", "config.toml", &config);
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2021\"\ndescription = \"ours\"\nlicense = \"MIT\"\n[workspace]\n[dependencies]\n{dependency}\n"
        );
        self.write(dir, "Cargo.toml", &manifest);
        self.write(dir, "src/lib.rs", "");
        let mut command = self.command("cargo", dir, args);
        command
            .env("CARGO_HOME", self.dir("cargo-home"))
            .env("CARGO_REGISTRIES_GATE_TOKEN", self.token)
            .env_remove("CARGO_TARGET_DIR");
        if !self.patient {
            command.env("CARGO_NET_RETRY", "0");
        }
        // the home of rustup, where cargo itself lies
        if let Some(home) = std::env::var_os("RUSTUP_HOME") {
            command.env("RUSTUP_HOME", home);
        } else if let Some(home) = std::env::var_os("HOME") {
            command.env("RUSTUP_HOME", PathBuf::from(home).join(".rustup"));
        }
        command
    }

    /// A wheel that this client publishes.
    fn wheel(&self, name: &str) -> String {
        let file = wheel_name(name, "1.0");
        let path = self.dir("dist").join(file);
        std::fs::write(&path, wheel(name, "1.0", "")).expect("written");
        path.display().to_string()
    }

    fn legacy(&self) -> String {
        format!("{}/pypi/legacy/", self.gate.url())
    }
}
