//! The system calls: which are refused, which are reported.

pub(crate) mod bpf;
pub(crate) mod calls;
pub(crate) mod filter;
