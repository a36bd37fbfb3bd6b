//! Asking another program: no shell, bounded time, bounded output.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use thiserror::Error;
use tokio::io::AsyncReadExt as _;

/// A program and how to call it.
#[derive(Clone, Debug)]
pub struct Program {
    path: PathBuf,
    args: Vec<OsString>,
    envs: Vec<(String, String)>,
    removed: Vec<String>,
    dir: Option<PathBuf>,
    timeout: Duration,
    max_output: u64,
}

/// What a program answered.
#[derive(Clone, Debug)]
pub struct CommandOutput {
    /// True if it exited with 0.
    pub success: bool,
    /// Its exit code, if it was not ended by a signal.
    pub code: Option<i32>,
    /// Standard output, lossy.
    pub stdout: String,
    /// Standard error, lossy.
    pub stderr: String,
}

/// Why a program gave no answer.
#[derive(Debug, Error)]
pub enum CommandError {
    /// It could not be started.
    #[error("cannot start {}: {source}", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It took too long and was ended.
    #[error("{} did not answer within {} s", program.display(), limit.as_secs())]
    Timeout {
        /// The program.
        program: PathBuf,
        /// The limit.
        limit: Duration,
    },
    /// Its output could not be read.
    #[error("cannot read the answer of {}: {source}", program.display())]
    Read {
        /// The program.
        program: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Program {
    /// A program at a path (see [`crate::Environment::which`]), with 20 s and 1 MiB of output.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            args: Vec::new(),
            envs: Vec::new(),
            removed: Vec::new(),
            dir: None,
            timeout: Duration::from_secs(20),
            max_output: 1 << 20,
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: Into<OsString>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.envs.push((name.into(), value.into()));
        self
    }

    /// Removes a variable.
    #[must_use]
    pub fn env_remove(mut self, name: &str) -> Self {
        self.removed.push(name.into());
        self
    }

    /// Sets the working directory.
    #[must_use]
    pub fn dir(mut self, dir: &Path) -> Self {
        self.dir = Some(dir.to_owned());
        self
    }

    /// Sets the time limit.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Runs it to its end; standard input is empty.
    ///
    /// # Errors
    /// When it cannot be started, takes too long or its output cannot be read. A non-zero exit code is no error here.
    pub async fn run(&self) -> Result<CommandOutput, CommandError> {
        let mut command = tokio::process::Command::new(&self.path);
        command
            .args(&self.args)
            .envs(self.envs.iter().map(|(k, v)| (k, v)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        for name in &self.removed {
            command.env_remove(name);
        }
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        tracing::debug!(program = %self.path.display(), args = ?self.args, "asking a program");
        let mut child = command.spawn().map_err(|source| CommandError::Start {
            program: self.path.clone(),
            source,
        })?;
        let stdout = child.stdout.take();
        let stderr = child.stderr.take();
        let work = async {
            let (out, err) = tokio::join!(
                read_bounded(stdout, self.max_output),
                read_bounded(stderr, self.max_output)
            );
            let status = child.wait().await?;
            std::io::Result::Ok((out?, err?, status))
        };
        match tokio::time::timeout(self.timeout, work).await {
            Ok(Ok((stdout, stderr, status))) => Ok(CommandOutput {
                success: status.success(),
                code: status.code(),
                stdout,
                stderr,
            }),
            Ok(Err(source)) => Err(CommandError::Read {
                program: self.path.clone(),
                source,
            }),
            Err(_) => Err(CommandError::Timeout {
                program: self.path.clone(),
                limit: self.timeout,
            }),
        }
    }
}

/// Reads to the end but keeps only the first `limit` bytes, so that the program is never blocked by a full pipe.
async fn read_bounded(
    pipe: Option<impl tokio::io::AsyncRead + Unpin>,
    limit: u64,
) -> std::io::Result<String> {
    let Some(mut pipe) = pipe else {
        return Ok(String::new());
    };
    let mut kept = Vec::new();
    (&mut pipe).take(limit).read_to_end(&mut kept).await?;
    tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await?;
    Ok(String::from_utf8_lossy(&kept).into_owned())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn captures_output_and_exit_code() {
        let output = Program::new("/bin/sh")
            .args(["-c", "echo out; echo err >&2; exit 3"])
            .run()
            .await
            .expect("sh runs");
        assert_eq!((output.success, output.code), (false, Some(3)));
        assert_eq!((&*output.stdout, &*output.stderr), ("out\n", "err\n"));
    }

    #[tokio::test]
    async fn ends_a_program_that_hangs() {
        let error = Program::new("/bin/sh")
            .args(["-c", "sleep 30"])
            .timeout(Duration::from_millis(100))
            .run()
            .await
            .expect_err("too slow");
        assert!(matches!(error, CommandError::Timeout { .. }));
    }

    #[tokio::test]
    async fn says_which_program_is_missing() {
        let error = Program::new("/no/such/program")
            .run()
            .await
            .expect_err("missing");
        assert!(error.to_string().contains("/no/such/program"), "{error}");
    }
}
