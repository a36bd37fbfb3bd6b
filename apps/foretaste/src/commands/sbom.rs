//! `foretaste sbom`: a bill of materials with hashes and verdicts.

use std::path::Path;

use anyhow::{Context as _, Result};
use foretaste_audit::{Reading, Requested};
use foretaste_io::{Environment, files};
use foretaste_model::Target;
use foretaste_projects::Project;
use foretaste_sbom::Inventory;

use super::audit::{options, with_auditor};
use crate::cli::Global;
use crate::cli::lock::{SbomArgs, SbomFormat};
use crate::configuration;
use crate::exit::Code;
use crate::printer::Printer;

/// Runs the command.
///
/// # Errors
/// The project or the policy cannot be read, or the output cannot be written.
pub(crate) fn run(global: &Global, args: &SbomArgs, printer: Printer) -> Result<Code> {
    let environment = Environment::of_process();
    let configuration = configuration::load_for(global, &environment, &args.how)?;
    let environment = configuration.environment(environment);
    let path = Path::new(&args.path);
    let project = Project::discover(path, &environment)?;
    for problem in &project.problems {
        printer.note(&format!("left out: {problem}"));
    }
    let mut options = options(global, &args.how, None, environment, configuration)?;
    options.reading = Reading::Project;
    let now = options.now;
    let outcome = if args.no_verdicts {
        None
    } else {
        let targets = [Requested {
            text: args.path.clone(),
            target: Target::Path(path.to_owned()),
        }];
        Some(with_auditor(
            options,
            printer,
            async |auditor, progress| auditor.audit(&targets, progress).await,
        )?)
    };
    let name = files::real_path(path)
        .and_then(|p| p.file_name().map(|n| n.to_string_lossy().into_owned()))
        .unwrap_or_else(|| args.path.clone());
    let report = outcome.as_ref().map(|o| &o.report);
    let inventory = Inventory::of(&name, &project, report, now);
    for left in &inventory.left_out {
        printer.note(&format!(
            "not listed, because nothing fixes its version: {left}"
        ));
    }
    let bom = match args.to {
        SbomFormat::Cyclonedx => foretaste_sbom::cyclonedx(&inventory, args.trust_imports),
        SbomFormat::Spdx => foretaste_sbom::spdx(&inventory),
        SbomFormat::Spdx3 => foretaste_sbom::spdx3(&inventory),
    };
    let text = foretaste_report::json::print(&bom)?;
    match &args.how.output {
        Some(file) => {
            files::write_atomic(file, text.as_bytes()).context("cannot write the bill")?;
        }
        None => Printer::data(&text)?,
    }
    Ok(
        if inventory.left_out.is_empty() && project.problems.is_empty() {
            Code::Clear
        } else {
            Code::Incomplete
        },
    )
}
