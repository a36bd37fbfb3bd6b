//! `mount_setattr` (Linux 5.12): attributes of a mount and of everything below it.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

const MOUNT_ATTR_RDONLY: u64 = 0x1;
const MOUNT_ATTR_NOSUID: u64 = 0x2;
const MOUNT_ATTR_NODEV: u64 = 0x4;
const AT_RECURSIVE: libc::c_int = 0x8000;

#[repr(C)]
struct MountAttr {
    set: u64,
    clear: u64,
    propagation: u64,
    userns_fd: u64,
}

/// Makes a mount and all below it read-only, without set-user-id programs and devices.
///
/// # Errors
/// What the kernel says; `ENOSYS` before 5.12.
pub(crate) fn make_read_only(path: &Path) -> nix::Result<()> {
    set(
        path,
        MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
    )
}

/// Keeps a mount from being written to and from giving privileges; its devices stay usable.
///
/// # Errors
/// As [`make_read_only`].
pub(crate) fn make_unprivileged(path: &Path) -> nix::Result<()> {
    set(path, MOUNT_ATTR_NOSUID)
}

fn set(path: &Path, attributes: u64) -> nix::Result<()> {
    let path = CString::new(path.as_os_str().as_bytes()).map_err(|_| nix::errno::Errno::EINVAL)?;
    let attr = MountAttr {
        set: attributes,
        clear: 0,
        propagation: 0,
        userns_fd: 0,
    };
    // SAFETY: both pointers are valid for the call, and the size is the structure's.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            AT_RECURSIVE,
            &raw const attr,
            size_of::<MountAttr>(),
        )
    };
    nix::errno::Errno::result(done).map(drop)
}
