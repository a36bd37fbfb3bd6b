//! # Hides data in names
//!
//! ## What it finds
//! Names with very long or random labels, or records of types that carry data, for hosts that are not allowed.
//!
//! ## Why it matters
//! The look-up itself reaches whoever owns the domain, through every firewall that lets names be resolved.
//!
//! ## What to do
//! Do not use the package. Where names are resolved freely, look for the same domain in the resolver's log.
//!
//! ## When it is wrong
//! Content networks use long random labels too, but those are allowed hosts, which are not looked at here.

use super::prelude::*;

/// The rule.
pub(super) const RULE: Rule = rule(
    "dns-tunnel",
    "hides data in names",
    Verdict::Block,
    &["T1071.004"],
    test,
);

fn test(at: At<'_>) -> Option<String> {
    let Action::Name {
        name,
        kind,
        access,
        reason,
        ..
    } = &at.event.action
    else {
        return None;
    };
    if *access == Access::Allowed && reason.is_none() {
        return None;
    }
    let longest = name.split('.').map(str::len).max().unwrap_or(0);
    let random = name
        .split('.')
        .any(|label| label.len() >= 24 && entropy(label) > 3.3);
    let carries = ["TXT", "NULL", "CNAME", "MX", "SRV"].contains(&kind.as_str());
    (longest >= 50 || random || carries && name.len() > 40).then(|| format!("{name} ({kind})"))
}

/// Bits for each character.
fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let length = text.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / length)
        .map(|p| -p * p.log2())
        .sum()
}
