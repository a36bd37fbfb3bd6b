//! Locks with hashes: every version fixed, every file named by its digest, and nothing written unless everything that
//! enters is accepted.
//!
//! Resolving is the ecosystem's own tool's work ([`Locker::resolve`]): it runs in a folder of its own, on copies of the
//! manifests, and neither builds nor executes anything of a package. Whoever calls has the staged lock vetted, and
//! [`judge`] says what keeps it out.

mod anew;
mod judge;
mod locker;
mod tools;
mod work;

pub use anew::anew;
pub use judge::{Exempt, Judgement, Refusal, Terms, judge};
pub use locker::{LockError, Locker, Staged};
pub use work::{Kind, Work, works};
