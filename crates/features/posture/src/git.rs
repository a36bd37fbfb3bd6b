//! Asking Git, read-only, without the repository's hooks, filters and helpers.

use std::path::Path;
use std::time::Duration;

use foretaste_io::{Environment, Program};

/// The most that Git may answer, in bytes: the log of a large repository's year.
const MAX_OUTPUT: u64 = 64 << 20;
const TIMEOUT: Duration = Duration::from_secs(60);

/// A repository and the Git that is asked about it.
pub(crate) struct Git<'a> {
    program: Program,
    root: &'a Path,
}

impl<'a> Git<'a> {
    /// None if there is no Git on this machine.
    pub(crate) fn of(root: &'a Path, environment: &Environment) -> Option<Self> {
        let program = Program::new(environment.which("git")?)
            // what the repository configures must not start a program
            .args([
                "-c",
                "core.fsmonitor=false",
                "-c",
                "core.hooksPath=/dev/null",
                "-c",
                "log.showSignature=false",
                "-c",
                "protocol.allow=never",
                "--no-pager",
                "--no-optional-locks",
            ])
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            .max_output(MAX_OUTPUT)
            .timeout(TIMEOUT)
            .dir(root);
        Some(Self { program, root })
    }

    /// Asks, and gives standard output.
    ///
    /// # Errors
    /// Git cannot be started, takes too long, or says no: why, in a line.
    pub(crate) async fn ask(&self, args: &[&str], input: Vec<u8>) -> Result<Vec<u8>, String> {
        let program = self.program.clone().args(args.iter().copied());
        let program = if input.is_empty() {
            program
        } else {
            program.input(input)
        };
        let output = program.run_raw().await.map_err(|e| e.to_string())?;
        if output.code != Some(0) {
            let text = String::from_utf8_lossy(&output.stderr);
            let first = text.lines().next().unwrap_or("it gave no reason");
            return Err(format!("git in {}: {first}", self.root.display()));
        }
        if output.truncated {
            return Err(format!(
                "git in {}: its answer is longer than {MAX_OUTPUT} bytes",
                self.root.display()
            ));
        }
        Ok(output.stdout)
    }
}
