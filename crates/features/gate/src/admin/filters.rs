//! What the templates do with text.
#![expect(
    unreachable_pub,
    clippy::inline_always,
    clippy::unnecessary_wraps,
    clippy::unused_self,
    reason = "it is the macro that shapes a filter"
)]

use foretaste_report::escape;

/// Shows what hostile text hides: control characters, marks that turn the direction, what looks like nothing. The template
/// escapes the result for HTML.
#[askama::filter_fn]
pub(super) fn shown(
    text: impl std::fmt::Display,
    _: &dyn askama::Values,
) -> askama::Result<String> {
    Ok(escape::visible(&text.to_string()))
}
