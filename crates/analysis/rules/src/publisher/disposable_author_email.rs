//! # The author's address is a throw-away one
//!
//! ## What it finds
//! An author or maintainer e-mail address at a service for disposable addresses.
//!
//! ## Why it matters
//! Honest maintainers want to be reached next year, too.
//!
//! ## Example
//! `author@mailinator.com`.
//!
//! ## What to do
//! Treat the publisher as unknown.
//!
//! ## When it is wrong
//! Some people use such services for privacy.
use foretaste_engine::prelude::*;

use std::collections::BTreeSet;

declare_rule! {
    DisposableAuthorEmail,
    id: "disposable-author-email",
    title: "was published with a throw-away address",
    group: Publisher,
    severity: Medium,
    confidence: Medium,
    needs: [],
    tags: ["T1585.002"],
    since: "0.1.0",
}

/// Domains of services whose addresses live for minutes or are open to everybody.
const DISPOSABLE: &[&str] = &[
    "10minutemail.com",
    "33mail.com",
    "anonaddy.me",
    "burnermail.io",
    "chitthi.in",
    "cock.li",
    "cuvox.de",
    "dispostable.com",
    "einrot.com",
    "emailondeck.com",
    "fakeinbox.com",
    "fakemail.net",
    "getairmail.com",
    "getnada.com",
    "grr.la",
    "guerrillamail.com",
    "guerrillamail.info",
    "guerrillamail.net",
    "inboxkitten.com",
    "mail-temp.com",
    "mailcatch.com",
    "maildrop.cc",
    "mailinator.com",
    "mailnesia.com",
    "mailsac.com",
    "mintemail.com",
    "moakt.com",
    "mohmal.com",
    "mytemp.email",
    "nada.email",
    "sharklasers.com",
    "spam4.me",
    "spamgourmet.com",
    "superrito.com",
    "temp-mail.io",
    "temp-mail.org",
    "tempail.com",
    "tempmail.dev",
    "tempmail.net",
    "tempr.email",
    "throwawaymail.com",
    "trashmail.com",
    "trashmail.de",
    "yopmail.com",
    "yopmail.fr",
    "yopmail.net",
    "zeroe.ml",
];

impl ReleaseRule for DisposableAuthorEmail {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let record = scene.record();
        let lists = [
            record.and_then(|r| r.authors.known()),
            record.and_then(|r| r.maintainers.known()),
        ];
        let from_manifests: Vec<_> = scene.manifests().flat_map(|(_, _, m)| &m.people).collect();
        let emails: BTreeSet<String> = lists
            .into_iter()
            .flatten()
            .flatten()
            .chain(from_manifests)
            .filter_map(|p| p.email.as_deref().map(str::to_ascii_lowercase))
            .collect();
        let disposable = emails
            .iter()
            .filter_map(|e| e.rsplit_once('@'))
            .filter(|(_, domain)| DISPOSABLE.contains(domain));
        disposable
            .map(|(local, domain)| {
                self.finding(format!(
                    "the author's address is at {domain}, a service for throw-away addresses"
                ))
                .evidence(Evidence::statement(format!("{local}@{domain}")))
            })
            .collect()
    }
}
