//! # Every author's e-mail address is another one
//!
//! ## What it finds
//! The manifest names e-mail addresses, the release before it named some too, and none of them is left.
//!
//! ## Why it matters
//! Who takes over an account first changes the address to which notices go: axios (npm, 2026) was published after its
//! maintainer's address had become a throw-away one.
//!
//! ## Example
//! 1.14.0 names `jane@project.example`, 1.14.1 names `jane-dev@mail.example`.
//!
//! ## What to do
//! Ask the maintainers through a channel that you knew before.
//!
//! ## When it is wrong
//! Maintainers move house, and projects change hands in the open.
use foretaste_engine::prelude::*;

declare_rule! {
    AuthorEmailChanged,
    id: "author-email-changed",
    title: "names other e-mail addresses than before",
    group: Change,
    severity: Low,
    confidence: Medium,
    needs: [Change],
    tags: ["T1195.002", "AV-700"],
    since: "0.1.0",
}

impl ReleaseRule for AuthorEmailChanged {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(change) = scene.change.known() else {
            return Vec::new();
        };
        let (Some(old), Some(new)) = (change.old_emails.first(), change.new_emails.first()) else {
            return Vec::new();
        };
        vec![
            self.finding(format!("names {new} where {} named {old}", change.from))
                .evidence(Evidence::statement(format!("{old} → {new}"))),
        ]
    }
}
