//! Every client that the gate is for: the programs they need, and how each of them installs and publishes.

use std::path::PathBuf;
use std::process::Command;

use serde_json::json;

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
    pub(crate) install: fn(&Stage<'_>, &str, &str) -> Command,
    /// How a package of its own is published; none if it publishes nothing.
    pub(crate) publish: Option<fn(&Stage<'_>, &str) -> Command>,
}

impl Stage<'_> {
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

pub(crate) const ROWS: &[Row] = &[
    Row {
        client: "pip",
        needs: "python3",
        install: |s, dir, name| {
            let index = s.index();
            s.command(
                "python3",
                dir,
                &[
                    "-m",
                    "pip",
                    "install",
                    "--isolated",
                    "--no-cache-dir",
                    "--disable-pip-version-check",
                    "--index-url",
                    &index,
                    "--target",
                    "out",
                    name,
                ],
            )
        },
        publish: None,
    },
    Row {
        client: "twine",
        needs: "twine",
        install: |s, dir, _| s.command("true", dir, &[]),
        publish: Some(|s, name| {
            let (url, file) = (s.legacy(), s.wheel(name));
            s.command(
                "twine",
                "dist",
                &[
                    "upload",
                    "--non-interactive",
                    "-u",
                    "__token__",
                    "-p",
                    s.token,
                    "--repository-url",
                    &url,
                    &file,
                ],
            )
        }),
    },
    Row {
        client: "uv",
        needs: "uv",
        install: |s, dir, name| {
            let index = s.index();
            s.command(
                "uv",
                dir,
                &[
                    "pip",
                    "install",
                    "--no-cache",
                    "--no-config",
                    "--python",
                    "python3",
                    "--default-index",
                    &index,
                    "--target",
                    "out",
                    name,
                ],
            )
        },
        publish: Some(|s, name| {
            let (url, file) = (s.legacy(), s.wheel(name));
            s.command(
                "uv",
                "dist",
                &["publish", "--publish-url", &url, "--token", s.token, &file],
            )
        }),
    },
    Row {
        client: "poetry",
        needs: "poetry",
        install: |s, dir, name| {
            let project = format!(
                "[project]\nname = \"app\"\nversion = \"1.0\"\nrequires-python = \">=3.9\"\ndependencies = []\n[tool.poetry]\npackage-mode = false\n[[tool.poetry.source]]\nname = \"gate\"\nurl = \"{}\"\npriority = \"primary\"\n",
                s.index()
            );
            s.write(dir, "pyproject.toml", &project);
            let mut command = s.command(
                "poetry",
                dir,
                &["add", "--no-interaction", "--no-ansi", name],
            );
            command
                .env("POETRY_VIRTUALENVS_IN_PROJECT", "true")
                .env("POETRY_CACHE_DIR", s.dir("poetry-cache"));
            command
        },
        publish: Some(|s, name| {
            s.wheel(name);
            s.write(
                "",
                "pyproject.toml",
                &format!("[project]\nname = \"{name}\"\nversion = \"1.0\"\n"),
            );
            let mut command = s.command(
                "poetry",
                "",
                &[
                    "publish",
                    "--no-interaction",
                    "--no-ansi",
                    "-r",
                    "gate",
                    "-u",
                    "__token__",
                    "-p",
                    s.token,
                ],
            );
            command.env("POETRY_REPOSITORIES_GATE_URL", s.legacy());
            command
        }),
    },
    Row {
        client: "npm",
        needs: "npm",
        install: |s, dir, name| {
            s.npm_install(
                "npm",
                dir,
                &[
                    "install",
                    "--no-audit",
                    "--no-fund",
                    "--no-update-notifier",
                    name,
                ],
            )
        },
        publish: Some(|s, name| s.npm_publish("npm", name, &["publish"])),
    },
    Row {
        client: "pnpm",
        needs: "pnpm",
        install: |s, dir, name| {
            s.npm_install(
                "pnpm",
                dir,
                &[
                    "add",
                    "--store-dir",
                    "../pnpm-store",
                    if s.patient {
                        "--fetch-retries=2"
                    } else {
                        "--fetch-retries=0"
                    },
                    name,
                ],
            )
        },
        publish: Some(|s, name| s.npm_publish("pnpm", name, &["publish", "--no-git-checks"])),
    },
    Row {
        client: "yarn classic",
        needs: "yarn",
        install: |s, dir, name| {
            s.npm_install(
                "yarn",
                dir,
                &[
                    "add",
                    "--non-interactive",
                    "--cache-folder",
                    "../yarn-cache",
                    name,
                ],
            )
        },
        publish: Some(|s, name| {
            s.npm_publish(
                "yarn",
                name,
                &["publish", "--non-interactive", "--new-version", "1.0.0"],
            )
        }),
    },
    Row {
        client: "yarn berry",
        needs: "yarn-berry",
        install: |s, dir, name| {
            s.berry(dir);
            s.npm_install("yarn-berry", dir, &["add", name])
        },
        publish: Some(|s, name| {
            s.berry("publish");
            let mut install = s.npm_publish("yarn-berry", name, &["install"]);
            assert!(install.status().expect("yarn runs").success());
            s.command("yarn-berry", "publish", &["npm", "publish"])
        }),
    },
    Row {
        client: "cargo",
        needs: "cargo",
        install: |s, dir, name| s.cargo(dir, "app", &format!("{name} = \"1\""), &["fetch"]),
        publish: Some(|s, name| {
            s.cargo(
                "publish",
                name,
                "",
                &[
                    "publish",
                    "--registry",
                    "gate",
                    "--no-verify",
                    "--allow-dirty",
                ],
            )
        }),
    },
];
