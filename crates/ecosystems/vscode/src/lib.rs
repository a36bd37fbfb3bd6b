//! Extensions of Visual Studio Code: what their part of `package.json` says, and when they run.
//!
//! A `.vsix` is a zip archive with the extension below `extension/`. npm's life-cycle scripts do not run when one is
//! installed; `main` runs when one of its activation events happens.

mod manifest;

pub use manifest::adjust;
