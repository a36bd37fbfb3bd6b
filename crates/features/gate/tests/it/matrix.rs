//! Every client that the gate is for, of today: what it installs, what it is refused and whether it shows why, and what it
//! publishes. `cargo test -p foretaste-gate matrix -- --nocapture` prints the table.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use foretaste_fake_registries::{FakeCargo, FakeFile, FakeNpm, FakeProject, FakePypi, FakeServer};
use foretaste_gate::Verb;
use serde_json::json;

use crate::support::{TestGate, program, run, wheel, wheel_name};

/// The sentence that a client should show.
const REASON: &str = "posts the environment";

/// Upstreams that have `fine-one` and `bad-one` in each ecosystem.
async fn upstreams() -> [FakeServer; 3] {
    let pypi = ["fine-one", "bad-one"]
        .into_iter()
        .fold(FakePypi::new(), |index, name| {
            let text = if name == "bad-one" { "MALICIOUS" } else { "" };
            let file = FakeFile::new(&wheel_name(name, "1.0"), &wheel(name, "1.0", text));
            index.project(FakeProject::new(name).file(file))
        });
    let npm = ["fine-one", "bad-one"]
        .into_iter()
        .fold(FakeNpm::new(), |registry, name| {
            let text = if name == "bad-one" {
                "// MALICIOUS"
            } else {
                ""
            };
            let own = json!({"name": name, "version": "1.0.0"}).to_string();
            // yarn holds back what has no age
            let times = json!({"time": {"1.0.0": "2024-01-01T00:00:00.000Z"}});
            let files = [("index.js", text), ("package.json", own.as_str())];
            registry
                .version(name, "1.0.0", &json!({}), &files)
                .package(name, &times)
        });
    let cargo = ["fine-one", "bad-one"]
        .into_iter()
        .fold(FakeCargo::new(), |index, name| {
            let text = if name == "bad-one" {
                "// MALICIOUS"
            } else {
                ""
            };
            let own =
                format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2021\"\n");
            index.version(
                name,
                "1.0.0",
                &json!({}),
                &[("Cargo.toml", &own), ("src/lib.rs", text)],
            )
        });
    [pypi.start().await, npm.start().await, cargo.start().await]
}

/// One client in folders of its own.
struct Stage<'a> {
    gate: &'a TestGate,
    token: &'a str,
    home: tempfile::TempDir,
}

/// A client: its name, the programs it needs, and how it is run.
struct Row {
    client: &'static str,
    needs: &'static str,
    install: fn(&Stage<'_>, &str, &str) -> Command,
    /// How a package of its own is published; none if it publishes nothing.
    publish: Option<fn(&Stage<'_>, &str) -> Command>,
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

    fn command(&self, program: &str, dir: &str, args: &[&str]) -> Command {
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
            .env("CARGO_NET_RETRY", "0")
            .env_remove("CARGO_TARGET_DIR");
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

const ROWS: &[Row] = &[
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
                    "--fetch-retries=0",
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

#[tokio::test(flavor = "multi_thread")]
async fn every_client_installs_is_refused_and_publishes() {
    let [pypi, npm, cargo] = upstreams().await;
    let settings = format!(
        "owned = ['acme-*']\n[upstream]\npypi = ['{}/simple/']\nnpm = ['{}/']\ncargo = ['sparse+{}/index/']\n",
        pypi.url(),
        npm.url(),
        cargo.url()
    );
    let mut table = format!(
        "{:<14} {:<12} {:<9} {:<9} {:<13} {}\n",
        "client", "version", "installs", "refused", "shows why", "publishes"
    );
    for row in ROWS {
        if program(row.needs).is_none() {
            continue;
        }
        // each sees a gate that knows nothing yet
        let gate = TestGate::start(&settings).await;
        let token = gate.token(Verb::Publish, &["acme-*"]).await;
        let stage = Stage {
            gate: &gate,
            token: &token,
            home: tempfile::tempdir().expect("a folder"),
        };
        let ask: &[&str] = if row.client == "pip" {
            &["-m", "pip", "--version"]
        } else {
            &["--version"]
        };
        let (_, version) = run(stage.command(row.needs, "", ask)).await;
        let version = version
            .split_whitespace()
            .find(|w| w.starts_with(|c: char| c.is_ascii_digit()))
            .unwrap_or_default()
            .trim_end_matches([')', ','])
            .to_owned();
        let installs = row.client != "twine";
        let mut cells = [
            "-".to_owned(),
            "-".to_owned(),
            "-".to_owned(),
            "-".to_owned(),
        ];
        if installs {
            let (done, text) = run((row.install)(&stage, "fine", "fine-one")).await;
            assert!(done, "{}: {text}", row.client);
            "yes".clone_into(&mut cells[0]);
            let (done, text) = run((row.install)(&stage, "bad", "bad-one")).await;
            assert!(!done, "{} installed what is refused: {text}", row.client);
            "yes".clone_into(&mut cells[1]);
            let shown = if text.contains(REASON) { "yes" } else { "no" };
            shown.clone_into(&mut cells[2]);
        }
        if let Some(publish) = row.publish {
            let name = format!("acme-{}", row.client.replace(' ', "-"));
            let (done, text) = run(publish(&stage, &name)).await;
            assert!(done, "{}: {text}", row.client);
            let events = gate.events().await;
            assert!(
                events.iter().any(|e| e.outcome == "published"),
                "{}",
                row.client
            );
            "yes".clone_into(&mut cells[3]);
        }
        let _ = writeln!(
            table,
            "{:<14} {version:<12} {:<9} {:<9} {:<13} {}",
            row.client, cells[0], cells[1], cells[2], cells[3]
        );
    }
    eprintln!("{table}");
}
