//! Installations with real clients, without their caches.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use super::server::Server;

/// A client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Client {
    Pip,
    Uv,
}

impl Client {
    pub(super) const ALL: [Self; 2] = [Self::Pip, Self::Uv];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Pip => "pip",
            Self::Uv => "uv",
        }
    }

    /// Installs packages into a folder of their own, and says how many seconds that took.
    pub(super) fn install(self, server: &Server, names: &[String]) -> Result<f64> {
        let target = server.home.join("installed");
        let _ = std::fs::remove_dir_all(&target);
        let mut command = match self {
            Self::Pip => {
                let mut pip = Command::new(server.home.join("peers/clients/bin/python"));
                pip.args([
                    "-m",
                    "pip",
                    "install",
                    "--no-cache-dir",
                    "--no-compile",
                    "--disable-pip-version-check",
                ]);
                pip
            }
            Self::Uv => {
                let mut uv = Command::new(server.home.join("peers/clients/bin/uv"));
                uv.args([
                    "pip",
                    "install",
                    "--no-cache",
                    "--python",
                    "python3",
                    "--link-mode=copy",
                ]);
                uv
            }
        };
        command
            .args([
                "-q",
                "--no-deps",
                "--index-url",
                &server.index(),
                "--target",
            ])
            .arg(&target)
            .args(names)
            .env("PIP_CONFIG_FILE", "/dev/null")
            .env("UV_NO_CONFIG", "1")
            .env_remove("PIP_INDEX_URL")
            .env_remove("UV_DEFAULT_INDEX")
            .env_remove("UV_INDEX_URL")
            .stdin(Stdio::null());
        let begin = Instant::now();
        let output = command
            .output()
            .with_context(|| format!("cannot start {}", self.name()))?;
        let seconds = begin.elapsed().as_secs_f64();
        if !output.status.success() {
            bail!(
                "{} from {}: {}",
                self.name(),
                server.name,
                String::from_utf8_lossy(&output.stderr)
                    .lines()
                    .last()
                    .unwrap_or_default()
            );
        }
        Ok(seconds)
    }
}
