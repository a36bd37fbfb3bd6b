//! Forking a process that has one thread.

use nix::unistd::ForkResult;

/// Forks.
///
/// # Errors
/// The kernel refuses, or the process has more than one thread: what another thread held locked would stay locked in
/// the child for ever.
pub(crate) fn fork_single_threaded() -> nix::Result<ForkResult> {
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
    // SAFETY: this process has one thread, so the child may call anything.
    unsafe { nix::unistd::fork() }
}
