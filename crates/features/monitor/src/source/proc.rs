//! What `/proc` tells of a process while it lives.

use std::path::{Path, PathBuf};

use foretaste_io::files;

use crate::observation::Started;

/// Bytes of arguments that are read.
const MAX_ARGUMENTS: u64 = 64 << 10;
/// Bytes of an environment that are read.
const MAX_ENVIRONMENT: u64 = 256 << 10;
/// Variables that name the step of a job, the first one that is set counts.
const STEPS: &[&str] = &[
    "FORETASTE_STEP=",
    "GITHUB_ACTION=",
    "CI_JOB_NAME=",
    "BUILDKITE_STEP_KEY=",
    "STAGE_NAME=",
];

/// What a process runs. None if it ended.
pub(crate) fn started(pid: u32) -> Option<Started> {
    let folder = PathBuf::from(format!("/proc/{pid}"));
    let arguments = arguments(&folder)?;
    Some(Started {
        pid,
        parent: parent(pid).unwrap_or(0),
        program: link(&folder.join("exe")).unwrap_or_default(),
        arguments,
        directory: link(&folder.join("cwd")).unwrap_or_default(),
        step: step(&folder),
    })
}

fn arguments(folder: &Path) -> Option<Vec<String>> {
    let (bytes, _) = files::read_start(&folder.join("cmdline"), MAX_ARGUMENTS).ok()?;
    let text = bytes.strip_suffix(b"\0").unwrap_or(&bytes);
    Some(
        text.split(|byte| *byte == 0)
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect(),
    )
}

/// The working directory of a process.
pub(crate) fn directory(pid: u32) -> Option<String> {
    link(&PathBuf::from(format!("/proc/{pid}/cwd")))
}

/// Where a link leads, as text.
pub(crate) fn link(path: &Path) -> Option<String> {
    let target = rustix::fs::readlink(path, Vec::new()).ok()?;
    Some(target.to_string_lossy().into_owned())
}

/// The process that made this one, or that adopted it.
pub(crate) fn parent(pid: u32) -> Option<u32> {
    let (bytes, _) = files::read_start(Path::new(&format!("/proc/{pid}/stat")), 4096).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    // the name stands in parentheses and may hold more of them
    text.rsplit_once(')')?
        .1
        .split_whitespace()
        .nth(1)?
        .parse()
        .ok()
}

/// The step that the environment of a process names. Nothing else of it is kept: it holds secrets.
pub(crate) fn step_of(pid: u32) -> Option<String> {
    step(&PathBuf::from(format!("/proc/{pid}")))
}

fn step(folder: &Path) -> Option<String> {
    let (bytes, _) = files::read_start(&folder.join("environ"), MAX_ENVIRONMENT).ok()?;
    STEPS.iter().find_map(|name| {
        bytes
            .split(|byte| *byte == 0)
            .find_map(|variable| variable.strip_prefix(name.as_bytes()))
            .filter(|value| !value.is_empty())
            .map(|value| String::from_utf8_lossy(value).chars().take(200).collect())
    })
}

/// The numbers of all processes.
pub(crate) fn all() -> Vec<u32> {
    files::list(Path::new("/proc"))
        .unwrap_or_default()
        .iter()
        .filter_map(|name| name.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_known() {
        let own = started(std::process::id()).expect("it lives");
        assert!(!own.arguments.is_empty() && own.program.starts_with('/'));
        assert_eq!(own.parent, std::os::unix::process::parent_id());
        assert!(started(u32::MAX).is_none());
    }
}
