//! The file system that names the kernel's tracepoints. It is not mounted everywhere.

use std::path::Path;

use foretaste_io::files;
use nix::mount::{MntFlags, MsFlags, mount as mount_at, umount2};

const PLACE: &str = "/sys/kernel/tracing";

/// Takes away again what was mounted.
pub(super) struct Mounted;

impl Drop for Mounted {
    fn drop(&mut self) {
        // attached programs stay; a leftover mount harms nobody
        let _ = umount2(PLACE, MntFlags::MNT_DETACH);
    }
}

/// Mounts it unless it is there.
pub(super) fn mount() -> Option<Mounted> {
    if files::exists(&Path::new(PLACE).join("events")) {
        return None;
    }
    let none: Option<&str> = None;
    mount_at(
        Some("tracefs"),
        PLACE,
        Some("tracefs"),
        MsFlags::empty(),
        none,
    )
    .ok()
    .map(|()| Mounted)
}
