//! What a manifest without a lock would install today: uv resolves it from the index's metadata, builds nothing and runs
//! nothing.

use std::path::Path;
use std::time::Duration;

use foretaste_io::Program;
use foretaste_io::files::{self, TemporaryDir};
use foretaste_model::Ecosystem;
use foretaste_project::{Constraint, Document, Format, Manifest, Place};
use foretaste_projects::Project;

use super::plan::{Gap, Plan};
use crate::auditor::Auditor;

/// How long a resolution may take.
const TIMEOUT: Duration = Duration::from_mins(3);
/// Bytes of its answer.
const MAX_OUTPUT: u64 = 16 << 20;

impl Auditor {
    /// Plans a manifest that has no lock: pinned as it stands, resolved by uv, or at least its direct requirements.
    pub(crate) async fn plan_manifest(&self, plan: &mut Plan, manifest: &Manifest, root: &Path) {
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
            Ok(resolved) => plan.pinned(&resolved, manifest),
            Err(why) => {
                let why =
                    format!("only what it asks for itself was vetted, not what that needs: {why}");
                plan.gaps.push(Gap::at(&Place::file(&manifest.path), &why));
                plan.newest(manifest);
            }
        }
    }

    async fn resolve(&self, manifest: &Manifest, root: &Path) -> Result<Manifest, String> {
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
        let Some(uv) = options.environment.which("uv") else {
            return Err("uv is not installed".to_owned());
        };
        let mut args: Vec<String> = [
            "pip",
            "compile",
            "--no-build",
            "--quiet",
            "--no-header",
            "--annotate",
        ]
        .map(str::to_owned)
        .into();
        if let Some(version) = &options.policy.audit.python {
            args.extend(["--python-version".to_owned(), version.clone()]);
        }
        // away from the project: uv asks the interpreter of a `.venv` beside it, and whoever wrote the project wrote that
        let away = TemporaryDir::new(None).map_err(|error| error.to_string())?;
        let root = files::real_path(root).unwrap_or_else(|| root.to_owned());
        args.push(root.join(&*manifest.path).display().to_string());
        let mut program = Program::new(uv);
        if let Some(url) = &options.registries.pypi {
            program = program.env("UV_DEFAULT_INDEX", url);
        }
        let answer = program
            .args(args)
            .dir(away.path())
            .timeout(TIMEOUT)
            .max_output(MAX_OUTPUT)
            .run()
            .await
            .map_err(|error| error.to_string())?;
        if !answer.success {
            let said = answer
                .stderr
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            let said: String = said.chars().take(300).collect();
            return Err(format!("uv could not resolve it: {said}"));
        }
        let reading = Project::of_bytes("requirements.txt", answer.stdout.as_bytes());
        match reading.and_then(|r| r.document) {
            Some(Document::Manifest(mut resolved)) => {
                resolved.path = manifest.path.clone();
                Ok(resolved)
            }
            _ => Err("uv gave no answer that could be read".to_owned()),
        }
    }
}
