//! What this process may use, and what it has used: limits that it sets on itself before it reads something that may
//! end it, and its processor time.

use std::io;
use std::time::Duration;

/// Bounds the memory that this process may map beyond what it has mapped, and the processor time that it may take (in whole
/// seconds, rounded up), and has it leave no core file. An allocator may have mapped much more than it gave out: that can
/// still be used. What goes beyond ends it; whoever waits for it can tell that it was time (see
/// [`crate::RawOutput::out_of_time`]). Cannot be undone. Does nothing where the system has no such limits.
///
/// # Errors
/// The system refuses.
#[cfg(unix)]
pub fn confine(memory: u64, time: Duration) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let between = |soft: u64, hard: u64| Rlimit {
        current: Some(soft),
        maximum: Some(hard),
    };
    setrlimit(Resource::Core, between(0, 0))?;
    // the signal that says what happened comes at the soft limit, the one that says nothing at the hard limit
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    setrlimit(Resource::Cpu, between(seconds.max(1), seconds.max(1) + 1))?;
    let memory = mapped().saturating_add(memory);
    setrlimit(Resource::As, between(memory, memory))?;
    Ok(())
}

/// Bytes of address space that this process has mapped; 0 where the system does not say.
#[cfg(unix)]
fn mapped() -> u64 {
    crate::files::read_text(std::path::Path::new("/proc/self/status"), 1 << 16)
        .ok()
        .and_then(|told| {
            let size = told.lines().find_map(|line| line.strip_prefix("VmSize:"))?;
            size.trim().strip_suffix(" kB")?.parse::<u64>().ok()
        })
        .map_or(0, |size| size.saturating_mul(1024))
}

/// Bounds nothing here.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn confine(_memory: u64, _time: Duration) -> io::Result<()> {
    Ok(())
}

/// Processor time of all threads of this process so far; none where the system does not say.
#[cfg(unix)]
pub fn processor_time() -> Option<Duration> {
    use rustix::time::{ClockId, clock_gettime};
    clock_gettime(ClockId::ProcessCPUTime).try_into().ok()
}

/// Not known here.
#[cfg(not(unix))]
pub const fn processor_time() -> Option<Duration> {
    None
}
