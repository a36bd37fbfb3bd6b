//! What Python projects say about their dependencies: one file for each format.

mod decode;
mod marker;
mod requirements;
mod spec;

use foretaste_project::{Format, Reader};

/// Every format, the most telling file names first.
pub const READERS: &[Reader] = &[Reader {
    format: Format::Requirements,
    matches: requirements::matches,
    read: requirements::read,
}];

/// The name of a file without its folders.
fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
