//! So many of so many.

use std::fmt;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// A part of a whole. It is kept as two counts, because 1 of 2 and 50 of 100 are not equally telling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// How many have it.
    pub have: usize,
    /// Of how many.
    pub of: usize,
}

impl Share {
    /// `have` of `of`.
    pub const fn new(have: usize, of: usize) -> Self {
        Self { have, of }
    }

    /// Counts one more of the whole, and of the part if it has it.
    pub const fn count(&mut self, has: bool) {
        self.of += 1;
        self.have += has as usize;
    }

    /// Between 0 and 1; none where there is nothing to have it.
    pub fn value(self) -> Option<f64> {
        (self.of > 0).then(|| self.have as f64 / self.of as f64)
    }

    /// Those without it.
    pub const fn lacking(self) -> usize {
        self.of.saturating_sub(self.have)
    }
}

impl AddAssign for Share {
    fn add_assign(&mut self, other: Self) {
        self.have += other.have;
        self.of += other.of;
    }
}

/// `67 % (2 of 3)`, or `none to measure`.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value() {
            // never rounded up to "all" while one is missing
            Some(value) => {
                let percent = if self.lacking() > 0 {
                    (value * 100.0).round().min(99.0)
                } else {
                    100.0
                };
                write!(f, "{percent:.0} % ({} of {})", self.have, self.of)
            }
            None => f.write_str("none to measure"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn almost_all_is_not_all() {
        assert_eq!(Share::new(999, 1_000).to_string(), "99 % (999 of 1000)");
        assert_eq!(Share::new(3, 3).to_string(), "100 % (3 of 3)");
        assert_eq!(Share::default().to_string(), "none to measure");
    }
}
