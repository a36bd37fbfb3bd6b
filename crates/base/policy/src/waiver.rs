//! Waivers: reasoned, expiring suppressions.

use foretaste_model::ReleaseId;
use jiff::civil::Date;

/// One suppression. It covers the findings of one rule on the releases its purl matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// A package URL; without a version it covers every version. `*` as version suffix is a wildcard.
    pub purl: String,
    /// The rule's id.
    pub rule: String,
    /// Only for an artifact with this digest (`sha256:<hex>`), if given.
    pub digest: Option<String>,
    /// Why. Never empty.
    pub reason: String,
    /// The last day on which it counts.
    pub expires: Option<Date>,
}

impl Waiver {
    /// True if it names this release.
    pub fn covers(&self, release: &ReleaseId) -> bool {
        let purl = release.purl();
        if let Some(prefix) = self.purl.strip_suffix('*') {
            return purl.starts_with(prefix);
        }
        purl == self.purl
            || purl
                .rsplit_once('@')
                .is_some_and(|(package, _)| package == self.purl)
    }

    /// True if its last day has passed.
    pub fn is_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| today > last)
    }
}
