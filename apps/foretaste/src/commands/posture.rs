//! `foretaste posture`: how well repositories guard their dependencies.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Result;
use foretaste_audit::Auditor;
use foretaste_intel::Intel;
use foretaste_io::{Environment, HttpClient, files};
use foretaste_names::InternalNames;
use foretaste_posture::{Options, Posture, Registries};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::{Global, PostureArgs, PostureFormat};
use crate::commands::audit;
use crate::configuration;
use crate::exit::Code;
use crate::printer::{Printer, width};
use crate::process;

/// Runs the command.
///
/// # Errors
/// The policy or the folder cannot be read, or the output cannot be written.
pub(crate) fn run(global: &Global, args: &PostureArgs, printer: Printer) -> Result<Code> {
    let environment = Environment::of_process();
    let configuration = configuration::load(global, &environment)?;
    let now = process::now(&environment)?;
    let options = Options {
        now,
        days: args.days,
        trend_steps: if args.no_trend { 0 } else { 4 },
        internal: InternalNames::new(&configuration.policy.internal_names),
        private_hosts: args.private_hosts.clone(),
        reviews: args.reviews.then(|| {
            let policy = &configuration.policy;
            let http = HttpClient::new(audit::http_options(global, &environment, policy));
            Arc::new(Intel::new(&http, &policy.sources, &environment))
        }),
    };
    let bar = if printer.shows_progress() {
        ProgressBar::no_length()
    } else {
        ProgressBar::hidden()
    };
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len}  {wide_msg:.dim}") {
        bar.set_style(style);
    }
    let mut posture = foretaste_posture::survey(
        &args.dir,
        &options,
        &environment,
        |count| bar.set_length(count as u64),
        |name| {
            bar.set_message(name.to_owned());
            bar.inc(1);
        },
    )?;
    bar.finish_and_clear();
    if args.registries {
        let mut options = audit::plain_options(global, environment, configuration);
        options.use_store = false;
        ask_registries(&mut posture, options)?;
    }
    let text = shown(&posture, args.format, global.verbose > 0)?;
    match &args.output {
        Some(file) => {
            files::write_atomic(file, text.as_bytes())?;
            printer.note(&format!("written to {}", file.display()));
        }
        None => Printer::data(&text)?,
    }
    Ok(Code::Clear)
}

/// Asks the registries that this machine's clients are configured to use.
fn ask_registries(posture: &mut Posture, options: foretaste_audit::Options) -> Result<()> {
    process::threads(2)?.block_on(async {
        let auditor = Auditor::new(options)?;
        let mut registries = Registries::new();
        let held = posture.repositories.iter().flat_map(|r| &r.releases);
        let ecosystems: BTreeSet<_> = held.map(|release| release.ecosystem).collect();
        for ecosystem in ecosystems {
            let found = auditor.registry(ecosystem).await;
            registries.insert(ecosystem, found.map_err(|error| error.to_string()));
        }
        posture.ask(&registries).await;
        Ok(())
    })
}

fn shown(posture: &Posture, format: PostureFormat, detailed: bool) -> Result<String> {
    Ok(match format {
        PostureFormat::Human => foretaste_posture::human(posture, width(), detailed),
        PostureFormat::Json => serde_json::to_string_pretty(posture)? + "\n",
        PostureFormat::Html => foretaste_posture::html(posture),
    })
}
