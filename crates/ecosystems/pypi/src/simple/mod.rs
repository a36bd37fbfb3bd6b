//! The simple repository API: HTML (PEP 503, 592, 629, 658, 714) and JSON (PEP 691, 700, 708, 740, 792).

mod html;
mod json;
mod page;

pub use html::parse_html;
pub use json::parse_json;
pub use page::{ACCEPT, CoreMetadata, PageError, SimpleFile, SimplePage, parse};
