//! HTTP: who asks, negotiation, pages, files, refusals.

mod base;
mod caller;
mod content;
mod limits;
mod negotiate;
mod refuse;

pub(crate) use base::base;
pub(crate) use caller::Caller;
pub(crate) use content::{arriving, file, page};
pub(crate) use limits::Limits;
pub(crate) use negotiate::{encodings, prefers};
pub(crate) use refuse::{
    decision_headers, outage, plain, say_in_status_line, text, trouble, unauthorized,
};
