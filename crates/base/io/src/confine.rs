//! Limits that this process sets on itself before it reads something that may end it.

use std::io;
use std::time::Duration;

/// Bounds the memory that this process may map and the CPU time that it may take, and has it leave no core file. What
/// goes beyond ends it. Cannot be undone. Does nothing where the system has no such limits.
///
/// # Errors
/// The system refuses.
#[cfg(unix)]
pub fn confine(memory: u64, time: Duration) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let at_most = |limit: u64| Rlimit {
        current: Some(limit),
        maximum: Some(limit),
    };
    setrlimit(Resource::Core, at_most(0))?;
    setrlimit(Resource::Cpu, at_most(time.as_secs().max(1)))?;
    setrlimit(Resource::As, at_most(memory))?;
    Ok(())
}

/// Bounds nothing here.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn confine(_memory: u64, _time: Duration) -> io::Result<()> {
    Ok(())
}
