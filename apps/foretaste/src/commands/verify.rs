//! `foretaste verify`: is what a project installs what was locked?

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use foretaste_audit::Auditor;
use foretaste_io::{Environment, files};
use foretaste_model::Ecosystem;
use foretaste_model::report::reachable;
use foretaste_model::words::counted;
use foretaste_registry::{Registry, RegistryError};
use foretaste_report::escape::visible;
use foretaste_verify::{Failure, Registries, Settings, Verification, Verifier};

use super::audit::options;
use crate::cli::Global;
use crate::cli::lock::VerifyArgs;
use crate::configuration;
use crate::exit::Code;
use crate::isolated;
use crate::printer::Printer;
use crate::process;

/// Runs the command.
///
/// # Errors
/// The project, the environment or the policy cannot be read, or there is nothing to verify.
pub(crate) fn run(global: &Global, args: &VerifyArgs, printer: Printer) -> Result<Code> {
    let environment = Environment::of_process();
    let configuration = configuration::load_for(global, &environment, &args.how)?;
    let environment = configuration.environment(environment);
    let mut options = options(global, &args.how, None, environment, configuration)?;
    // what is served now, not what was served once
    options.http.cache_dir = None;
    let settings = Settings {
        sources: options.policy.lock.sources.clone(),
        environment: args.env.clone(),
        development: args.dev,
        index_only: args.index_only,
        artifact_bytes: options.policy.limits.artifact_bytes,
        offline: options.http.offline,
    };
    let runtime = process::threads(2)?;
    isolated::set_up(runtime.handle());
    let verification = runtime.block_on(async {
        let auditor = Auditor::new(options)?;
        let opened = Opened(&auditor);
        let verifier = Verifier {
            surroundings: auditor.environment(),
            registries: &opened,
            settings,
        };
        anyhow::Ok(verifier.verify(Path::new(&args.path)).await?)
    })?;
    let text = match &*args.how.format {
        "json" => foretaste_report::json::print(&verification)?,
        "github" => github(&verification, &args.path),
        "human" => human(&verification, printer),
        other => anyhow::bail!("verify has no format `{other}`\n  hint: use human, json or github"),
    };
    match &args.how.output {
        Some(file) => {
            files::write_atomic(file, text.as_bytes()).context("cannot write the report")?;
        }
        None => Printer::data(&text)?,
    }
    Ok(if !verification.failures.is_empty() {
        Code::Findings
    } else if !verification.skipped.is_empty() {
        Code::Incomplete
    } else {
        Code::Clear
    })
}

/// Registries as the auditor opens them.
struct Opened<'a>(&'a Arc<Auditor>);

#[async_trait]
impl Registries for Opened<'_> {
    async fn of(&self, ecosystem: Ecosystem) -> Result<Arc<dyn Registry>, RegistryError> {
        self.0.registry(ecosystem).await
    }
}

fn human(verification: &Verification, printer: Printer) -> String {
    let mut out = String::new();
    for failure in &verification.failures {
        let _ = writeln!(
            out,
            "✗ {}: {}  [{}]\n  do this: {}",
            visible(&failure.place()),
            visible(&failure.message),
            failure.check.id(),
            visible(&failure.remedy)
        );
    }
    for skipped in &verification.skipped {
        let _ = writeln!(
            out,
            "? not checked: {} ({})",
            visible(&skipped.what),
            visible(&skipped.why)
        );
    }
    if printer.verbose {
        for remark in &verification.remarks {
            let _ = writeln!(out, "· {}", visible(remark));
        }
    }
    if !out.is_empty() {
        out.push('\n');
    }
    let c = verification.checked;
    let some = |count: u32, what: &str, rest: &str| format!("{}{rest}", counted(count, what));
    let mut parts = vec![
        some(c.files, "file", ""),
        some(c.packages, "locked package", ""),
        some(c.digests, "digest", " in the index"),
        some(c.served, "artifact", " as served"),
    ];
    if c.installed > 0 {
        parts.push(some(c.installed, "installed package", ""));
    }
    if c.actions > 0 {
        parts.push(format!("{} uses of actions", c.actions));
    }
    let verdict = match (verification.failures.len(), verification.skipped.len()) {
        (0, 0) => "✓ verified".to_owned(),
        (0, skipped) => format!("? not verified: {skipped} not checked"),
        (1, _) => "✗ 1 failure".to_owned(),
        (failures, _) => format!("✗ {failures} failures"),
    };
    let _ = writeln!(out, "{verdict} ({})", parts.join(" · "));
    out
}

/// Annotations of a workflow run.
fn github(verification: &Verification, folder: &str) -> String {
    let plain = |text: &str| visible(text).replace('%', "%25");
    let property = |text: &str| plain(text).replace(':', "%3A").replace(',', "%2C");
    let line = |failure: &Failure| {
        let file = reachable(folder, &failure.file);
        let line = if failure.line == 0 {
            String::new()
        } else {
            format!(",line={}", failure.line)
        };
        format!(
            "::error file={}{line},title={}::{}. Do this: {}\n",
            property(&file),
            failure.check.id(),
            plain(&failure.message),
            plain(&failure.remedy)
        )
    };
    let mut out: String = verification.failures.iter().map(line).collect();
    for skipped in &verification.skipped {
        let _ = writeln!(
            out,
            "::warning title=not checked::{} ({})",
            plain(&skipped.what),
            plain(&skipped.why)
        );
    }
    out
}
