//! What every command needs of the process: the time, and a runtime.

use anyhow::{Context, Result};
use foretaste_io::Environment;
use jiff::Timestamp;
use tokio::runtime::{Builder, Runtime};

/// The time that counts as now: `FORETASTE_NOW`, or the clock's.
///
/// # Errors
/// The variable holds no time.
pub(crate) fn now(environment: &Environment) -> Result<Timestamp> {
    match environment.var("FORETASTE_NOW") {
        Some(text) => text.parse().context("FORETASTE_NOW is no RFC 3339 time"),
        None => Ok(Timestamp::now()),
    }
}

/// A runtime on this thread alone, for a few requests.
///
/// # Errors
/// The system gives no means to wait with.
pub(crate) fn single() -> Result<Runtime> {
    built(&mut Builder::new_current_thread())
}

/// A runtime with so many threads that wait for the network and the disk.
///
/// # Errors
/// The system gives no threads.
pub(crate) fn threads(count: usize) -> Result<Runtime> {
    built(Builder::new_multi_thread().worker_threads(count))
}

fn built(builder: &mut Builder) -> Result<Runtime> {
    builder
        .enable_all()
        .build()
        .context("cannot start the asynchronous runtime")
}
