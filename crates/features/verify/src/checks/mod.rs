//! One file for each kind of check.

pub(crate) mod actions;
pub(crate) mod digests;
pub(crate) mod environment;
pub(crate) mod pins;
pub(crate) mod sources;
