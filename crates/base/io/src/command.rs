//! Asking another program: no shell, bounded time, bounded output.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use thiserror::Error;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// A program and how to call it.
#[derive(Clone, Debug)]
pub struct Program {
    path: PathBuf,
    args: Vec<OsString>,
    envs: Vec<(String, String)>,
    removed: Vec<String>,
    dir: Option<PathBuf>,
    clean: bool,
    input: Vec<u8>,
    timeout: Duration,
    max_output: u64,
}

/// What a program answered, as bytes.
#[derive(Clone, Debug)]
pub struct RawOutput {
    /// Its exit code, if it was not ended by a signal.
    pub code: Option<i32>,
    /// The first bytes of standard output, up to the limit.
    pub stdout: Vec<u8>,
    /// The first bytes of standard error, up to the limit.
    pub stderr: Vec<u8>,
    /// True if standard output was longer.
    pub truncated: bool,
    /// True if it was ended because it used up its processor time (see [`crate::confine`]).
    pub out_of_time: bool,
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
            clean: false,
            input: Vec::new(),
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

    /// Lets it inherit no variable; it has those that [`Self::env`] sets.
    #[must_use]
    pub const fn clean_env(mut self) -> Self {
        self.clean = true;
        self
    }

    /// Sets what it reads from standard input.
    #[must_use]
    pub fn input(mut self, bytes: Vec<u8>) -> Self {
        self.input = bytes;
        self
    }

