//! # The name imitates a popular package
//!
//! ## What it finds
//! The name is one slip, look-alike, affix or word swap away from a popular package, and this package is not itself
//! established. Distance only nominates: age, popularity and content decide how much it weighs. If what the package does would
//! alone ask for a review, a name that is not established weighs in full.
//!
//! ## Why it matters
//! Typosquatting is the oldest trick that still works: `crossenv` for `cross-env` (npm, 2017), `colourama` for
//! `colorama` (PyPI, 2018), `mitmproxy2` for `mitmproxy` (PyPI, 2021), `proc-macro1` for `proc-macro2` (crates.io, 2026).
//!
//! ## Example
//! `reqeusts` is one swap away from `requests`.
//!
//! ## What to do
//! Check the spelling. If you meant the other package, install that one.
//!
//! ## When it is wrong
//! Forks, plug-ins and re-implementations carry similar names honestly, and say where their source is. Established
//! packages weigh next to nothing here; one that names no source and is bare of other particulars weighs more.
use foretaste_engine::prelude::*;

use foretaste_engine::NominationKind;
use jiff::Timestamp;

use crate::hygiene::unsaid;

declare_rule! {
    ConfusableName,
    id: "confusable-name",
    title: "is easily confused with a popular package",
    group: Name,
    severity: High,
    confidence: Low,
    needs: [],
    tags: ["T1195.001", "AV-200"],
    options: [
        { "young-days", 90.0, "days", "a package whose first release is younger weighs more" },
        { "established-days", 730.0, "days", "a package whose first release is older weighs next to nothing" },
        { "established-downloads", 50_000.0, "downloads per 30 days", "a package with more weighs next to nothing" },
    ],
    since: "0.1.0",
}

impl ReleaseRule for ConfusableName {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(nomination) = scene.nominations.iter().find(|n| !n.internal) else {
            return Vec::new();
        };
        let Some(release) = scene.release else {
            return Vec::new();
        };
        let option = |name| scene.option(self.meta(), name);
        let first = first_release(scene);
        let monthly = scene
            .downloads
            .known()
            .map(|d| d.count as f64 * 30.0 / f64::from(d.days.max(1)));
        let established = scene.popularity_rank.is_some()
            || first.is_some_and(|t| scene.clock.days_passed(t, option("established-days")))
            || monthly.is_some_and(|count| count > option("established-downloads"));
        let young = first.is_some_and(|t| !scene.clock.days_passed(t, option("young-days")));
        let (severity, confidence) = match (established, young) {
            (true, _) => (Severity::Info, Confidence::Low),
            (false, true) => (Severity::High, Confidence::Medium),
            // plug-ins are named so, and nothing is known of this one's age or use
            (false, false)
                if first.is_none()
                    && monthly.is_none()
                    && matches!(
                        nomination.kind,
                        NominationKind::Affix
                            | NominationKind::Combination
                            | NominationKind::CrossEcosystem
                    ) =>
            {
                (Severity::Medium, Confidence::Low)
            }
            (false, false) => (Severity::Medium, Confidence::Medium),
        };
        // who means well says where the source is and what the package is for
        let unsaid = unsaid(scene);
        let bare = !established && !unsaid.is_empty();
        let (severity, confidence) = match (bare, severity, confidence) {
            (true, Severity::Medium, Confidence::Low) => (Severity::Medium, Confidence::Medium),
            (true, severity, Confidence::Medium) => (severity, Confidence::High),
            (_, severity, confidence) => (severity, confidence),
        };
        let rank = nomination.rank.map_or_else(String::new, |r| {
            format!(" (number {r} on {})", nomination.ecosystem)
        });
        let message = format!(
            "{} is {} {}{rank}",
            release.name,
            describe(nomination.kind),
            nomination.target
        );
        let mut finding = self
            .finding(message)
            .severity(severity)
            .confidence(confidence)
            .evidence(Evidence::statement(format!(
                "looks like {}",
                nomination.target
            )))
            .remedy(format!(
                "check the name: did you mean `{}`?",
                nomination.target
            ));
        if bare {
            finding = finding.evidence(Evidence::statement(unsaid.join(", ")));
        }
        vec![finding]
    }
}

fn first_release(scene: &Scene<'_>) -> Option<Timestamp> {
    let history = &scene.record()?.history;
    history.iter().filter_map(|h| h.published).min()
}

const fn describe(kind: NominationKind) -> &'static str {
    match kind {
        NominationKind::Typo => "a slip of the finger away from",
        NominationKind::Homoglyph => "written to look like",
        NominationKind::Separator => "spelt with other separators than",
        NominationKind::Affix => "an added word away from",
        NominationKind::Combination => "a combination of words with",
        NominationKind::WordOrder => "the words in another order of",
        NominationKind::CrossEcosystem => "the name in another ecosystem of",
        NominationKind::Scope => "the name without or with another scope of",
    }
}
