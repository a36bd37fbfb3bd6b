//! Places in the files of a project.

use std::fmt;
use std::sync::Arc;

use foretaste_model::Span;
use serde::{Deserialize, Serialize};

/// A range of text in a file of the project.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The file, relative to the root of the project, with `/` between its parts.
    pub path: Arc<str>,
    /// Where in it. Lines and columns count from 1; [`Span::default`] (line 0) means the file as a whole.
    pub span: Span,
}

impl Place {
    /// A place in a file.
    pub fn new(path: &Arc<str>, span: Span) -> Self {
        Self {
            path: path.clone(),
            span,
        }
    }

    /// A file as a whole.
    pub fn file(path: &Arc<str>) -> Self {
        Self::new(path, Span::default())
    }
}

/// `path:line:column`, or the path alone for a file as a whole.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if self.span.line > 0 {
            write!(f, ":{}:{}", self.span.line, self.span.column)?;
        }
        Ok(())
    }
}
