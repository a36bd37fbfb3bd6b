//! # Asks the cloud's metadata service
//!
//! ## What it finds
//! A connection to 169.254.169.254 or another address at which clouds give machines their credentials.
//!
//! ## Why it matters
//! What installs packages has nothing to ask there; stealers do it for the machine's role (Capital One, 2019).
//!
//! ## What to do
//! Do not use the package; if it ran on a machine of a cloud, replace the credentials of that machine's role.
//!
//! ## When it is wrong
//! A deployment tool that runs in the same command. Run it separately.

use super::prelude::*;

/// The rule.
pub(super) const RULE: Rule = rule(
    "metadata-service",
    "asks the cloud's metadata service",
    Verdict::Block,
    &["T1552.005"],
    test,
);

fn test(at: At<'_>) -> Option<String> {
    let Action::Connection {
        address,
        reason,
        host,
        ..
    } = &at.event.action
    else {
        return None;
    };
    let is_meant = reason
        .as_deref()
        .is_some_and(|reason| reason.contains("metadata service"))
        || ["169.254.169.254", "100.100.100.200", "fd00:ec2::254"].contains(&address.as_str())
        || host
            .as_deref()
            .is_some_and(|host| host.starts_with("metadata.google"));
    is_meant.then(|| format!("connects to {address}"))
}
