//! # Tries to reach a host that is not allowed
//!
//! ## What it finds
//! A connection, a datagram or a request to a host, address or port that the policy does not allow. It was not let through.
//!
//! ## Why it matters
//! Code that runs while a package is installed has no reason to talk to anybody but the registry; nearly all stealers do.
//!
//! ## What to do
//! If the host should be reached, allow it in the policy (`[network] allow`); otherwise look at what asked for it.
//!
//! ## When it is wrong
//! A build that fetches something, for example a prebuilt binary: allow the host in the policy if it should.

use super::prelude::*;

/// The rule.
pub(super) const RULE: Rule = rule(
    "egress-denied",
    "tries to reach a host that is not allowed",
    Verdict::Review,
    &["T1071"],
    test,
);

fn test(at: At<'_>) -> Option<String> {
    match &at.event.action {
        Action::Connection {
            address,
            port,
            host,
            access: Access::Denied,
            reason,
            ..
        } => {
            let to = host.as_deref().unwrap_or(address);
            Some(format!(
                "{to}:{port}: {}",
                reason.as_deref().unwrap_or("not allowed")
            ))
        }
        Action::Request {
            host,
            method,
            path,
            bytes,
            access: Access::Denied,
        } => Some(format!("{method} {host}{path} with {bytes} bytes")),
        Action::Name {
            name,
            kind,
            access: Access::Denied,
            ..
        } => Some(format!("looks up {name} ({kind})")),
        _ => None,
    }
}
