//! `foretaste audit`: taste releases, archives and folders before anything of them runs.

use std::sync::Arc;

use anyhow::{Context, Result};
use foretaste_audit::{
    Auditor, Options, Outcome, Progress, Quiet, RegistryChoice, Requested, Stats,
};
use foretaste_io::{Environment, HttpOptions, files};
use foretaste_model::Target;
use foretaste_model::report::Report;
use foretaste_policy::ArtifactChoice;
use foretaste_report::{Format, RuleInfo, human};
use jiff::Timestamp;

use crate::cli::{ArtifactsWhich, AuditArgs, Global, verdict};
use crate::commands::why;
use crate::configuration;
use crate::exit::Code;
use crate::isolated;
use crate::printer::{self, Printer};
use crate::progress::Bars;

/// Runs the command.
///
/// # Errors
/// Wrong arguments, an unreadable policy, or an output that cannot be written.
pub(crate) fn run(global: &Global, args: &AuditArgs, printer: Printer) -> Result<Code> {
    let environment = Environment::of_process();
    let configuration = configuration::load(global, &environment)?;
    let environment = configuration.environment(environment);
    let targets = args
        .targets
        .iter()
        .map(|text| requested(text))
        .collect::<Result<Vec<_>>>()?;
    let fail_on = args
        .fail_on
        .as_deref()
        .and_then(verdict)
        .unwrap_or(configuration.policy.fail_on);
    let thresholds = configuration.policy.thresholds;
    let options = options(global, args, environment, configuration)?;
    let outcome = audit(options, &targets, printer)?;
    for notice in &outcome.notices {
        printer.note(notice);
    }
    let mut text = render(args, &outcome.report, printer)?;
    if args.why && args.format == "human" {
        text.push_str(&why::render(&outcome.report, thresholds));
    }
    match &args.output {
        Some(file) => {
            files::write_atomic(file, text.as_bytes()).context("cannot write the report")?;
        }
        None => Printer::data(&text)?,
    }
    if args.stats {
        printer.note(&stats(&outcome.stats));
    }
    Ok(Code::of(&outcome.report, fail_on))
}

fn requested(text: &str) -> Result<Requested> {
    Ok(Requested {
        text: text.to_owned(),
        target: text.parse::<Target>()?,
    })
}

fn options(
    global: &Global,
    args: &AuditArgs,
    environment: Environment,
    configuration: configuration::Configuration,
) -> Result<Options> {
    let mut policy = configuration.policy;
    if let Some(which) = args.artifacts {
        policy.audit.artifacts = match which {
            ArtifactsWhich::Compatible => ArtifactChoice::Compatible,
            ArtifactsWhich::All => ArtifactChoice::All,
        };
    }
    if let Some(version) = &args.python {
        policy.audit.python = Some(version.clone());
    }
    let mut http = HttpOptions::from_environment(&environment);
    http.offline = global.offline || policy.network.offline;
    http.read_timeout = policy.network.timeout();
    http.concurrency = policy.network.concurrency as usize;
    http.retries = policy.network.retries;
    if args.no_cache {
        http.cache_dir = None;
    }
    let now = match &args.now {
        Some(text) => text
            .parse()
            .with_context(|| format!("`{text}` is no RFC 3339 time"))?,
        None => Timestamp::now(),
    };
    Ok(Options {
        all_artifacts: policy.audit.artifacts == ArtifactChoice::All,
        registries: RegistryChoice {
            pypi: args.index_url.clone(),
            npm: args.npm_registry.clone(),
            cargo: args.cargo_registry.clone(),
        },
        policy,
        environment,
        http,
        use_store: !args.no_cache,
        now,
    })
}

fn audit(options: Options, targets: &[Requested], printer: Printer) -> Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the asynchronous runtime")?;
    isolated::set_up(runtime.handle());
    let progress: Arc<dyn Progress> = if printer.shows_progress() {
        Arc::new(Bars::default())
    } else {
        Arc::new(Quiet)
    };
    runtime.block_on(async {
        let auditor = Auditor::new(options)?;
        Ok(auditor.audit(targets, &progress).await?)
    })
}

fn render(args: &AuditArgs, report: &Report, printer: Printer) -> Result<String> {
    let rules = |id: &str| {
        foretaste_rules::meta(id).map(|meta| RuleInfo {
            meta,
            page: foretaste_rules::page(id).unwrap_or_default(),
        })
    };
    let format: Format = args.format.parse()?;
    let options = human::Options {
        width: printer::width(),
        color: args.output.is_none() && Printer::colours_stdout(),
        ascii: printer::is_ascii_only(),
        detail: printer.detail(),
    };
    Ok(format.render(report, &rules, options)?)
}

fn stats(stats: &Stats) -> String {
    let share = |part: u32| {
        if stats.files == 0 {
            0.0
        } else {
            f64::from(part) * 100.0 / f64::from(stats.files)
        }
    };
    format!(
        "{} artifacts ({} fetched, {} local), {:.1} MB · {} files: {} observed ({:.1} %), {} from the store ({:.1} %), {} repeated · tasting {:.0} ms, judging {:.0} ms",
        stats.fetched + stats.local,
        stats.fetched,
        stats.local,
        stats.bytes as f64 / 1e6,
        stats.files,
        stats.observed,
        share(stats.observed),
        stats.cached,
        share(stats.cached),
        stats.repeated,
        stats.tasting.as_secs_f64() * 1e3,
        stats.judging.as_secs_f64() * 1e3,
    )
}
