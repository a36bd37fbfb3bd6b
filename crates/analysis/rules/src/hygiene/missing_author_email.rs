//! # Nobody can be reached
//!
//! ## What it finds
//! No author or maintainer with a valid e-mail address, in registry or manifest.
//!
//! ## Why it matters
//! Malicious packages leave it empty or write nonsense; honest ones can usually be reached.
//!
//! ## Example
//! `author_email = "a@b"`.
//!
//! ## What to do
//! Look at the repository's owner instead.
//!
//! ## When it is wrong
//! Registries move to verified accounts, and projects drop addresses for privacy.
use foretaste_engine::prelude::*;

declare_rule! {
    MissingAuthorEmail,
    id: "missing-author-email",
    title: "has no valid author e-mail",
    group: Hygiene,
    severity: Low,
    confidence: Low,
    needs: [Code],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for MissingAuthorEmail {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let emails = emails(scene);
        if emails.iter().any(|e| is_valid(e))
            || scene.manifests().next().is_none()
            || (emails.is_empty() && scene.is_private())
        {
            return Vec::new();
        }
        let message = emails.first().map_or_else(
            || "no author e-mail is given".to_owned(),
            |wrong| format!("the author e-mail `{wrong}` is not valid"),
        );
        vec![self.finding(message)]
    }
}

/// Every e-mail address that registry and manifests give.
fn emails(scene: &Scene<'_>) -> Vec<String> {
    let record = scene.record();
    let lists = [
        record.and_then(|r| r.authors.known()),
        record.and_then(|r| r.maintainers.known()),
    ];
    let from_record = lists.into_iter().flatten().flatten();
    let from_manifests: Vec<_> = scene.manifests().flat_map(|(_, _, m)| &m.people).collect();
    from_record
        .chain(from_manifests)
        .filter_map(|p| p.email.as_deref())
        .map(str::to_owned)
        .collect()
}

/// The shape of an address that mail can be sent to (RFC 5321, without quoting and address literals).
fn is_valid(email: &str) -> bool {
    let Some((local, domain)) = email.trim().rsplit_once('@') else {
        return false;
    };
    let label = |l: &str| {
        !l.is_empty() && l.len() <= 63 && l.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    !local.is_empty()
        && local.len() <= 64
        && !local.contains(char::is_whitespace)
        && domain.contains('.')
        && domain.split('.').all(label)
}
