//! Where things stand in the file.

use std::collections::BTreeMap;
use std::fmt;

use crate::PolicyError;

/// A line and a column, both counted from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl Place {
    /// Where a file begins.
    pub(crate) const START: Self = Self { line: 1, column: 1 };

    /// The place of a byte offset; offsets outside the text give its end.
    pub(crate) fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.matches('\n').count() + 1;
        let column = before
            .get(line_start..)
            .map_or(0, |line| line.chars().count())
            + 1;
        Self {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Where each key of a policy file stands, so that later checks can point at it. Empty for a policy without a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The file, as the user would name it.
    pub path: Box<str>,
    pub(crate) keys: BTreeMap<String, Place>,
}

impl Places {
    /// The place of a key by its dotted path (`rules.low-downloads.minimum`, `waivers[0].rule`).
    pub fn of(&self, key: &str) -> Option<Place> {
        self.keys.get(key).copied()
    }

    /// A mistake in this file.
    pub(crate) fn error(
        &self,
        place: Place,
        message: impl Into<Box<str>>,
        hint: Option<Box<str>>,
    ) -> PolicyError {
        PolicyError {
            path: self.path.clone(),
            place,
            message: message.into(),
            hint,
        }
    }
}
