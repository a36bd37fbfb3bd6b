//! Where a user's rule over bytes matches.

use crate::Evidence;

/// One match of a rule over bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct PatternMatch {
    /// The rule's id.
    pub rule: Box<str>,
    /// The places in one file or layer, the first ones; never empty.
    pub evidence: Vec<Evidence>,
}
