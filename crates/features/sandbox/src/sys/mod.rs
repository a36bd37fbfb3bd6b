//! The system calls that no crate wraps. The only place of the workspace where `unsafe` is allowed; each use says why
//! it is sound.
#![allow(unsafe_code)]

pub(crate) mod fork;
pub(crate) mod inherit;
pub(crate) mod mount_attr;
pub(crate) mod notify;
