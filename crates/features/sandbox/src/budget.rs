//! The budget of a whole run, where a control group can be made: as root, mostly. Elsewhere each process has its limits.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::policy::limits::Limits;

/// A hierarchy, the file of a limit, and the limit.
type Limit = (&'static str, &'static str, fn(&Limits) -> u64);

/// Where control groups are, and what their files are called: version 2, then version 1.
const HIERARCHIES: &[Limit] = &[
    ("/sys/fs/cgroup", "pids.max", |limits| limits.processes),
    ("/sys/fs/cgroup", "memory.max", |limits| limits.memory),
    ("/sys/fs/cgroup/pids", "pids.max", |limits| limits.processes),
    ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", |limits| {
        limits.memory
    }),
];

/// What the names of groups begin with; the number of the command's process follows.
const PREFIX: &str = "foretaste-";

/// A control group, removed with this value.
#[derive(Debug)]
pub(crate) struct Budget {
    groups: Vec<PathBuf>,
}

impl Budget {
    /// Puts a process, and whatever it will start, under the limits. `None` where no control group can be made.
    pub(crate) fn of(pid: i32, limits: &Limits) -> Option<Self> {
        let mut budget = Self { groups: Vec::new() };
        for (hierarchy, file, limit) in HIERARCHIES {
            let hierarchy = Path::new(hierarchy);
            let group = hierarchy.join(format!("{PREFIX}{pid}"));
            if !budget.groups.contains(&group) {
                // where version 1 is mounted, the folder above its hierarchies is none itself
                if !hierarchy.join("cgroup.procs").exists() {
                    continue;
                }
                sweep(hierarchy);
                if std::fs::create_dir(&group).is_err() {
                    continue;
                }
                budget.groups.push(group.clone());
            }
            if write(&group.join(file), &limit(limits).to_string()).is_ok() {
                let _ = write(&group.join("cgroup.procs"), &pid.to_string());
            }
        }
        (!budget.groups.is_empty()).then_some(budget)
    }
}

impl Drop for Budget {
    fn drop(&mut self) {
        for group in &self.groups {
            // the kernel needs a moment until the last process is gone from it
            for _ in 0..50 {
                if std::fs::remove_dir(group).is_ok() {
                    break;
                }
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
        }
    }
}

/// Removes the groups of runs whose supervisor was killed.
fn sweep(hierarchy: &Path) {
    for name in crate::overlay::names(hierarchy).unwrap_or_default() {
        let of = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        if of.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            // one with processes stays by itself
            let _ = std::fs::remove_dir(hierarchy.join(name));
        }
    }
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    std::fs::OpenOptions::new()
        .write(true)
        .open(path)?
        .write_all(text.as_bytes())
}
