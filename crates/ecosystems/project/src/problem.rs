//! What could not be read.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Place;

/// A part of a file that could not be understood. The rest was read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// What is wrong: lower case, no full stop.
    pub message: Box<str>,
    /// What to do about it, if there is something to say: `did you mean …`.
    pub hint: Option<Box<str>>,
}

impl Problem {
    /// A problem without a hint.
    pub fn new(place: Place, message: impl Into<Box<str>>) -> Self {
        Self {
            place,
            message: message.into(),
            hint: None,
        }
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Box<str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}
