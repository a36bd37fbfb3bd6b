//! The difference of a text file before and after.

use std::io::Read as _;
use std::path::Path;

use super::review::open;

/// The largest text that is compared.
const MAX_TEXT: u64 = 1 << 20;

/// A unified difference, or `None` for what is no text or too long.
pub fn unified(name: &str, before: &Path, after: &Path) -> Option<String> {
    let (before, after) = (text(before)?, text(after)?);
    let diff = similar::TextDiff::from_lines(&before, &after);
    Some(
        diff.unified_diff()
            .context_radius(3)
            .header(&format!("a/{name}"), &format!("b/{name}"))
            .to_string(),
    )
}

/// A file's text; nothing for one that is not there.
fn text(path: &Path) -> Option<String> {
    let Ok(file) = open(path) else {
        return Some(String::new());
    };
    let mut text = String::new();
    let length = file.take(MAX_TEXT + 1).read_to_string(&mut text).ok()?;
    (length as u64 <= MAX_TEXT).then_some(text)
}