    /// Sets how many bytes of each output are kept.
    #[must_use]
    pub const fn max_output(mut self, limit: u64) -> Self {
        self.max_output = limit;
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

    /// The command with its words, variables and folder.
    fn command(&self) -> std::process::Command {
        let mut command = std::process::Command::new(&self.path);
        if self.clean {
            command.env_clear();
        }
        command
            .args(&self.args)
            .envs(self.envs.iter().map(|(k, v)| (k, v)));
        for name in &self.removed {
            command.env_remove(name);
        }
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        command
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// When it cannot be started, takes too long or its output cannot be read. A non-zero exit code is no error here.
    pub async fn run(&self) -> Result<CommandOutput, CommandError> {
        let output = self.run_raw().await?;
        Ok(CommandOutput {
            success: output.code == Some(0),
            code: output.code,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Runs it to its end and gives its output as it is.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub async fn run_raw(&self) -> Result<RawOutput, CommandError> {
        let mut command = tokio::process::Command::from(self.command());
        command
            .stdin(if self.input.is_empty() {
                Stdio::null()
            } else {
                Stdio::piped()
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        tracing::debug!(program = %self.path.display(), args = ?self.args, "asking a program");
        let mut child = command.spawn().map_err(|source| CommandError::Start {
            program: self.path.clone(),
            source,
        })?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take();
        let stderr = child.stderr.take();
        let work = async {
            let ((), out, err) = tokio::join!(
                feed(stdin, &self.input),
                read_bounded(stdout, self.max_output),
                read_bounded(stderr, self.max_output)
            );
            let status = child.wait().await?;
            std::io::Result::Ok((out?, err?, status))
        };
        match tokio::time::timeout(self.timeout, work).await {
            Ok(Ok(((stdout, truncated), (stderr, _), status))) => Ok(RawOutput {
                code: status.code(),
                stdout,
                stderr,
                truncated,
                out_of_time: is_out_of_time(status),
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

    /// Becomes it: this process ends here, its number, streams and signals are the program's. Where a system has no such
    /// thing, it is run to its end, and its exit code given.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn replace(&self) -> Result<i32, CommandError> {
        #[cfg(unix)]
        let done: std::io::Result<std::process::ExitStatus> = Err(
            std::os::unix::process::CommandExt::exec(&mut self.command()),
        );
        #[cfg(not(unix))]
        let done = self.command().status();
        match done {
            Ok(status) => Ok(status.code().unwrap_or(1)),
            Err(source) => Err(CommandError::Start {
                program: self.path.clone(),
                source,
            }),
        }
    }

    /// Starts it for a life of its own, in a group of its own: it reads nothing, its output goes to a file, and nobody waits
    /// for it. Gives its number.
    ///
    /// # Errors
    /// When it cannot be started or the file cannot be written.
    #[cfg(unix)]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the door to other programs"
    )]
    pub fn start_detached(&self, output: &Path) -> Result<u32, CommandError> {
        use std::os::unix::process::CommandExt as _;
        let failed = |source| CommandError::Start {
            program: self.path.clone(),
            source,
        };
        let output = std::fs::File::create(output).map_err(failed)?;
        let mut command = self.command();
        command
            .stdin(Stdio::null())
            .stdout(output.try_clone().map_err(failed)?)
            .stderr(output)
            .process_group(0);
        Ok(command.spawn().map_err(failed)?.id())
    }

    /// Runs it with the streams of this process, for as long as it takes, and gives its exit code; 128 and the number of a
    /// signal that ended it. An interrupt reaches the program itself, and is not taken from it.
    ///
    /// # Errors
    /// When it cannot be started or waited for.
    pub async fn run_in_the_open(&self) -> Result<i32, CommandError> {
        let mut command = tokio::process::Command::from(self.command());
        let mut child = command.spawn().map_err(|source| CommandError::Start {
            program: self.path.clone(),
            source,
        })?;
        let status = loop {
            tokio::select! {
                status = child.wait() => break status,
                // the terminal sends it to the program as well, which decides what to do
                _ = tokio::signal::ctrl_c() => {}
            }
        };
        let status = status.map_err(|source| CommandError::Read {
            program: self.path.clone(),
            source,
        })?;
        #[cfg(unix)]
        let signal = std::os::unix::process::ExitStatusExt::signal(&status);
        #[cfg(not(unix))]
        let signal: Option<i32> = None;
        Ok(status.code().unwrap_or(128 + signal.unwrap_or(0)))
    }
}

/// True for a process that its limit of processor time ended.
#[cfg(unix)]
fn is_out_of_time(status: std::process::ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal() == Some(rustix::process::Signal::XCPU.as_raw())
}

#[cfg(not(unix))]
const fn is_out_of_time(_: std::process::ExitStatus) -> bool {
    false
}

/// Writes all and closes; a program that stops reading is no error, its exit code tells.
async fn feed(pipe: Option<tokio::process::ChildStdin>, bytes: &[u8]) {
    if let Some(mut pipe) = pipe
        && let Err(error) = pipe.write_all(bytes).await
    {
        tracing::debug!(%error, "the program did not read all its input");
    }
}

/// Reads to the end but keeps only the first `limit` bytes, so that the program is never blocked by a full pipe.
async fn read_bounded(
    pipe: Option<impl tokio::io::AsyncRead + Unpin>,
    limit: u64,
) -> std::io::Result<(Vec<u8>, bool)> {
    let Some(mut pipe) = pipe else {
        return Ok((Vec::new(), false));
    };
    let mut kept = Vec::new();
    (&mut pipe).take(limit).read_to_end(&mut kept).await?;
    let rest = tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await?;
    Ok((kept, rest > 0))
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
    async fn reads_its_input_and_says_when_output_was_cut() {
        let output = Program::new("/bin/sh")
            .args(["-c", "cat; echo \"$HOME\""])
            .clean_env()
            .env("HOME", "/h")
            .input(b"\xff1234".to_vec())
            .max_output(3)
            .run_raw()
            .await
            .expect("sh runs");
        assert_eq!(output.stdout, b"\xff12");
        assert!(output.truncated && output.code == Some(0));
    }

    #[tokio::test]
    async fn passes_on_how_a_program_ended() {
        let run = async |script: &str| {
            let program = Program::new("/bin/sh").args(["-c", script]);
            program.run_in_the_open().await.expect("sh runs")
        };
        assert_eq!(run("exit 7").await, 7);
        assert_eq!(run("kill -TERM $$").await, 143);
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
    async fn tells_processor_time_from_other_ends() {
        let spent = Program::new("/bin/sh").args(["-c", "ulimit -S -t 1; while :; do :; done"]);
        let spent = spent.run_raw().await.expect("sh runs");
        assert_eq!((spent.code, spent.out_of_time), (None, true));
        let killed = Program::new("/bin/sh").args(["-c", "kill -9 $$"]);
        let killed = killed.run_raw().await.expect("sh runs");
        assert_eq!((killed.code, killed.out_of_time), (None, false));
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
