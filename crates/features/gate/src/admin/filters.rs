//! What the templates do with text.
#![expect(unreachable_pub, reason = "the macro makes its filters public")]

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
