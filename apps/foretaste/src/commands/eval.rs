//! `foretaste eval`: measure detection on local archives that are known to be malicious or benign.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};
use foretaste_audit::{Auditor, Options, Reading, RegistryChoice};
use foretaste_eval::{
    Bars, BenignSource, Checked, Choice, Half, Listener, MaliciousSource, Outcome, Peer,
    PeerProgram, Report, SCHEMA, Sample, Scanner, Selection, Settings, Work,
};
use foretaste_io::{Environment, HttpOptions, files};
use foretaste_model::report::ReleaseReport;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use tokio::runtime::Runtime;

use crate::cli::{EvalArgs, Global, SplitHalf};
use crate::configuration;
use crate::exit::Code;
use crate::isolated;
use crate::printer::Printer;
use crate::process;

/// The largest older evaluation that is read.
const MAX_REPORT: u64 = 1 << 30;

/// Runs the command.
///
/// # Errors
/// Wrong arguments, unreadable lists, or an output that cannot be written.
pub(crate) fn run(global: &Global, args: &EvalArgs, printer: Printer) -> Result<Code> {
    if args.malicious.is_empty() && args.benign.is_empty() {
        bail!(
            "nothing to measure\nhint: give `--malicious LIST|DIR`, `--benign LIST|DIR`, or both"
        );
    }
    let environment = Environment::of_process();
    let configuration = configuration::load(global, &environment)?;
    let (mut policy, rulebook) = (configuration.policy, configuration.rulebook);
    // who knows the samples already measures nothing, and no two machines know the same
    policy.known.enabled = false;
    policy.advisories.enabled = false;
    let thresholds = policy.thresholds;
    let older = args.compare.as_deref().map(older).transpose()?;
    let bars = args.check.as_deref().map(bars).transpose()?;
    let peers = args
        .peer
        .iter()
        .map(|text| peer(text))
        .collect::<Result<Vec<_>>>()?;
    let samples = choice(args).apply(samples(args)?);
    let settings = Settings {
        version: env!("CARGO_PKG_VERSION").into(),
        rules_digest: foretaste_engine::Judge::new(rulebook.all()).digest(),
        review: thresholds.review,
        selection: Selection {
            one_per_family: args.one_per_family,
            split: args.split.map(|h| h.id().to_owned()),
            sample: args.sample,
            seed: args.seed,
            left_out: 0,
        },
    };
    let mut http = HttpOptions::from_environment(&environment);
    http.offline = true;
    http.cache_dir = None;
    let runtime = process::threads(1)?;
    isolated::set_up(runtime.handle());
    let entered = runtime.enter();
    let scanner = LocalAuditor(Auditor::new(Options {
        policy,
        environment,
        http,
        registries: RegistryChoice::default(),
        all_artifacts: true,
        own_rules: rulebook.own(),
        use_store: false,
        reading: Reading::Package,
        since: None,
        now: now(args)?,
    })?);
    let stop = Arc::new(AtomicBool::new(false));
    let (interrupted, note) = (stop.clone(), printer);
    runtime.spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            interrupted.store(true, Ordering::Relaxed);
            note.note("stopping; what was scanned so far is reported");
        }
    });
    let jobs = args
        .jobs
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let bar = Bar::new(samples.len(), printer);
    let work = foretaste_eval::run(samples, jobs, &scanner, &bar, &stop);
    bar.0.finish_and_clear();
    drop(entered);
    let mut report = foretaste_eval::summarise(&work, &settings);
    report.comparison = older.map(|old| foretaste_eval::compare(&old, &report));
    report.peers = run_peers(&peers, &work, &runtime, &stop, printer);
    let json = format!("{}\n", serde_json::to_string_pretty(&report)?);
    if let Some(folder) = &args.out {
        write(folder, "report.json", &json)?;
        let figures = serde_json::to_string_pretty(&report.figures)?;
        write(folder, "figures.json", &format!("{figures}\n"))?;
        let page = foretaste_eval::html(&report, thresholds.review, thresholds.block);
        write(folder, "report.html", &page)?;
        let text = foretaste_eval::human(&report, true);
        write(folder, "report.txt", &text)?;
    }
    match &*args.format {
        "json" => Printer::data(&json)?,
        _ => Printer::data(&foretaste_eval::human(&report, printer.verbose))?,
    }
    let checked = bars.map(|b| b.check(&report)).unwrap_or_default();
    if !checked.is_empty() {
        printer.note(&foretaste_eval::bars(&checked));
    }
    Ok(if checked.iter().any(Checked::missed) {
        Code::Findings
    } else if work.left > 0 {
        Code::Incomplete
    } else {
        Code::Clear
    })
}

