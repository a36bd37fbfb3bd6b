//! # A maintainer's e-mail domain is free to take
//!
//! ## What it finds
//! The domain of an author's or maintainer's e-mail address does not exist in the DNS, or its registration has run out.
//!
//! ## Why it matters
//! Whoever registers it receives the password reset of the registry account: `ctx` (PyPI, 2022) was taken over in
//! exactly this way.
//!
//! ## Example
//! `maintainer@gone.example`: NXDOMAIN.
//!
//! ## What to do
//! Tell the maintainers and the registry; pin by hash until it is solved.
//!
//! ## When it is wrong
//! Author fields are free text: the address may belong to nobody with publishing rights. A DNS failure is never
//! reported, only a definite "does not exist".
use foretaste_engine::prelude::*;

use foretaste_model::intel::DomainUsage;

declare_rule! {
    ExpiredEmailDomain,
    id: "expired-email-domain",
    title: "has a maintainer whose e-mail domain is free to take",
    group: Publisher,
    severity: Medium,
    confidence: Medium,
    needs: [Domains],
    tags: ["T1586", "AV-600"],
    since: "0.1.0",
}

impl ReleaseRule for ExpiredEmailDomain {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let domains = scene.domains.known().map_or(&[][..], Vec::as_slice);
        domains
            .iter()
            .filter(|d| d.usage == DomainUsage::Email)
            .filter_map(|d| {
                let why = if !d.exists {
                    "does not exist in the DNS".to_owned()
                } else if let Some(end) = d.expires.filter(|end| scene.clock.is_past(*end)) {
                    format!("was registered until {end}")
                } else {
                    return None;
                };
                let message = format!(
                    "the e-mail domain {} of an author is free to take: it {why}",
                    d.domain
                );
                Some(
                    self.finding(message)
                        .evidence(Evidence::statement(format!("{} {why}", d.domain))),
                )
            })
            .collect()
    }
}
