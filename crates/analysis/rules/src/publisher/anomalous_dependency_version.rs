//! # A dependency is wanted in an absurd version
//!
//! ## What it finds
//! A requirement that only a version of 90 or more can meet, outside calendar versions and three-digit build counts
//! that are not round.
//!
//! ## Why it matters
//! It forces a resolver past the honest releases of an internal name to the attacker's `99.0` on a public registry.
//!
//! ## Example
//! `"acme-internal": ">=99.0.0"`
//!
//! ## What to do
//! Check where that version exists.
//!
//! ## When it is wrong
//! A few projects count builds.
use foretaste_engine::prelude::*;

use std::collections::BTreeSet;

declare_rule! {
    AnomalousDependencyVersion,
    id: "anomalous-dependency-version",
    title: "wants a dependency in an absurd version",
    group: Publisher,
    severity: Medium,
    confidence: Medium,
    needs: [],
    tags: ["AV-509"],
    options: [{ "major", 90.0, "", "required major versions from here on are absurd" }],
    since: "0.1.0",
}

impl ReleaseRule for AnomalousDependencyVersion {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let limit = scene.option(self.meta(), "major") as u64;
        let record = scene
            .record()
            .and_then(|r| r.dependencies.known())
            .map_or(&[][..], Vec::as_slice);
        let manifests: Vec<_> = scene
            .manifests()
            .flat_map(|(_, _, m)| &m.dependencies)
            .collect();
        let mut seen = BTreeSet::new();
        record
            .iter()
            .chain(manifests)
            .filter(|d| lowest_major(&d.requirement).is_some_and(|m| m >= limit && is_chosen(m)))
            .filter(|d| seen.insert((d.name.clone(), d.requirement.clone())))
            .map(|d| {
                let note = format!("{} {}", d.name, d.requirement);
                self.finding(format!("wants {} in version {}", d.name, d.requirement))
                    .evidence(Evidence::statement(note))
            })
            .collect()
    }
}

/// A number that nobody counts up to: whoever wants to win over every honest release writes nines or a round number.
/// Projects that number their builds reach three digits one after the other.
fn is_chosen(major: u64) -> bool {
    match major {
        0..100 => true,
        100..1000 => major.is_multiple_of(100) || major >= 900,
        _ => !is_calendar(major),
    }
}

/// A year, or a day written as eight digits.
fn is_calendar(major: u64) -> bool {
    let day = (1..=12).contains(&(major / 100 % 100)) && (1..=31).contains(&(major % 100));
    (1990..=2100).contains(&major) || (day && (1990..=2100).contains(&(major / 10_000)))
}

/// The major version of a lower bound or pin, if the requirement has one.
fn lowest_major(requirement: &str) -> Option<u64> {
    let rest = requirement
        .trim()
        .trim_start_matches(['^', '~', '=', '>', 'v', ' ']);
    if requirement.trim_start().starts_with('<') || requirement.trim_start().starts_with('!') {
        return None;
    }
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
