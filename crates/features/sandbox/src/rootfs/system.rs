//! The parts of the host's system that every program needs, read-only.

use std::path::{Path, PathBuf};

use super::plan::Step;

/// Folders with programs and libraries.
const TREES: &[&str] = &["/usr", "/opt"];
/// Folders that are links into `/usr` on some systems and folders on others.
const TOP: &[&str] = &["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];
/// Files in memory that processes share.
pub(crate) const SHARED_MEMORY: &str = "/dev/shm";
/// Harmless devices.
const DEVICES: &[&str] = &["null", "zero", "full", "random", "urandom", "tty"];

/// Steps for programs, libraries and devices.
pub(crate) fn steps(memory: u64, nested: u32) -> Vec<Step> {
    let mut steps = Vec::new();
    for tree in TREES.iter().chain(TOP).map(Path::new) {
        match std::fs::symlink_metadata(tree) {
            Ok(meta) if meta.is_symlink() => {
                if let Ok(target) = std::fs::read_link(tree) {
                    steps.push(Step::Link {
                        to: tree.to_owned(),
                        target,
                    });
                }
            }
            Ok(meta) if meta.is_dir() => steps.push(Step::ReadOnly {
                from: tree.to_owned(),
                to: tree.to_owned(),
            }),
            _ => {}
        }
    }
    // as on NixOS and Guix, where nothing is in /usr
    for store in ["/nix/store", "/gnu/store"].map(Path::new) {
        if store.is_dir() {
            steps.push(Step::ReadOnly {
                from: store.to_owned(),
                to: store.to_owned(),
            });
        }
    }
    steps.push(Step::Folder {
        to: "/dev".into(),
        mode: 0o755,
    });
    for name in DEVICES {
        let path = Path::new("/dev").join(name);
        if path.exists() {
            steps.push(Step::Device { path });
        }
    }
    for (name, target) in [
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
        ("ptmx", "pts/ptmx"),
    ] {
        steps.push(Step::Link {
            to: Path::new("/dev").join(name),
            target: PathBuf::from(target),
        });
    }
    steps.push(Step::Memory {
        to: SHARED_MEMORY.into(),
        size: memory,
        mode: 0o1777,
    });
    steps.push(Step::Terminals);
    steps.push(Step::Memory {
        to: "/tmp".into(),
        size: memory,
        mode: 0o1777,
    });
    steps.push(Step::Folder {
        to: "/var".into(),
        mode: 0o755,
    });
    steps.push(Step::Link {
        to: "/var/tmp".into(),
        target: "/tmp".into(),
    });
    steps.push(Step::Folder {
        to: "/run".into(),
        mode: 0o755,
    });
    steps.push(Step::Processes { nested });
    steps
}
