//! The clients themselves.

use std::process::Command;

use super::{Family, Row, Stage};

const PIP: [&str; 6] = [
    "-m",
    "pip",
    "install",
    "--isolated",
    "--no-cache-dir",
    "--disable-pip-version-check",
];
const UV: [&str; 6] = [
    "pip",
    "install",
    "--no-cache",
    "--no-config",
    "--python",
    "python3",
];

fn poetry(stage: &Stage<'_>, dir: &str, args: &[&str]) -> Command {
    let mut command = stage.command("poetry", dir, args);
    command
        .env("POETRY_VIRTUALENVS_IN_PROJECT", "true")
        .env("POETRY_CACHE_DIR", stage.dir("poetry-cache"));
    command
}

/// Every client.
pub(crate) const ROWS: &[Row] = &[
    Row {
        client: "pip",
        needs: "python3",
        family: Family::Python,
        install: |s, dir, name| {
            let index = s.index();
            let mut words = PIP.to_vec();
            words.extend(["--index-url", &index, "--target", "out", name]);
            s.command("python3", dir, &words)
        },
        upgrade: Some(|s, dir, name| {
            let index = s.index();
            let mut words = PIP.to_vec();
            words.extend(["--index-url", &index, "--target", "out", "--upgrade", name]);
            s.command("python3", dir, &words)
        }),
        withdraw: None,
        publish: None,
    },
    Row {
        client: "twine",
        needs: "twine",
        family: Family::Python,
        install: |s, dir, _| s.command("true", dir, &[]),
        upgrade: None,
        withdraw: None,
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
        family: Family::Python,
        install: |s, dir, name| {
            let index = s.index();
            let mut words = UV.to_vec();
            words.extend(["--default-index", &index, "--target", "out", name]);
            s.command("uv", dir, &words)
        },
        upgrade: Some(|s, dir, name| {
            let index = s.index();
            let mut words = UV.to_vec();
            words.extend([
                "--default-index",
                &index,
                "--target",
                "out",
                "--upgrade",
                name,
            ]);
            s.command("uv", dir, &words)
        }),
        withdraw: None,
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
        family: Family::Python,
        install: |s, dir, name| {
            let project = format!(
                "[project]\nname = \"app\"\nversion = \"1.0\"\nrequires-python = \">=3.9\"\ndependencies = []\n[tool.poetry]\npackage-mode = false\n[[tool.poetry.source]]\nname = \"gate\"\nurl = \"{}\"\npriority = \"primary\"\n",
                s.index()
            );
            s.write(dir, "pyproject.toml", &project);
            poetry(s, dir, &["add", "--no-interaction", "--no-ansi", name])
        },
        upgrade: Some(|s, dir, name| {
            let newest = format!("{name}@latest");
            poetry(s, dir, &["add", "--no-interaction", "--no-ansi", &newest])
        }),
        withdraw: None,
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
        family: Family::Node,
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
        upgrade: Some(|s, dir, name| {
            let newest = format!("{name}@latest");
            s.npm_install("npm", dir, &["install", "--no-audit", "--no-fund", &newest])
        }),
        withdraw: Some(|s, name| {
            let version = format!("{name}@1.0.0");
            s.npm_publish("npm", name, &["unpublish", "--force", &version])
        }),
        publish: Some(|s, name| s.npm_publish("npm", name, &["publish"])),
    },
    Row {
        client: "pnpm",
        needs: "pnpm",
        family: Family::Node,
        install: |s, dir, name| {
            let store = ["add", "--store-dir", "../pnpm-store", name];
            let mut command = s.npm_install("pnpm", dir, &store);
            // the one for pnpm of today, the other for pnpm before 11
            for variable in ["pnpm_config_fetch_retries", "npm_config_fetch_retries"] {
                command.env(variable, if s.patient { "2" } else { "0" });
            }
            command
        },
        upgrade: Some(|s, dir, _| {
            s.command(
                "pnpm",
                dir,
                &["update", "--latest", "--store-dir", "../pnpm-store"],
            )
        }),
        withdraw: None,
        publish: Some(|s, name| s.npm_publish("pnpm", name, &["publish", "--no-git-checks"])),
    },
    Row {
        client: "yarn classic",
        needs: "yarn",
        family: Family::Node,
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
        upgrade: Some(|s, dir, name| {
            let words = [
                "upgrade",
                "--latest",
                "--non-interactive",
                "--cache-folder",
                "../yarn-cache",
                name,
            ];
            s.command("yarn", dir, &words)
        }),
        withdraw: None,
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
        family: Family::Node,
        install: |s, dir, name| {
            s.berry(dir);
            s.npm_install("yarn-berry", dir, &["add", name])
        },
        upgrade: Some(|s, dir, name| s.command("yarn-berry", dir, &["up", name])),
        withdraw: None,
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
        family: Family::Rust,
        install: |s, dir, name| {
            let (name, version) = name
                .split_once('@')
                .map_or((name, "1".to_owned()), |(name, exact)| {
                    (name, format!("={exact}"))
                });
            s.cargo(dir, "app", &format!("{name} = \"{version}\""), &["fetch"])
        },
        upgrade: Some(|s, dir, name| s.cargo(dir, "app", &format!("{name} = \"1\""), &["update"])),
        withdraw: Some(|s, name| {
            let words = ["yank", "--registry", "gate", "--version", "1.0.0", name];
            s.cargo("publish", name, "", &words)
        }),
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
