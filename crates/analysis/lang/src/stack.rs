//! The deep observers need a large stack. Callers that have threads with one say so; for others a thread is made.

use std::cell::Cell;

use foretaste_model::Limits;
use foretaste_model::facts::FileFacts;

thread_local! {
    static LARGE: Cell<bool> = const { Cell::new(false) };
}

/// Stack that the deep observers need. Virtual memory, touched as far as it is used.
pub const STACK_BYTES: usize = foretaste_python::STACK_BYTES;

/// Says that the current thread was made with [`STACK_BYTES`] of stack, so that no thread is made for each file.
pub fn has_large_stack() {
    LARGE.set(true);
}

/// True on a thread that said so with [`has_large_stack`].
pub fn is_large_stack() -> bool {
    LARGE.get()
}

/// Python on a stack that is large enough.
pub(crate) fn python(hint: &str, text: &str, limits: &Limits) -> FileFacts {
    if LARGE.get() {
        foretaste_python::observe_here(hint, text, limits)
    } else {
        foretaste_python::observe(hint, text, limits)
    }
}

/// JavaScript, on the current thread if its stack is large enough.
pub(crate) fn javascript(hint: &str, text: &str, limits: &Limits) -> FileFacts {
    if LARGE.get() {
        foretaste_javascript::observe_here(hint, text, limits)
    } else {
        foretaste_javascript::observe(hint, text, limits)
    }
}

/// Any work on a stack that is large enough. None if no thread with one could be started, or the work panicked.
pub(crate) fn large<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    if LARGE.get() {
        return Some(work());
    }
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || {
                has_large_stack();
                work()
            })
            .ok()
            .and_then(|worker| worker.join().ok())
    })
}