/// An evaluation that was written before.
fn older(path: &Path) -> Result<Report> {
    let text = files::read_text(path, MAX_REPORT)?;
    let report: Report = serde_json::from_str(&text)
        .with_context(|| format!("{} is no report.json of an evaluation", path.display()))?;
    if report.schema != SCHEMA {
        bail!(
            "{} has the format {}, expected {SCHEMA}",
            path.display(),
            report.schema
        );
    }
    Ok(report)
}

fn bars(path: &Path) -> Result<Bars> {
    let text = files::read_text(path, 1 << 20)?;
    Ok(Bars::parse(&path.display().to_string(), &text)?)
}

/// `NAME=PATH`
fn peer(text: &str) -> Result<PeerProgram> {
    let known = text
        .split_once('=')
        .and_then(|(name, path)| PeerProgram::named(name, Path::new(path)));
    known.with_context(|| format!("`{text}` is no peer\nhint: write `--peer guarddog=PATH`"))
}

/// Runs the peers over what was scanned; Foretaste's own figures stand before theirs.
fn run_peers(
    peers: &[PeerProgram],
    work: &Work,
    runtime: &Runtime,
    stop: &AtomicBool,
    printer: Printer,
) -> Vec<Peer> {
    let mut out = Vec::new();
    if !peers.is_empty() {
        out.push(foretaste_eval::as_peer(&work.done, work.wall, work.cpu));
    }
    for program in peers {
        let bar = Bar::new(work.done.len(), printer);
        out.push(
            runtime.block_on(foretaste_eval::run_peer(program, &work.done, |_| {
                bar.0.inc(1);
                !stop.load(Ordering::Relaxed)
            })),
        );
        bar.0.finish_and_clear();
    }
    out
}

fn write(folder: &Path, name: &str, text: &str) -> Result<()> {
    files::write_atomic(&folder.join(name), text.as_bytes()).context("cannot write the report")
}

fn now(args: &EvalArgs) -> Result<Timestamp> {
    match &args.now {
        Some(text) => text
            .parse()
            .with_context(|| format!("`{text}` is no RFC 3339 time")),
        None => Ok(Timestamp::now()),
    }
}

fn choice(args: &EvalArgs) -> Choice {
    Choice {
        one_per_family: args.one_per_family,
        half: args.split.map(|half| match half {
            SplitHalf::Train => Half::Train,
            SplitHalf::Validate => Half::Validate,
        }),
        sample: args.sample,
        seed: args.seed,
    }
}

fn samples(args: &EvalArgs) -> Result<Vec<Sample>> {
    let malicious: Vec<_> = args
        .malicious
        .iter()
        .map(|path| MaliciousSource {
            path: path.clone(),
            root: args.root.clone(),
            families: args.families.clone(),
        })
        .collect();
    let benign: Vec<_> = args.benign.iter().map(|text| benign(text)).collect();
    Ok(foretaste_eval::collect(&malicious, &benign)?)
}

/// `KIND=PATH` or `PATH`; a path that exists as written is one.
fn benign(text: &str) -> BenignSource {
    match text.split_once('=') {
        Some((kind, path)) if !files::exists(Path::new(text)) => BenignSource {
            kind: Some(kind.to_owned()),
            path: PathBuf::from(path),
        },
        _ => BenignSource {
            kind: None,
            path: PathBuf::from(text),
        },
    }
}

/// The auditor as a scanner: nothing is looked up, nothing is stored.
struct LocalAuditor(Arc<Auditor>);

impl Scanner for LocalAuditor {
    fn scan(&self, path: &Path) -> ReleaseReport {
        self.0.audit_local(&path.display().to_string(), path).0
    }
}

/// One bar on standard error.
struct Bar(ProgressBar);

impl Bar {
    fn new(samples: usize, printer: Printer) -> Self {
        if !printer.shows_progress() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new(samples as u64);
        let template = "{bar:30} {pos}/{len}  {per_sec}  {eta} left  {wide_msg:.dim}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self(bar)
    }
}

impl Listener for Bar {
    fn done(&self, _sample: &Sample, _outcome: &Outcome) {
        self.0.inc(1);
    }
}
