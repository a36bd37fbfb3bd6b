//! Files that nest deeper than any honest one are parsed in a process of their own: parsers are recursive, and a stack
//! that overflows cannot be caught. That process is this binary again, with less memory and time; its death is a finding.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use foretaste_io::{CommandError, Program, confine};
use foretaste_model::Limits;
use foretaste_model::facts::FileFacts;
use tokio::runtime::Handle;

use crate::exit::Code;

/// The hidden command of the worker.
const COMMAND: &str = "__observe";
/// What the worker's parser may recurse into. Virtual memory, touched as far as it is used.
const STACK: usize = 512 << 20;
/// What the worker may map beyond its stack and what its allocator set aside when it started (1 GiB).
const MEMORY: u64 = 256 << 20;
/// Processor time that the worker may take beyond what the file may: its start, and parsers that look at no clock.
const PARSER: Duration = Duration::from_secs(1);
/// The largest answer that is read.
const MAX_ANSWER: u64 = 64 << 20;
/// How much longer than its processor time the worker may take on the wall. A busy machine must not decide what is
/// found; this ends only a worker that waits for something.
const PATIENCE: u32 = 20;
/// Nesting that the worker tries. What is too much for its stack ends it, and that is what it is for.
const NESTING: u32 = 1 << 20;

/// This binary, and the runtime that waits for its children.
static WORKER: OnceLock<(PathBuf, Handle)> = OnceLock::new();

/// Has deep files read by worker processes from now on. Without a path to this binary they stay with the fallback.
pub(crate) fn set_up(runtime: &Handle) {
    if let Ok(binary) = std::env::current_exe() {
        let _ = WORKER.set((binary, runtime.clone()));
        foretaste_lang::isolate_with(read);
    }
}

/// Reads one file in a worker. The error completes "the process that parsed it ...", in words that do not depend on the
/// run.
fn read(path: &str, bytes: &[u8], limits: &Limits) -> Result<FileFacts, String> {
    let (binary, runtime) = WORKER.get().ok_or("was not set up")?;
    let mut request = postcard::to_stdvec(&(path, limits)).map_err(|e| e.to_string())?;
    request.extend_from_slice(bytes);
    let program = Program::new(binary.clone())
        .args([COMMAND])
        .clean_env()
        .input(request)
        .max_output(MAX_ANSWER)
        .timeout((limits.file_time + PARSER) * PATIENCE);
    let answer = runtime
        .block_on(program.run_raw())
        .map_err(|error| match error {
            CommandError::Timeout { .. } => "did not come to its end".to_owned(),
            CommandError::Start { .. } => "could not be started".to_owned(),
            CommandError::Read { .. } => "gave no answer".to_owned(),
        })?;
    match answer.code {
        Some(0) if !answer.truncated => postcard::from_bytes(&answer.stdout)
            .map_err(|_| "gave an answer that makes no sense".to_owned()),
        Some(0) => Err("gave too long an answer".to_owned()),
        Some(code) => Err(format!("ended with exit code {code}")),
        None if answer.out_of_time => Err(format!(
            "took more than {:?} of processor time",
            limits.file_time
        )),
        None => Err("was killed by a signal: its stack or its memory ran out".to_owned()),
    }
}

/// The worker: reads a request from standard input, observes, and writes the facts to standard output.
///
/// # Errors
/// The request makes no sense, or the answer cannot be written.
pub(crate) fn run() -> Result<Code> {
    let mut request = Vec::new();
    std::io::stdin()
        .lock()
        .read_to_end(&mut request)
        .context("cannot read the request")?;
    let ((path, mut limits), bytes): ((String, Limits), &[u8]) =
        postcard::take_from_bytes(&request).context("the request makes no sense")?;
    limits.nesting = limits.nesting.max(NESTING);
    let observed = std::thread::scope(|scope| {
        let observe = || {
            // here, where the stack is mapped
            confine(MEMORY, limits.file_time + PARSER).context("cannot limit this process")?;
            foretaste_lang::has_large_stack();
            let facts = foretaste_lang::observe_here(&path, bytes, &limits);
            postcard::to_stdvec(&facts).context("the facts cannot be written")
        };
        std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, observe)
            .map(std::thread::ScopedJoinHandle::join)
    });
    let answer = observed
        .context("cannot start a thread")?
        .map_err(|_| anyhow!("the observer died"))??;
    std::io::stdout()
        .lock()
        .write_all(&answer)
        .context("nobody reads the answer")?;
    Ok(Code::Clear)
}
