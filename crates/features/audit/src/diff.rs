//! One release, archive or folder against an earlier one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use foretaste_engine::change;
use foretaste_model::change::Change;
use foretaste_model::facts::ArtifactFacts;
use foretaste_model::{Ecosystem, Knowledge, PackageName, SkipKind};

use crate::auditor::Auditor;
use crate::history::Against;
use crate::local::shown_name;
use crate::project::Locked;
use crate::release::Asked;
use crate::{AuditError, Outcome, Progress};

/// What is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Two releases of one package in its registry.
    Releases {
        /// The ecosystem.
        ecosystem: Ecosystem,
        /// The package.
        name: PackageName,
        /// The earlier version; the one just before the later one if none.
        old: Option<String>,
        /// The later version; the newest if none.
        new: Option<String>,
    },
    /// Two archives or folders.
    Paths {
        /// The earlier one.
        old: PathBuf,
        /// The later one.
        new: PathBuf,
    },
}

impl Auditor {
    /// Judges the later side with everything that it can do and the earlier one could not. The report names the changes.
    ///
    /// # Errors
    /// A local target does not exist: nothing was done.
    pub async fn diff(
        self: &Arc<Self>,
        comparison: &Comparison,
        progress: &Arc<dyn Progress>,
    ) -> Result<Outcome, AuditError> {
        let (text, done) = match comparison {
            Comparison::Releases {
                ecosystem,
                name,
                old,
                new,
            } => {
                let text = format!("{}:{name}", ecosystem.id());
                progress.begin(&text);
                let against = old.clone().map_or(Against::Before, Against::Version);
                let asked = Asked {
                    target: &text,
                    place: (*ecosystem, name, new.as_deref()),
                    locked: &Locked::default(),
                    against: &against,
                };
                let done = self.audit_package(asked, progress).await;
                (text, done)
            }
            Comparison::Paths { old, new } => {
                for path in [old, new] {
                    if !foretaste_io::files::exists(path) {
                        return Err(AuditError::NoSuchPath(path.display().to_string()));
                    }
                }
                let text = new.display().to_string();
                progress.begin(&text);
                let done = self.audit_path(&text, new, Some(old), progress).await;
                (text, done)
            }
        };
        progress.done(&text);
        let (report, waivers, stats) = done;
        Ok(self.outcome(vec![report], stats, &waivers.into_iter().collect()))
    }

    /// Compares a tasted local artifact with what lies at `before`.
    pub(crate) fn compare_with_path(
        &self,
        before: &Path,
        tasted: &[ArtifactFacts],
    ) -> Knowledge<Change> {
        let compared = match self.taste_path(before) {
            Ok((old, _)) => change::compare(&shown_name(before), &old.artifacts, tasted),
            Err(reason) => return Knowledge::skip(SkipKind::Failed, reason),
        };
        match compared {
            Ok(mut change) => {
                self.look_at_names(&mut change);
                Knowledge::Known(change)
            }
            Err(reason) => Knowledge::Skipped(reason),
        }
    }
}
