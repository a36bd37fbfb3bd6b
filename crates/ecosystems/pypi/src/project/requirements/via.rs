//! The comments by which pip-compile and uv say who asked for a package: `# via flask`, or a list below `# via`.

use foretaste_project::Requirement;

/// Follows the comments behind and below a requirement.
#[derive(Debug, Default)]
pub(super) struct Via {
    listing: bool,
}

impl Via {
    /// A comment that stands behind `requirement` or below it.
    pub(super) fn comment(&mut self, comment: &str, requirement: Option<&mut Requirement>) {
        let Some(requirement) = requirement else {
            return;
        };
        let text = comment.trim();
        if let Some(rest) = text.strip_prefix("via") {
            self.listing = rest.trim().is_empty();
            if rest.starts_with(char::is_whitespace) {
                requirement.via.extend(
                    rest.split(',')
                        .map(str::trim)
                        .filter(|v| !v.is_empty())
                        .map(Into::into),
                );
            }
        } else if self.listing && comment.starts_with("   ") && !text.is_empty() {
            requirement.via.push(text.into());
        } else {
            self.listing = false;
        }
    }

    /// Something else came.
    pub(super) const fn end(&mut self) {
        self.listing = false;
    }
}
