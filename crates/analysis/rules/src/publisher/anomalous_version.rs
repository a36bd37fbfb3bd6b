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
        let Some(major) = major(&release.version) else {
            return Vec::new();
        };
        let limit = scene.option(self.meta(), "major") as u64;
        let calendar = (1990..=2100).contains(&major)
            || (19_900_101..=21_001_231).contains(&major)
            || (199_001..=210_012).contains(&major);
        if major < limit || calendar {
            return Vec::new();
        }
        let history = scene.record().map_or(&[][..], |r| &r.history[..]);
        let near = history
            .iter()
            .filter(|h| h.version != release.version)
            .filter_map(|h| self::major(&h.version))
            .any(|m| m < major && major - m <= 3);
        if near || history.len() > 50 {
            return Vec::new();
        }
        vec![
            self.finding(format!("version {} comes out of nowhere", release.version))
                .evidence(Evidence::statement(format!(
                    "no earlier release leads up to major version {major}"
                ))),
        ]
    }
}

fn major(version: &str) -> Option<u64> {
    let digits: String = version
        .trim_start_matches('v')
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}
