//! HTTP: who asks, negotiation, pages, files, refusals.

mod base;
mod caller;
mod content;
mod negotiate;
mod refuse;

pub(crate) use base::base;
pub(crate) use caller::Caller;
pub(crate) use content::{file, page};
pub(crate) use negotiate::{accepts_gzip, prefers};
pub(crate) use refuse::{decision_headers, plain, text, trouble, unauthorized};
