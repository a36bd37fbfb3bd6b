//! # A maintainer's e-mail domain changed hands
//!
//! ## What it finds
//! The e-mail domain of an author was registered *after* an earlier release that this package already had, and before
//! or around this release.
//!
//! ## Why it matters
//! A lapsed domain that somebody registers anew receives the registry's password reset mails.
//!
//! ## Example
//! Releases since 2015, the domain registered last week, a new release today.
//!
//! ## What to do
//! Treat the release as hijacked until the maintainers confirm it elsewhere.
//!
//! ## When it is wrong
//! The author began to use a new domain and updated the metadata.
use foretaste_engine::prelude::*;

use foretaste_model::intel::DomainUsage;

declare_rule! {
    ReregisteredEmailDomain,
    id: "reregistered-email-domain",
    title: "has a maintainer whose e-mail domain changed hands",
    group: Publisher,
    severity: High,
    confidence: Medium,
    needs: [Domains, ReleaseTimes],
    tags: ["T1586", "AV-600"],
    since: "0.1.0",
}

impl ReleaseRule for ReregisteredEmailDomain {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(record) = scene.record() else {
            return Vec::new();
        };
        let (Some(published), Some(previous)) = (record.published(), record.previous()) else {
            return Vec::new();
        };
        let domains = scene.domains.known().map_or(&[][..], Vec::as_slice);
        domains
            .iter()
            .filter(|d| d.usage == DomainUsage::Email)
            .filter_map(|d| {
                let registered = d.registered?;
                let between =
                    previous.published.is_some_and(|p| registered > p) && registered <= published;
                between.then(|| {
                    self.finding(format!(
                        "the e-mail domain {} was registered anew just before this release",
                        d.domain
                    ))
                    .evidence(Evidence::statement(format!(
                        "{} registered {registered}",
                        d.domain
                    )))
                })
            })
            .collect()
    }
}
