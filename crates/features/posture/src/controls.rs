//! Which controls of known frameworks the measures speak to.
//!
//! S2C2F: OpenSSF, Secure Supply Chain Consumption Framework. OWASP: Top 10 CI/CD Security Risks. A measure is evidence
//! for a control, not a certificate.

use serde::{Deserialize, Serialize};

use crate::{DependencyChanges, Measures, Share};

/// Whose control it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Framework {
    /// The Secure Supply Chain Consumption Framework.
    S2c2f,
    /// OWASP's ten risks of CI/CD.
    OwaspCicd,
}

impl Framework {
    /// Its name in reports.
    pub const fn title(self) -> &'static str {
        match self {
            Self::S2c2f => "S2C2F",
            Self::OwaspCicd => "OWASP CI/CD",
        }
    }
}

/// A control, and how far it is met by what was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Control {
    /// Whose it is.
    pub framework: Framework,
    /// Its id there.
    pub id: String,
    /// Its title there, in short.
    pub title: String,
    /// What was measured for it.
    pub measure: String,
    /// How far it is met.
    pub met: Share,
}

/// The controls with their evidence.
pub fn controls(total: &Measures, changes: &DependencyChanges) -> Vec<Control> {
    use Framework::{OwaspCicd, S2c2f};
    let locking = &total.locking;
    let origins = &total.origins;
    let fetched = origins.public + origins.private + origins.direct;
    let single = Share::new(
        total
            .specifiers
            .manifests
            .saturating_sub(total.extra_indexes),
        total.specifiers.manifests,
    );
    let rows = [
        (
            S2c2f,
            "ING-1",
            "Use package managers that the organisation trusts",
            "packages from a registry",
            Share::new(origins.public + origins.private, fetched),
        ),
        (
            S2c2f,
            "ING-2",
            "Use a binary repository manager",
            "packages from the organisation's own registry",
            Share::new(origins.private, fetched),
        ),
        (
            S2c2f,
            "INV-1",
            "Keep an automated inventory",
            "sets of packages with a lock",
            locking.locked,
        ),
        (
            S2c2f,
            "UPD-2",
            "Enable automated updates",
            "dependency changes by a bot",
            changes.by_bots,
        ),
        (
            S2c2f,
            "AUD-3",
            "Validate the integrity of what is consumed",
            "sets of packages with a hash for each",
            locking.hashed,
        ),
        (
            S2c2f,
            "ENF-1",
            "Configure package sources securely",
            "manifests without an index that permits confusion",
            single,
        ),
        (
            OwaspCicd,
            "CICD-SEC-1",
            "Insufficient flow control",
            "dependency changes with somebody else on record",
            changes.seen_by_another,
        ),
        (
            OwaspCicd,
            "CICD-SEC-3",
            "Dependency chain abuse",
            "requirements bound to one version",
            total.specifiers.pinned(),
        ),
        (
            OwaspCicd,
            "CICD-SEC-8",
            "Ungoverned use of third-party services",
            "workflow actions bound to a commit",
            total.pinned_actions,
        ),
        (
            OwaspCicd,
            "CICD-SEC-9",
            "Improper artifact integrity validation",
            "sets of packages with a hash for each",
            locking.hashed,
        ),
    ];
    rows.into_iter()
        .map(|(framework, id, title, measure, met)| Control {
            framework,
            id: id.to_owned(),
            title: title.to_owned(),
            measure: measure.to_owned(),
            met,
        })
        .collect()
}
