//! # The version number is absurd
//!
//! ## What it finds
//! A major version of `major` or more, or a jump of that size over the previous release, that is no calendar version.
//!
//! ## Why it matters
//! Dependency confusion needs the highest version of a name: researchers and attackers alike publish `99.99.99`.
//!
//! ## Example
//! `acme-utils 99.10.9` as the first and only release.
//!
//! ## What to do
//! Check whether the name belongs to one of your internal packages.
//!
//! ## When it is wrong
//! Some projects count builds. Calendar versions (`2026.1`, `26.1` after `25.4`) are not reported.
use foretaste_engine::prelude::*;

declare_rule! {
    AnomalousVersion,
    id: "anomalous-version",
    title: "has an absurd version number",
    group: Publisher,
    severity: High,
    confidence: Low,
    needs: [],
    tags: ["AV-509"],
    options: [{ "major", 90.0, "", "major versions from here on are absurd without a history that leads there" }],
    since: "0.1.0",
}

impl ReleaseRule for AnomalousVersion {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(release) = scene.release else {
            return Vec::new();
        };
        let limit = scene.option(self.meta(), "major") as u64;
        if !is_absurd(scene, &release.version, limit) {
            return Vec::new();
        }
        vec![
            self.finding(format!("version {} comes out of nowhere", release.version))
                .evidence(Evidence::statement(format!(
                    "no earlier release leads up to {}",
                    release.version
                ))),
        ]
    }
}

/// True if a version's major number reaches `limit`, is no date, and nothing in the history leads up to it.
pub(crate) fn is_absurd(scene: &Scene<'_>, version: &str, limit: u64) -> bool {
    let Some(own) = major(version) else {
        return false;
    };
    let calendar = (1990..=2100).contains(&own)
        || (19_900_101..=21_001_231).contains(&own)
        || (199_001..=210_012).contains(&own);
    if own < limit || calendar {
        return false;
    }
    let history = scene.record().map_or(&[][..], |r| &r.history[..]);
    let near = history
        .iter()
        .filter(|h| &*h.version != version)
        .filter_map(|h| major(&h.version))
        .any(|m| m < own && own - m <= 3);
    !near && history.len() <= 50
}

fn major(version: &str) -> Option<u64> {
    let digits: String = version
        .trim_start_matches('v')
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}
