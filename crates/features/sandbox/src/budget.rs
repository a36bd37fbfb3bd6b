//! The budget of a whole run, where a control group can be made: as root, mostly. Elsewhere each process has its limits.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use foretaste_io::files;

use crate::policy::limits::Limits;

/// A hierarchy, the file of a limit, and the limit.
type Limit = (&'static str, &'static str, fn(&Limits) -> u64);

/// Where control groups are, and what their files are called: version 2, then version 1.
const HIERARCHIES: &[Limit] = &[
    ("/sys/fs/cgroup", "pids.max", processes),
    ("/sys/fs/cgroup", "memory.max", memory),
    ("/sys/fs/cgroup/pids", "pids.max", processes),
    ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", memory),
];

/// What the names of groups begin with; the number of process 1 of the run follows.
const PREFIX: &str = "foretaste-";

/// The longest list of a group's processes that is read: it has just begun.
const MAX_LIST: u64 = 1 << 16;

/// Process 1 counts as well.
fn processes(limits: &Limits) -> u64 {
    limits.processes.saturating_add(1)
}

fn memory(limits: &Limits) -> u64 {
    limits.memory
}

/// A control group, removed with this value.
#[derive(Debug)]
pub(crate) struct Budget {
    groups: Vec<PathBuf>,
    /// To move a process the kernel waits for every processor, some milliseconds, in which the root is built.
    moving: Option<JoinHandle<Vec<PathBuf>>>,
}

impl Budget {
    /// Begins to put process 1 of a run, and whatever it will start, under the limits.
    ///
    /// # Errors
    /// No thread can be started.
    pub(crate) fn begin(pid: i32, limits: &Limits) -> std::io::Result<Self> {
        let limits = limits.clone();
        let moving = std::thread::Builder::new()
            .name("budget".into())
            .spawn(move || groups(pid, &limits))?;
        Ok(Self {
            groups: Vec::new(),
            moving: Some(moving),
        })
    }

    /// Waits until the limits are in force, for this process of the run as well: it may have been started before.
    pub(crate) fn hold(&mut self, pid: i32) {
        self.wait();
        let pid = pid.to_string();
        for group in &self.groups {
            let list = group.join("cgroup.procs");
            let held = files::read_text(&list, MAX_LIST).unwrap_or_default();
            if !held.lines().any(|line| line == pid) {
                let _ = write(&list, &pid);
            }
        }
    }

    fn wait(&mut self) {
        if let Some(moving) = self.moving.take() {
            self.groups = moving.join().unwrap_or_default();
        }
    }
}

/// Makes the groups that can be made, and puts a process into them.
fn groups(pid: i32, limits: &Limits) -> Vec<PathBuf> {
    let mut groups = Vec::new();
    for (hierarchy, file, limit) in HIERARCHIES {
        let hierarchy = Path::new(hierarchy);
        let group = hierarchy.join(format!("{PREFIX}{pid}"));
        if !groups.contains(&group) {
            // where version 1 is mounted, the folder above its hierarchies is none itself
            if !hierarchy.join("cgroup.procs").exists() {
                continue;
            }
            sweep(hierarchy);
            if std::fs::create_dir(&group).is_err() {
                continue;
            }
            groups.push(group.clone());
        }
        if write(&group.join(file), &limit(limits).to_string()).is_ok() {
            let _ = write(&group.join("cgroup.procs"), &pid.to_string());
        }
    }
    groups
}

impl Drop for Budget {
    fn drop(&mut self) {
        self.wait();
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
