//! What a scan costs, as the operating system counts it.

use std::path::Path;
use std::time::Duration;

use foretaste_io::files;
use rustix::time::{ClockId, clock_gettime};

/// Processor time of the calling thread so far.
pub(crate) fn thread_cpu() -> Duration {
    clock(ClockId::ThreadCPUTime)
}

/// Processor time of the whole process so far.
pub(crate) fn process_cpu() -> Duration {
    clock(ClockId::ProcessCPUTime)
}

fn clock(id: ClockId) -> Duration {
    let time = clock_gettime(id);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

/// The most memory that the process ever held, in bytes, where the system tells (Linux).
pub(crate) fn peak_memory() -> Option<u64> {
    let status = files::read_text(Path::new("/proc/self/status"), 1 << 20).ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib << 10)
}

/// Processor time of all programs that this process started and that have ended, where the system tells (Linux).
pub(crate) fn children_cpu() -> Option<Duration> {
    /// What `/proc` counts in: fixed for programs, whatever the kernel's own clock.
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = files::read_text(Path::new("/proc/self/stat"), 1 << 16).ok()?;
    let after_name = stat.rsplit_once(')')?.1;
    let mut fields = after_name.split_ascii_whitespace().skip(13);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some(Duration::from_secs_f64((user + system) / TICKS_PER_SECOND))
}

/// Forgets the most memory held so far, so that [`peak_memory`] tells of what follows; false where the system cannot.
pub(crate) fn forget_peak_memory() -> bool {
    files::write(Path::new("/proc/self/clear_refs"), b"5").is_ok()
}
