//! Carries a plan out, inside the namespaces.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use rustix::fs::{Mode, OFlags};

use super::plan::Step;
use crate::contained::failure::{At, Failure, Stage};
use crate::sys::mount_attr;

const NONE: Option<&str> = None;

/// Builds the root at `root`, moves into it, and leaves the host's behind.
///
/// # Errors
/// The step that failed.
pub(crate) fn build(root: &Path, steps: &[Step]) -> Result<(), Failure> {
    // nothing that is mounted here shows up outside
    mount(NONE, "/", NONE, MsFlags::MS_REC | MsFlags::MS_PRIVATE, NONE).at(Stage::Root, "/")?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(
        Some("tmpfs"),
        root,
        Some("tmpfs"),
        flags,
        Some("mode=0755,size=64m"),
    )
    .at(Stage::Root, root)?;
    for step in steps {
        take(root, step)?;
    }
    nix::unistd::chdir(root).at(Stage::Root, root)?;
    nix::unistd::pivot_root(".", ".").at(Stage::Root, root)?;
    umount2(".", MntFlags::MNT_DETACH).at(Stage::Root, "/")?;
    nix::unistd::chdir("/").at(Stage::Root, "/")?;
    let read_only = MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_RDONLY | flags;
    mount(NONE, "/", NONE, read_only, NONE).at(Stage::Root, "/")
}

fn take(root: &Path, step: &Step) -> Result<(), Failure> {
    match step {
        Step::ReadOnly { from, to } => {
            let to = place(root, to, from.is_dir())?;
            mount(
                Some(from),
                &to,
                NONE,
                MsFlags::MS_BIND | MsFlags::MS_REC,
                NONE,
            )
            .at(Stage::Root, from)?;
            mount_attr::make_read_only(&to).at(Stage::Root, from)
        }
        Step::Device { path } => {
            let to = place(root, path, false)?;
            mount(Some(path), &to, NONE, MsFlags::MS_BIND, NONE).at(Stage::Root, path)?;
            mount_attr::make_unprivileged(&to).at(Stage::Root, path)
        }
        Step::Overlay {
            lower,
            upper,
            work,
            to,
        } => overlay(root, lower, upper, work, to),
        Step::Memory { to, size, mode } => {
            let to = place(root, to, true)?;
            let options = format!("size={size},mode={mode:o}");
            let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
            mount(Some("tmpfs"), &to, Some("tmpfs"), flags, Some(&*options)).at(Stage::Root, &to)
        }
        Step::Folder { to, mode } => {
            let to = place(root, to, true)?;
            std::fs::set_permissions(&to, std::fs::Permissions::from_mode(*mode))
                .at(Stage::Root, &to)
        }
        Step::File {
            to,
            content,
            mode,
            over,
        } => file(root, to, content, *mode, *over),
        Step::Link { to, target } => {
            let to = inside(root, to);
            parent(&to)?;
            symlink(target, &to).at(Stage::Root, &to)
        }
        Step::Processes { nested } => processes(root, *nested),
        Step::Terminals => {
            let to = place(root, Path::new("/dev/pts"), true)?;
            let flags = MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC;
            mount(
                Some("devpts"),
                &to,
                Some("devpts"),
                flags,
                Some("newinstance,ptmxmode=0666,mode=620"),
            )
            .at(Stage::Root, &to)
        }
    }
}

/// Folders are passed as descriptors: paths may hold the commas and colons that the options are written with.
fn overlay(root: &Path, lower: &Path, upper: &Path, work: &Path, to: &Path) -> Result<(), Failure> {
    let at = place(root, to, true)?;
    let open = |path: &Path| -> Result<OwnedFd, Failure> {
        rustix::fs::open(
            path,
            OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
        )
        .at(Stage::Overlay, path)
    };
    let (lower_fd, upper_fd, work_fd) = (open(lower)?, open(upper)?, open(work)?);
    let mut options = String::from("userxattr,volatile");
    for (key, fd) in [
        ("lowerdir", &lower_fd),
        ("upperdir", &upper_fd),
        ("workdir", &work_fd),
    ] {
        let _ = write!(options, ",{key}=/proc/self/fd/{}", fd.as_raw_fd());
    }
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(
        Some("overlay"),
        &at,
        Some("overlay"),
        flags,
        Some(&*options),
    )
    .at(Stage::Overlay, lower)
}

fn file(root: &Path, to: &Path, content: &[u8], mode: u32, over: bool) -> Result<(), Failure> {
    let to = inside(root, to);
    parent(&to)?;
    let write = |path: &Path| -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(path)?;
        file.write_all(content)
    };
    if !over {
        return write(&to).at(Stage::Root, &to);
    }
    let beside = root.join(format!(
        ".over-{}",
        to.display().to_string().replace('/', "-")
    ));
    write(&beside).at(Stage::Root, &to)?;
    mount(Some(&beside), &to, NONE, MsFlags::MS_BIND, NONE).at(Stage::Root, &to)?;
    mount_attr::make_read_only(&to).at(Stage::Root, &to)?;
    std::fs::remove_file(&beside).at(Stage::Root, &to)
}

/// `/proc` of the run's own processes, with room for so many nested user namespaces, and without a way into the kernel.
fn processes(root: &Path, nested: u32) -> Result<(), Failure> {
    let to = place(root, Path::new("/proc"), true)?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    mount(Some("proc"), &to, Some("proc"), flags, NONE).at(Stage::Processes, &to)?;
    let limit = to.join("sys/user/max_user_namespaces");
    std::fs::OpenOptions::new()
        .write(true)
        .open(&limit)
        .and_then(|mut file| file.write_all(nested.to_string().as_bytes()))
        .at(Stage::Processes, &limit)?;
    for name in ["sys", "irq", "bus", "fs", "sysrq-trigger"] {
        let path = to.join(name);
        if path.exists() {
            mount(
                Some(&path),
                &path,
                NONE,
                MsFlags::MS_BIND | MsFlags::MS_REC,
                NONE,
            )
            .at(Stage::Processes, &path)?;
            mount_attr::make_read_only(&path).at(Stage::Processes, &path)?;
        }
    }
    for name in [
        "kcore",
        "keys",
        "key-users",
        "timer_list",
        "sched_debug",
        "kallsyms",
        "kmsg",
    ] {
        let path = to.join(name);
        if path.exists() {
            mount(Some("/dev/null"), &path, NONE, MsFlags::MS_BIND, NONE)
                .at(Stage::Processes, &path)?;
        }
    }
    Ok(())
}

fn inside(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

fn parent(path: &Path) -> Result<(), Failure> {
    path.parent().map_or(Ok(()), make_folder)
}

fn make_folder(path: &Path) -> Result<(), Failure> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(path)
        .at(Stage::Root, path)
}

/// Makes the folder or file that something is mounted on.
fn place(root: &Path, path: &Path, folder: bool) -> Result<PathBuf, Failure> {
    let path = inside(root, path);
    if folder {
        make_folder(&path)?;
    } else if !path.exists() {
        parent(&path)?;
        rustix::fs::open(
            &path,
            OFlags::CREATE | OFlags::WRONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW,
            Mode::from(0o644),
        )
        .at(Stage::Root, &path)?;
    }
    Ok(path)
}
