//! What a manifest without a lock would install today: uv resolves it from the index's metadata, builds nothing and runs
//! nothing.

use std::path::Path;

use foretaste_io::files::{self, TemporaryDir};
use foretaste_model::Ecosystem;
use foretaste_project::{Constraint, Document, Format, Manifest, Place};
use foretaste_projects::{Project, Uv};

use super::plan::{Gap, Plan};
use crate::auditor::Auditor;

/// Packages that are left out of one resolution, one after the other.
const MAX_LEFT_OUT: usize = 16;

impl Auditor {
    /// Plans a manifest that has no lock: pinned as it stands, resolved by uv, or at least its direct requirements.
    pub(crate) async fn plan_manifest(&self, plan: &mut Plan, manifest: &Manifest, root: &Path) {
        if manifest.ecosystem == Ecosystem::Actions {
            plan.actions(manifest);
            return;
        }
        if manifest.ecosystem != Ecosystem::Pypi {
            plan.newest(manifest);
            return;
        }
        if manifest.requirements.is_empty() {
            return;
        }
        let pinned = manifest
            .requirements
            .iter()
            .all(|r| matches!(r.constraint, Constraint::Pinned(_)));
        let compiled = manifest
            .requirements
            .iter()
            .any(|r| !r.via.is_empty() || !r.hashes.is_empty());
        if pinned && compiled {
            plan.pinned(manifest, manifest);
            return;
        }
        match self.resolve(manifest, root).await {
            Ok((resolved, left_out)) => {
                plan.pinned(&resolved, manifest);
                for name in &left_out {
                    plan.left_out(manifest, name);
                }
            }
            Err(why) => {
                let why =
                    format!("only what it asks for itself was vetted, not what that needs: {why}");
                plan.gaps.push(Gap::at(&Place::file(&manifest.path), &why));
                plan.is_partial = true;
                plan.newest(manifest);
            }
        }
    }

    /// The resolution, and what had to be left out of it because it is published as source alone.
    async fn resolve(
        &self,
        manifest: &Manifest,
        root: &Path,
    ) -> Result<(Manifest, Vec<String>), String> {
        let options = self.options();
        if options.http.offline {
            return Err("offline".to_owned());
        }
        if !matches!(
            manifest.format,
            Format::Requirements | Format::Pyproject | Format::SetupCfg
        ) {
            return Err(format!("{} is not resolved", manifest.format.id()));
        }
        let uv = Uv::find(&options.environment, &self.pypi_settings())
            .await
            .map_err(|error| error.to_string())?;
        let python = options.policy.audit.python.iter();
        let mut more: Vec<String> = python
            .flat_map(|version| ["--python-version".to_owned(), version.clone()])
            .collect();
        let stage = TemporaryDir::new(None).map_err(|e| e.to_string())?;
        let overrides = stage.path().join("left-out.txt");
        let mut left_out: Vec<String> = Vec::new();
        let answer = loop {
            let error = match uv.compile(&root.join(&*manifest.path), &more).await {
                Ok(answer) => break answer,
                Err(error) => error,
            };
            let name = error.needs_build().map(str::to_owned);
            let Some(name) =
                name.filter(|n| left_out.len() < MAX_LEFT_OUT && !left_out.contains(n))
            else {
                return Err(error.to_string());
            };
            if left_out.is_empty() {
                more.extend(["--override".to_owned(), overrides.display().to_string()]);
            }
            left_out.push(name);
            // an override whose condition never holds takes a package out of the resolution
            let lines = left_out
                .iter()
                .map(|n| format!("{n} ; os_name == 'none'\n"));
            files::write(&overrides, lines.collect::<String>().as_bytes())
                .map_err(|e| e.to_string())?;
        };
        let reading = Project::of_bytes("requirements.txt", answer.as_bytes());
        match reading.and_then(|r| r.document) {
            Some(Document::Manifest(mut resolved)) => {
                resolved.path = manifest.path.clone();
                Ok((resolved, left_out))
            }
            _ => Err("uv gave no answer that could be read".to_owned()),
        }
    }
}
