//! Load with wrk.

use std::process::Command;

use anyhow::{Context, Result, bail};

/// Connections that are kept alive.
const CONNECTIONS: &str = "-c16";

/// A run of wrk.
pub(super) struct Load;

impl Load {
    /// Asks for a URL as often as it is answered; returns the answers per second.
    ///
    /// # Errors
    /// The server answers with errors.
    pub(super) fn run(url: &str, seconds: u32) -> Result<f64> {
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
        let number = |line: &str, word: usize| -> Option<f64> {
            line.split_whitespace().nth(word)?.parse().ok()
        };
        let mut lines = text.lines().map(str::trim);
        let bad = lines.find_map(|l| l.strip_prefix("Non-2xx or 3xx responses: "));
        let bad: f64 = bad.and_then(|n| n.parse().ok()).unwrap_or(0.0);
        let all = text
            .lines()
            .find(|l| l.contains(" requests in "))
            .and_then(|l| number(l, 0))
            .unwrap_or(0.0);
        // a peer that gives up under load is measured by what it does answer
        if bad * 2.0 > all {
            bail!("{url}: {bad} of {all} answers are errors");
        }
        let rate: f64 = text
            .lines()
            .find_map(|l| l.strip_prefix("Requests/sec:"))
            .and_then(|n| n.trim().parse().ok())
            .with_context(|| format!("wrk told nothing about {url}: {text}"))?;
        Ok(rate * (1.0 - bad / all.max(1.0)))
    }
}
