//! Forking a process that has one thread.

use nix::unistd::ForkResult;

/// Forks.
///
/// # Errors
/// The kernel refuses, or the process has more than one thread: what another thread held locked would stay locked in
/// the child for ever.
pub(crate) fn fork_single_threaded() -> nix::Result<ForkResult> {
    has_one_thread()?;
    // SAFETY: this process has one thread, so the child may call anything.
    unsafe { nix::unistd::fork() }
}

/// Forks a process that has the same parent as this one, and waits until it has become another program or ended.
///
/// # Errors
/// As [`fork_single_threaded`]; `EINVAL` in the first process of a pid namespace, which has no parent there.
pub(crate) fn beside() -> nix::Result<ForkResult> {
    has_one_thread()?;
    let flags = libc::CLONE_PARENT | libc::CLONE_VFORK | libc::SIGCHLD;
    // SAFETY: without CLONE_VM the child has its own copy of the memory and of the stack, as after `fork`; this process
    // has one thread, so the child may call anything.
    let child = unsafe { libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) };
    Ok(match nix::errno::Errno::result(child)? {
        0 => ForkResult::Child,
        child => ForkResult::Parent {
            child: nix::unistd::Pid::from_raw(child as i32),
        },
    })
}

fn has_one_thread() -> nix::Result<()> {
    let threads = rustix::fs::open(
        "/proc/self/task",
        rustix::fs::OFlags::RDONLY | rustix::fs::OFlags::DIRECTORY | rustix::fs::OFlags::CLOEXEC,
        rustix::fs::Mode::empty(),
    )
    .and_then(rustix::fs::Dir::new)
    .map(|dir| dir.flatten().count());
    // `.`, `..` and this thread
    if threads.is_ok_and(|count| count > 3) {
        return Err(nix::errno::Errno::EBUSY);
    }
    Ok(())
}
