//! Addresses and secrets' paths in binary data.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use foretaste_model::Span;
use foretaste_model::facts::{Literal, LiteralKind};
use foretaste_observe::literal::classify;

use crate::triggers;

/// What makes a place in binary data worth a look.
const TRIGGERS: &[&str] = &[
    "http://",
    "https://",
    "api/webhooks/",
    "/.ssh/",
    "/.aws/",
    "/etc/shadow",
    "/dev/tcp/",
    "Login Data",
    "wallet.dat",
    "stratum+tcp",
    ".onion",
    "PRIVATE KEY-----",
];

/// Literals that are kept.
const MAX_LITERALS: usize = 64;

/// Places that are looked at.
const MAX_HITS: usize = 2_000;

/// How far a string reaches from a trigger.
const REACH: usize = 200;

static SEARCH: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| triggers::search(TRIGGERS));

/// The literals, in their order; they have no place in a text.
pub(super) fn literals(bytes: &[u8]) -> Vec<Literal> {
    let mut literals: Vec<Literal> = Vec::new();
    let Some(search) = SEARCH.as_ref() else {
        return literals;
    };
    let printable = |b: &u8| (0x20..0x7f).contains(b);
    for hit in search.find_iter(bytes).take(MAX_HITS) {
        let before = bytes
            .get(hit.start().saturating_sub(REACH)..hit.start())
            .unwrap_or(&[]);
        let start = hit.start() - before.iter().rev().take_while(|b| printable(b)).count();
        let after = bytes.get(hit.end()..).unwrap_or(&[]);
        let end = hit.end()
            + after
                .iter()
                .take(REACH)
                .take_while(|b| printable(b))
                .count();
        let Some(text) = bytes
            .get(start..end)
            .and_then(|b| std::str::from_utf8(b).ok())
        else {
            continue;
        };
        for (kind, value) in classify(text) {
            let wanted = matches!(
                kind,
                LiteralKind::Url
                    | LiteralKind::Token
                    | LiteralKind::SecretPath
                    | LiteralKind::WalletAddress
            );
            let known = literals
                .iter()
                .any(|l| l.kind == kind && *l.value == *value);
            if wanted && !known && literals.len() < MAX_LITERALS {
                literals.push(Literal {
                    kind,
                    length: value.chars().count() as u32,
                    value: value.chars().take(512).collect::<String>().into(),
                    span: Span::default(),
                    function: 0,
                });
            }
        }
    }
    literals
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_trigger_hides_another() {
        crate::triggers::assert_apart(super::TRIGGERS);
    }
}
