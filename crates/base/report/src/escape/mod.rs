//! Everything a package contains is hostile text when printed.
//!
//! [`visible`] makes what a terminal or an eye would be fooled by visible; the others guard a particular syntax and
//! call it first.

mod html;
mod json;
mod markdown;
mod text;

pub use html::html;
pub use json::VisibleJson;
pub use markdown::{cell, code_span, fence, prose};
pub(crate) use text::push;
pub use text::{ascii, is_inert, source, visible, visible_char};
