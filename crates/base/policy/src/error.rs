//! What is wrong with a policy file.

use std::fmt;

use thiserror::Error;

use crate::Place;

/// One mistake in a policy file.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("cannot read {path}:{place}: {message}")]
pub struct PolicyError {
    /// The file, as the user would name it.
    pub path: Box<str>,
    /// Where in it.
    pub place: Place,
    /// What is wrong.
    pub message: Box<str>,
    /// What to write instead, if there is a good guess.
    pub hint: Option<Box<str>>,
}

/// Every mistake in a policy file, in the file's order. Never empty.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub struct PolicyErrors(Vec<PolicyError>);

impl PolicyErrors {
    /// Sorts by place; `None` when there is no error.
    pub(crate) fn new(mut errors: Vec<PolicyError>) -> Option<Self> {
        errors.sort_by(|a, b| (a.place, &a.message).cmp(&(b.place, &b.message)));
        errors.dedup();
        (!errors.is_empty()).then_some(Self(errors))
    }

    /// The mistakes of a document that is not read, of which there is at least one.
    pub fn of(errors: Vec<PolicyError>) -> Self {
        Self::new(errors).unwrap_or(Self(Vec::new()))
    }

    /// The mistakes.
    pub fn iter(&self) -> std::slice::Iter<'_, PolicyError> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a PolicyErrors {
    type Item = &'a PolicyError;
    type IntoIter = std::slice::Iter<'a, PolicyError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for PolicyErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
            if let Some(hint) = &error.hint {
                write!(f, "\n  hint: {hint}")?;
            }
        }
        Ok(())
    }
}
