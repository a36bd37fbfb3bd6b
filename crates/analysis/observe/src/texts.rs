//! Keeping the texts that facts were made from, for those who look at bytes too.

use std::cell::Cell;

thread_local! {
    static KEPT: Cell<bool> = const { Cell::new(false) };
}

/// Does some work during which the facts that are made on this thread keep their text.
pub fn keep_texts<T>(work: impl FnOnce() -> T) -> T {
    /// Sets it back, also when the work panics.
    struct Back(bool);
    impl Drop for Back {
        fn drop(&mut self) {
            KEPT.set(self.0);
        }
    }
    let _back = Back(KEPT.replace(true));
    work()
}

pub(crate) fn are_kept() -> bool {
    KEPT.get()
}
