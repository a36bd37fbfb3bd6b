//! `foretaste diff`: what a release can do that an earlier one could not.

use std::path::PathBuf;

use anyhow::{Result, bail};
use foretaste_audit::Comparison;
use foretaste_io::{Environment, files};
use foretaste_model::Target;

use super::audit::{Measure, conclude, options, with_auditor};
use crate::cli::{DiffArgs, Global};
use crate::configuration;
use crate::exit::Code;
use crate::printer::Printer;

/// Runs the command.
///
/// # Errors
/// Wrong arguments, an unreadable policy, or an output that cannot be written.
pub(crate) fn run(global: &Global, args: &DiffArgs, printer: Printer) -> Result<Code> {
    let environment = Environment::of_process();
    let configuration = configuration::load_for(global, &environment, &args.how)?;
    let environment = configuration.environment(environment);
    let comparison = comparison(args)?;
    let measure = Measure::of(&args.how, &configuration);
    let options = options(
        global,
        &args.how,
        args.artifacts,
        environment,
        configuration,
    )?;
    let outcome = with_auditor(options, printer, async |auditor, progress| {
        auditor.diff(&comparison, progress).await
    })?;
    conclude(&args.how, &outcome, &measure, printer)
}

/// What the words of the command line ask for.
fn comparison(args: &DiffArgs) -> Result<Comparison> {
    let target = args.target.parse::<Target>()?;
    match (target, args.old.as_deref(), args.new.as_deref()) {
        (Target::Path(_), None, _) => bail!(
            "`{}` is compared with nothing\n  hint: foretaste diff OLD NEW, or foretaste diff pypi:NAME",
            args.target
        ),
        (Target::Path(_), Some(_), Some(third)) => {
            bail!("two paths are enough; `{third}` is one too many\n  hint: foretaste diff OLD NEW")
        }
        (Target::Path(old), Some(new), None) => Ok(Comparison::Paths {
            old,
            new: PathBuf::from(new),
        }),
        (
            Target::Package {
                ecosystem,
                name,
                version,
            },
            old,
            new,
        ) => {
            if old.is_some_and(|text| text.contains(['/', ':']) || files::is_dir(text.as_ref())) {
                bail!(
                    "a release is compared with a release, and a path with a path\n  hint: foretaste diff {} OLD NEW",
                    args.target
                );
            }
            if let (Some(version), Some(new)) = (&version, new) {
                bail!("the later version is given twice: {version} and {new}");
            }
            Ok(Comparison::Releases {
                ecosystem,
                name,
                old: old.map(str::to_owned),
                new: new.map(str::to_owned).or_else(|| version.map(Into::into)),
            })
        }
    }
}
