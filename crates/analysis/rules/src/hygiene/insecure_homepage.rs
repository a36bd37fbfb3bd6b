//! # No home page, or one without TLS
//!
//! ## What it finds
//! Neither home page nor other project URLs, or a home page over plain HTTP.
//!
//! ## Why it matters
//! A home page without TLS can be rewritten on the way; a package without any link gives nothing to check.
//!
//! ## Example
//! `Home-page: http://project.example`.
//!
//! ## What to do
//! Nothing by itself.
//!
//! ## When it is wrong
//! Old projects never updated the link, though the site redirects to HTTPS.
use foretaste_engine::prelude::*;
use foretaste_model::Ecosystem;

declare_rule! {
    InsecureHomepage,
    id: "insecure-homepage",
    title: "has no home page, or one without TLS",
    group: Hygiene,
    severity: Info,
    confidence: Medium,
    needs: [Code],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for InsecureHomepage {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        // an action's home is its repository, which its name is
        if scene.ecosystem == Some(Ecosystem::Actions) {
            return Vec::new();
        }
        let record = scene.record();
        let mut pages: Vec<String> = record
            .and_then(|r| r.homepage.as_deref())
            .map(str::to_owned)
            .into_iter()
            .collect();
        let mut other = record.is_some_and(|r| !r.urls.is_empty() || r.repository.is_some());
        let mut manifest = false;
        for (_, _, m) in scene.manifests() {
            manifest = true;
            pages.extend(m.homepage.as_deref().map(str::to_owned));
            other |= !m.urls.is_empty() || m.repository.is_some();
        }
        if let Some(page) = pages
            .iter()
            .find(|p| p.trim().to_ascii_lowercase().starts_with("http://"))
        {
            return vec![self.finding(format!("its home page {page} is not served over TLS"))];
        }
        if manifest && pages.is_empty() && !other && !scene.is_private() {
            return vec![self.finding("has no home page or other link")];
        }
        Vec::new()
    }
}
