//! `foretaste posture`: how well repositories guard their dependencies.

mod drift;

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Result;
use foretaste_audit::Auditor;
use foretaste_intel::Intel;
use foretaste_io::{Environment, HttpClient, files};
use foretaste_names::InternalNames;
use foretaste_posture::{Options, Posture, Registries, Set};
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
    anyhow::ensure!(
        !(args.drift && global.offline),
        "--drift makes locks anew, which asks registries; leave out --offline or --drift"
    );
    let bar = bar(printer);
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
    if args.registries || args.drift {
        let mut options = audit::plain_options(global, environment, configuration);
        options.use_store = false;
        ask_registries(&mut posture, options, args, printer)?;
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

fn bar(printer: Printer) -> ProgressBar {
    let bar = if printer.shows_progress() {
        ProgressBar::no_length()
    } else {
        ProgressBar::hidden()
    };
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len}  {wide_msg:.dim}") {
        bar.set_style(style);
    }
    bar
}

/// Asks the registries that this machine's clients are configured to use.
fn ask_registries(
    posture: &mut Posture,
    options: foretaste_audit::Options,
    args: &PostureArgs,
    printer: Printer,
) -> Result<()> {
    let now = options.now;
    process::threads(2)?.block_on(async {
        let auditor = Auditor::new(options)?;
        let mut registries = Registries::new();
        let held = posture.repositories.iter().flat_map(|r| &r.releases);
        let ecosystems: BTreeSet<_> = held.map(|release| release.ecosystem).collect();
        for ecosystem in ecosystems {
            let found = auditor.registry(ecosystem).await;
            registries.insert(ecosystem, found.map_err(|error| error.to_string()));
        }
        if args.registries {
            posture.ask(&registries).await;
        }
        if args.drift {
            let count: usize = posture.repositories.iter().map(|r| r.sets.len()).sum();
            let bar = bar(printer);
            bar.set_length(count as u64);
            let locker = drift::locker(&auditor, now);
            let resolve = |set: Set| {
                let (bar, locker) = (bar.clone(), Arc::clone(&locker));
                async move {
                    bar.set_message(set.lock.display().to_string());
                    let fresh = drift::fresh(&locker, &set).await;
                    bar.inc(1);
                    fresh
                }
            };
            posture.compare_with_fresh(resolve, &registries).await;
            bar.finish_and_clear();
        }
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
