//! The file system that the command sees: a plan made outside, carried out inside.

pub(crate) mod build;
pub(crate) mod etc;
pub(crate) mod home;
pub(crate) mod plan;
pub(crate) mod system;
