//! # No licence
//!
//! ## What it finds
//! Neither registry nor manifest states a licence, and no licence file is there.
//!
//! ## Why it matters
//! Without a licence you may not use it; throw-away packages rarely bother.
//!
//! ## Example
//! `"license": ""`.
//!
//! ## What to do
//! Ask the author.
//!
//! ## When it is wrong
//! The licence stands in the README only.
use foretaste_engine::prelude::*;

declare_rule! {
    MissingLicense,
    id: "missing-license",
    title: "states no licence",
    group: Hygiene,
    severity: Info,
    confidence: Medium,
    needs: [Code],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for MissingLicense {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let stated = |text: Option<&str>| {
            text.is_some_and(|t| !t.trim().is_empty() && !t.eq_ignore_ascii_case("unknown"))
        };
        let mut manifest = false;
        let in_manifest = scene.manifests().any(|(_, _, m)| {
            manifest = true;
            stated(m.license.as_deref())
        });
        let file = || {
            scene.files().any(|f| {
                let name = f
                    .path()
                    .rsplit('/')
                    .next()
                    .unwrap_or("")
                    .to_ascii_lowercase();
                name.starts_with("license")
                    || name.starts_with("licence")
                    || name.starts_with("copying")
            })
        };
        if !manifest
            || in_manifest
            || scene.is_private()
            || stated(scene.record().and_then(|r| r.license.as_deref()))
            || file()
        {
            return Vec::new();
        }
        vec![self.finding("states no licence")]
    }
}
