//! `foretaste audit`: taste releases, archives and folders before anything of them runs.

#[cfg(target_os = "linux")]
mod trace;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use foretaste_audit::{
    AuditError, Auditor, Options, Outcome, Progress, Quiet, Reading, RegistryChoice, Requested,
    Stats,
};
use foretaste_io::{Environment, HttpOptions, files, processor_time};
use foretaste_model::report::Report;
use foretaste_model::{Target, Verdict};
use foretaste_policy::{ArtifactChoice, Policy, Thresholds};
use foretaste_report::{Format, human};
use jiff::Timestamp;

use crate::cli::{ArtifactsWhich, AuditArgs, Global, HowArgs, ReadAs, verdict};
use crate::commands::why;
use crate::configuration;
use crate::exit::Code;
use crate::isolated;
use crate::printer::{self, Printer};
use crate::process;
use crate::progress::Bars;
use crate::rulebook::Rulebook;

/// Runs the command.
///
/// # Errors
/// Wrong arguments, an unreadable policy, or an output that cannot be written.
pub(crate) fn run(global: &Global, args: &AuditArgs, printer: Printer) -> Result<Code> {
    if args.trace && !cfg!(target_os = "linux") {
        bail!("`--trace` needs Linux: this system has no namespaces to contain a package with");
    }
    let environment = Environment::of_process();
    let configuration = configuration::load_for(global, &environment, &args.how)?;
    let environment = configuration.environment(environment);
    let here = [".".to_owned()];
    let named = match (&*args.targets, &args.since) {
        ([], Some(_)) => &here[..],
        (named, _) => named,
    };
    let mut targets = named
        .iter()
        .map(|text| requested(text))
        .collect::<Result<Vec<_>>>()?;
    targets.extend(args.env.iter().map(|path| Requested {
        text: path.display().to_string(),
        target: Target::Path(path.clone()),
    }));
    let measure = Measure::of(&args.how, &configuration);
    #[cfg(target_os = "linux")]
    let rulebook = configuration.rulebook.clone();
    let mut options = options(
        global,
        &args.how,
        args.artifacts,
        environment,
        configuration,
    )?;
    options.reading = match args.reading {
        _ if !args.env.is_empty() => Reading::Environment,
        None => Reading::ByContent,
        Some(ReadAs::Package) => Reading::Package,
        Some(ReadAs::Project) => Reading::Project,
    };
    options.since.clone_from(&args.since);
    options.policy.history.compare &= !args.no_history;
    let outcome = with_auditor(options, printer, async |auditor, progress| {
        #[cfg(target_os = "linux")]
        if args.trace {
            let mut outcome = auditor.audit(&targets, progress).await?;
            trace::join(auditor, &mut outcome, args.exercise, &rulebook, progress).await;
            return Ok(outcome);
        }
        auditor.audit(&targets, progress).await
    })?;
    conclude(&args.how, &outcome, &measure, printer)
}

/// From where on scores mean verdicts, and verdicts mean failure.
#[derive(Clone, Debug)]
pub(crate) struct Measure {
    rulebook: Rulebook,
    fail_on: Verdict,
    thresholds: Thresholds,
}

impl Measure {
    /// The verdict from which on something fails.
    pub(crate) const fn fail_on(&self) -> Verdict {
        self.fail_on
    }

    /// What flags and policy say.
    pub(crate) fn of(how: &HowArgs, configuration: &configuration::Configuration) -> Self {
        let policy = &configuration.policy;
        let flag = how.fail_on.as_deref().and_then(verdict);
        Self {
            rulebook: configuration.rulebook.clone(),
            fail_on: flag.unwrap_or(policy.fail_on),
            thresholds: policy.thresholds,
        }
    }
}

/// Prints what came out, and says how the process ends.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn conclude(
    how: &HowArgs,
    outcome: &Outcome,
    measure: &Measure,
    printer: Printer,
) -> Result<Code> {
    for notice in &outcome.notices {
        printer.note(notice);
    }
    for (format, file) in &how.also {
        let text = render(*format, false, &outcome.report, &measure.rulebook, printer)?;
        files::write_atomic(file, text.as_bytes()).context("cannot write the report")?;
    }
    let color = how.output.is_none() && Printer::colours_stdout();
    let format: Format = how.format.parse()?;
    let mut text = render(format, color, &outcome.report, &measure.rulebook, printer)?;
    if how.why && how.format == "human" {
        text.push_str(&why::render(&outcome.report, measure.thresholds));
    }
    match &how.output {
        Some(file) => {
            files::write_atomic(file, text.as_bytes()).context("cannot write the report")?;
        }
        None => Printer::data(&text)?,
    }
    if how.stats {
        printer.note(&stats(&outcome.stats));
    }
    Ok(Code::of(&outcome.report, measure.fail_on))
}

