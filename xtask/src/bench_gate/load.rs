//! Load with wrk.

use std::process::Command;

use anyhow::{Context, Result, bail};

/// Connections that are kept alive.
const CONNECTIONS: &str = "-c16";

/// What wrk measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    /// Requests per second.
    pub(super) rate: f64,
}

impl Load {
    /// Asks for a URL as often as it is answered.
    ///
    /// # Errors
    /// The server answers with errors.
    pub(super) fn run(url: &str, seconds: u32) -> Result<Self> {
        let output = Command::new("wrk")
            .args([
                "-t1",
                CONNECTIONS,
                &format!("-d{seconds}s"),
                "--timeout",
                "10s",
            ])
            .args(["-H", "Accept: application/vnd.pypi.simple.v1+json"])
            .arg(url)
            .output()
            .context("cannot start wrk")?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if let Some(bad) = text.lines().find(|l| l.contains("Non-2xx")) {
            bail!("{url}: {}", bad.trim());
        }
        let rate = text
            .lines()
            .find_map(|l| l.strip_prefix("Requests/sec:"))
            .and_then(|n| n.trim().parse().ok())
            .with_context(|| format!("wrk told nothing about {url}: {text}"))?;
        Ok(Self { rate })
    }
}
