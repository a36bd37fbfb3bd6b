//! Budgets of a run, as far as a process can set them on itself. Process budgets hold for each process, the others for
//! the run.

use std::io::Write as _;

use nix::sys::resource::{Resource, setrlimit};

use crate::contained::failure::{At, Failure, Stage};
use crate::policy::limits::Limits;

/// How much sooner than others the command is killed when memory runs out: by this many thousandths of all memory.
const OUT_OF_MEMORY: &str = "100";

/// Sets the limits on this process and everything that it will start.
///
/// # Errors
/// The kernel refuses.
pub(crate) fn apply(limits: &Limits) -> Result<(), Failure> {
    let budgets = [
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_DATA, limits.memory),
        (Resource::RLIMIT_FSIZE, limits.disk),
        (Resource::RLIMIT_NPROC, limits.processes),
        (Resource::RLIMIT_CPU, limits.cpu),
        (Resource::RLIMIT_MEMLOCK, 1 << 23),
    ];
    for (resource, limit) in budgets {
        let (_, hard) = nix::sys::resource::getrlimit(resource).at(Stage::Limits, "limits")?;
        let limit = limit.min(hard);
        setrlimit(resource, limit, limit).at(Stage::Limits, format!("{resource:?}"))?;
    }
    // where the run's memory ends, the kernel takes one of these rather than process 1, which takes all with it
    let _ = std::fs::OpenOptions::new()
        .write(true)
        .open("/proc/self/oom_score_adj")
        .and_then(|mut file| file.write_all(OUT_OF_MEMORY.as_bytes()));
    Ok(())
}
