//! Known bad: records, hashes, broken promises of integrity.

mod altered_installation;
mod digest_mismatch;
mod known_malware;
mod known_vulnerability;
mod quarantined_project;

use foretaste_engine::AnyRule;

/// The rules of this group.
pub(crate) const RULES: &[AnyRule] = &[
    AnyRule::Release(&altered_installation::AlteredInstallation),
    AnyRule::Release(&digest_mismatch::DigestMismatch),
    AnyRule::Release(&known_malware::KnownMalware),
    AnyRule::Release(&known_vulnerability::KnownVulnerability),
    AnyRule::Release(&quarantined_project::QuarantinedProject),
];
