//! Bills of materials: what a project's locks hold, with hashes, who needs whom, and the verdicts of an audit.
//!
//! Equal input gives equal bytes: identifiers come from the content, and the time is an input.

mod cyclonedx;
mod inventory;
mod spdx;
mod spdx3;

pub use cyclonedx::render as cyclonedx;
pub use inventory::{Component, Inventory};
pub use spdx::render as spdx;
pub use spdx3::render as spdx3;
