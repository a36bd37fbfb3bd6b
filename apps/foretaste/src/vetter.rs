//! The auditor as the gate's vetter.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use foretaste_audit::{AuditError, Auditor, HeldFile, Options, RegistryChoice};
use foretaste_gate::{Sample, Settings, Vetted, Vetter};
use foretaste_io::files;
use foretaste_model::report::ReleaseReport;
use foretaste_model::{ContentDigest, Ecosystem, Verdict};
use foretaste_osv::Advisories;
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::{Mutex, OnceCell};

/// After so long the auditors are made anew: time goes on, and advisories and indexes of known-bad packages change.
const GOOD_FOR: Duration = Duration::from_mins(5);
/// Reasons that are kept of a verdict.
const REASONS: usize = 8;

/// Vets with the audit of this program.
pub(crate) struct TasteVetter {
    options: Options,
    watched: Vec<PathBuf>,
    current: Mutex<Option<Current>>,
}

#[derive(Clone)]
struct Current {
    since: Instant,
    edition: String,
    /// For what a public registry has.
    public: Arc<Auditor>,
    /// For what was published to the gate: it uses no network, so that nobody learns of it. Made when something is.
    internal: Arc<OnceCell<Arc<Auditor>>>,
    /// As of when both judge.
    now: Timestamp,
}

impl TasteVetter {
    /// A vetter that looks releases up where the gate fetches them.
    pub(crate) fn new(mut options: Options, settings: &Settings) -> Self {
        let first = |urls: &Option<Vec<String>>| urls.as_ref().and_then(|u| u.first().cloned());
        options.registries = RegistryChoice {
            pypi: first(&settings.upstream.pypi),
            npm: first(&settings.upstream.npm),
            cargo: first(&settings.upstream.cargo).map(|url| {
                if url.starts_with("sparse+") {
                    url
                } else {
                    format!("sparse+{url}")
                }
            }),
        };
        // a public name that imitates one of the organisation's own is suspicious
        let own = settings.owned.iter().map(|pattern| {
            let name = pattern.split_once(':').map_or(&**pattern, |(_, name)| name);
            name.to_owned()
        });
        options.policy.internal_names.extend(own);
        let data = options.environment.data_dir();
        // one that is imported later counts as well: its time is none until then
        let advisories = Advisories::of_user(&options.environment);
        let advisories = advisories
            .iter()
            .flat_map(|all| Ecosystem::ALL.map(|e| all.path(e)));
        let known = data
            .iter()
            .map(|dir| dir.join(foretaste_clones::DEFAULT_FILE));
        let watched = advisories
            .chain(known)
            .chain(options.policy.known.files.iter().cloned())
            .collect();
        Self {
            options,
            watched,
            current: Mutex::new(None),
        }
    }

    async fn current(&self) -> Result<Current, AuditError> {
        let mut current = self.current.lock().await;
        if let Some(good) = current.as_ref().filter(|c| c.since.elapsed() < GOOD_FOR) {
            return Ok(good.clone());
        }
        let mut options = self.options.clone();
        options.now = Timestamp::now();
        let now = options.now;
        let public = Auditor::new(options)?;
        let made = Current {
            since: Instant::now(),
            edition: self.edition_of(&public),
            public,
            internal: Arc::default(),
            now,
        };
        *current = Some(made.clone());
        Ok(made)
    }

    /// The auditor for a file.
    async fn auditor(&self, is_internal: bool) -> Result<Arc<Auditor>, AuditError> {
        let current = self.current().await?;
        if !is_internal {
            return Ok(current.public);
        }
        let make = async {
            let mut options = self.options.clone();
            options.now = current.now;
            options.http.offline = true;
            Auditor::new(options)
        };
        current.internal.get_or_try_init(|| make).await.cloned()
    }

    /// Rules, policy, and the state of everything that is kept on this machine about bad packages.
    fn edition_of(&self, auditor: &Auditor) -> String {
        let mut text = format!("{}\n{:?}\n", auditor.rules(), self.options.policy);
        for path in &self.watched {
            let state = files::modified(path)
                .ok()
                .and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
            let _ = writeln!(text, "{} {state:?}", path.display());
        }
        let hex = ContentDigest::of(text.as_bytes()).to_hex();
        hex.get(..16).unwrap_or_default().to_owned()
    }
}

#[async_trait]
impl Vetter for TasteVetter {
    async fn vet(&self, sample: Sample) -> Vetted {
        let auditor = match self.auditor(sample.internal).await {
            Ok(auditor) => auditor,
            Err(error) => return unvetted(&error.to_string()),
        };
        let held = HeldFile {
            release: sample.release,
            filename: sample.filename,
            file: sample.file,
            digests: sample.digests,
            internal: sample.internal,
        };
        // in a task of its own: a panic is one file's, and becomes its verdict
        let audited = tokio::spawn(async move { auditor.audit_held(held).await });
        match audited.await {
            Ok(report) => vetted(&report),
            Err(error) => unvetted(&format!("the audit broke off: {error}")),
        }
    }

    async fn edition(&self) -> String {
        match self.current().await {
            Ok(current) => current.edition,
            Err(error) => format!("none: {error}"),
        }
    }
}

fn vetted(report: &ReleaseReport) -> Vetted {
    let mut findings: Vec<_> = report
        .findings
        .iter()
        .filter(|f| f.waived.is_none())
        .collect();
    findings.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let found = findings
        .iter()
        .map(|f| format!("{} ({})", f.message, f.rule));
    let gaps = report.incomplete.iter().map(ToString::to_string);
    let reasons: Vec<String> = if report.verdict == Verdict::Incomplete {
        gaps.chain(found).take(REASONS).collect()
    } else {
        found.chain(gaps).take(REASONS).collect()
    };
    Vetted {
        verdict: report.verdict,
        score: report.score,
        reasons,
        report: serde_json::to_value(report).unwrap_or_default(),
    }
}

fn unvetted(reason: &str) -> Vetted {
    Vetted {
        verdict: Verdict::Incomplete,
        score: 0.0,
        reasons: vec![reason.to_owned()],
        report: json!({"verdict": Verdict::Incomplete, "incomplete": [reason]}),
    }
}
