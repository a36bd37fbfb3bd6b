//! # Installed files are not as they were installed
//!
//! ## What it finds
//! An installed package of which a file is another one than its record says, is gone, or was added; and files among the
//! installed packages that none of them brought.
//!
//! ## Why it matters
//! Whoever got into a machine once stays there by a line in a package that every program imports, or by a `.pth` file that
//! runs whenever Python starts. Neither a lock nor a registry shows it.
//!
//! ## Example
//! A line appended to `site-packages/requests/__init__.py`; a `zz.pth` that no package brought.
//!
//! ## What to do
//! Look at the difference, make the environment anew from its lock, and find out who wrote there.
//!
//! ## When it is wrong
//! A package that writes into its own folder when it runs, or a person who tried something out.
use foretaste_engine::LapseKind;
use foretaste_engine::prelude::*;

use crate::hygiene::lapses;

declare_rule! {
    AlteredInstallation,
    id: "altered-installation",
    title: "installed files are not as they were installed",
    group: Known,
    severity: High,
    confidence: High,
    needs: [],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for AlteredInstallation {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let altered = lapses(scene, LapseKind::Altered, |subjects| {
            self.finding(format!("files are not as they were installed: {subjects}"))
        });
        let strays = lapses(scene, LapseKind::Stray, |subjects| {
            self.finding(format!(
                "no package brought what lies among them: {subjects}"
            ))
            .confidence(Confidence::Medium)
        });
        altered
            .into_iter()
            .chain(strays)
            .map(|f| {
                f.remedy("look at the difference, and make the environment anew from its lock")
            })
            .collect()
    }
}