fn requested(text: &str) -> Result<Requested> {
    Ok(Requested {
        text: text.to_owned(),
        target: text.parse::<Target>()?,
    })
}

/// From flags, policy and environment to what is done.
///
/// # Errors
/// A flag's value cannot be read.
pub(crate) fn options(
    global: &Global,
    args: &HowArgs,
    artifacts: Option<ArtifactsWhich>,
    environment: Environment,
    configuration: configuration::Configuration,
) -> Result<Options> {
    let mut policy = configuration.policy;
    if let Some(which) = artifacts {
        policy.audit.artifacts = match which {
            ArtifactsWhich::Compatible => ArtifactChoice::Compatible,
            ArtifactsWhich::All => ArtifactChoice::All,
        };
    }
    if let Some(version) = &args.python {
        policy.audit.python = Some(version.clone());
    }
    let mut http = http_options(global, &environment, &policy);
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
        own_rules: configuration.rulebook.own(),
        use_store: !args.no_cache,
        reading: Reading::Package,
        since: None,
        now,
    })
}

/// Options for a command that tastes local files and has no options of its own for it.
pub(crate) fn plain_options(
    global: &Global,
    environment: Environment,
    configuration: configuration::Configuration,
) -> Options {
    let policy = configuration.policy;
    Options {
        all_artifacts: false,
        registries: RegistryChoice::default(),
        http: http_options(global, &environment, &policy),
        policy,
        environment,
        own_rules: configuration.rulebook.own(),
        use_store: true,
        reading: Reading::Package,
        since: None,
        now: Timestamp::now(),
    }
}

/// How the network is used, by flags, environment and policy.
pub(crate) fn http_options(
    global: &Global,
    environment: &Environment,
    policy: &Policy,
) -> HttpOptions {
    let mut http = HttpOptions::from_environment(environment);
    http.offline = global.offline || policy.network.offline;
    http.read_timeout = policy.network.timeout();
    http.concurrency = policy.network.concurrency as usize;
    http.retries = policy.network.retries;
    http.default_freshness = Duration::from_secs(policy.network.fresh_seconds.into());
    http.stale_for = Duration::from_secs(policy.network.stale_seconds.into());
    http.refresh = global.refresh;
    http
}

/// Does something with an auditor, in a runtime of its own, under a progress bar.
///
/// # Errors
/// The runtime or the auditor cannot start, or the work says so.
pub(crate) fn with_auditor(
    options: Options,
    printer: Printer,
    work: impl AsyncFnOnce(&Arc<Auditor>, &Arc<dyn Progress>) -> Result<Outcome, AuditError>,
) -> Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        // small packages are tasted on the runtime's own threads
        .thread_stack_size(foretaste_lang::STACK_BYTES)
        .on_thread_start(foretaste_lang::has_large_stack)
        .enable_all()
        .build()
        .context("cannot start the asynchronous runtime")?;
    isolated::set_up(runtime.handle());
    let progress: Arc<dyn Progress> = if printer.shows_progress() {
        Arc::new(Bars::default())
    } else {
        Arc::new(Quiet)
    };
    let outcome = runtime.block_on(async {
        let auditor = Auditor::new(options)?;
        Ok(work(&auditor, &progress).await?)
    });
    // answers for the next run, and the system's resolver, are not waited for
    runtime.shutdown_background();
    outcome
}

fn render(
    format: Format,
    color: bool,
    report: &Report,
    rulebook: &Rulebook,
    printer: Printer,
) -> Result<String> {
    let rules = |id: &str| rulebook.info(id);
    let options = human::Options {
        width: printer::width(),
        color,
        ascii: printer::is_ascii_only(),
        detail: printer.detail(),
        at: process::now(&Environment::of_process())?,
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
        "{} artifacts ({} fetched, {} local), {:.1} MB · {} files: {} observed ({:.1} %), {} from the store ({:.1} %), {} repeated · {} judgements kept · {} requests ({} unchanged), {} answers still fresh · tasting {:.0} ms, judging {:.0} ms{}",
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
        stats.kept,
        stats.asked,
        stats.unchanged,
        stats.answered,
        stats.tasting.as_secs_f64() * 1e3,
        stats.judging.as_secs_f64() * 1e3,
        speed(stats.source_bytes),
    )
}

/// How fast program text was read, per second of all processor time of this process: start, unpacking and judging
/// included. Says nothing of an audit that observed next to nothing.
fn speed(source_bytes: u64) -> String {
    let source = source_bytes as f64 / 1e6;
    match processor_time() {
        Some(time) if source >= 0.1 => {
            let seconds = time.as_secs_f64();
            format!(
                " · {source:.1} MB of program text in {seconds:.2} s of processor time, {:.1} MB/s",
                source / seconds.max(1e-3)
            )
        }
        _ => String::new(),
    }
}
