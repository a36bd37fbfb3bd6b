//! The gate: everything that a request needs.

use std::path::PathBuf;
use std::sync::Arc;

use foretaste_io::{Environment, HttpClient, HttpOptions, ObjectError, Objects, Reach, files};
use foretaste_model::{Ecosystem, PackageName, ReleaseId};
use foretaste_osv::Advisories;
use thiserror::Error;
use url::Url;

use crate::admit::{Arrival, FileKey, Landed};
use crate::advice::Advice;
use crate::alarm::Alarm;
use crate::arriving::Mismatches;
use crate::blobs::Blobs;
use crate::cached::recent::Recent;
use crate::cargo::Line;
use crate::database::{Database, DatabaseError, DatabaseResult, Event, EventKind, now};
use crate::decide::{Rules, Ruling};
use crate::flights::Flights;
use crate::identity::{self, Principal, Tokens};
use crate::journal::Journal;
use crate::left_out::{AllLeftOut, LeftOut};
use crate::metrics::Metrics;
use crate::npm::Document;
use crate::outage;
use crate::pages::Pages;
use crate::pypi::{Extractions, Project, Roots};
use crate::record::{Current, Key, Record, Records};
use crate::settings::Settings;
use crate::siblings::{self, Siblings};
use crate::trace;
use crate::upstream::Upstreams;
use crate::vet::Vetter;
use crate::web::{Caller, Limits};

/// A gate cannot be opened.
#[derive(Debug, Error)]
pub enum GateError {
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The disk.
    #[error(transparent)]
    File(#[from] files::FileError),
    /// The object store.
    #[error(transparent)]
    Objects(#[from] ObjectError),
    /// A file.
    #[error("{0}")]
    Blob(String),
    /// An upstream.
    #[error(transparent)]
    Upstream(#[from] foretaste_registry::RegistryError),
    /// The address.
    #[error(transparent)]
    Listen(#[from] foretaste_io::ListenError),
    /// What it was told, or what it found, does not fit.
    #[error("{0}")]
    Unfit(String),
    /// Serving broke off.
    #[error("serving broke off: {0}")]
    Serve(String),
}

/// What a gate is made of.
pub struct GateOptions {
    /// `gate.toml`.
    pub settings: Settings,
    /// The organisation's own names in `foretaste.toml`.
    pub internal_names: Vec<String>,
    /// Variables, home, working directory: upstreams are found in it as clients find them.
    pub environment: Environment,
    /// How the network is used.
    pub http: HttpOptions,
    /// Who vets.
    pub vetter: Arc<dyn Vetter>,
    /// Who tells people when a verdict on what was served became worse.
    pub alarm: Option<Arc<dyn Alarm>>,
    /// Advisories on this machine, to answer `npm audit`.
    pub advisories: Option<Advisories>,
    /// True for the gate of one command: whoever runs it can reach what its upstreams name anyway, also in a private
    /// network.
    pub serves_itself_alone: bool,
}

/// An open gate.
pub struct Gate {
    pub(crate) rules: Rules,
    pub(crate) database: Database,
    pub(crate) journal: Journal,
    pub(crate) records: Records,
    pub(crate) pages: Pages,
    pub(crate) projects: Recent<Project>,
    pub(crate) documents: Recent<Document>,
    pub(crate) crates: Recent<Vec<Line>>,
    pub(crate) blobs: Blobs,
    pub(crate) http: HttpClient,
    pub(crate) upstreams: Upstreams,
    pub(crate) vetter: Arc<dyn Vetter>,
    pub(crate) alarm: Option<Arc<dyn Alarm>>,
    pub(crate) flights: Flights<FileKey, Landed, Arrival>,
    pub(crate) mismatches: Mismatches,
    pub(crate) extractions: Extractions,
    pub(crate) roots: Option<Roots>,
    pub(crate) advisories: Option<Advisories>,
    pub(crate) advised: Recent<Advice>,
    pub(crate) metrics: Metrics,
    pub(crate) limits: Limits,
    pub(crate) siblings: Siblings,
    /// None if nothing is traced.
    pub(crate) traces: Option<Arc<trace::Sender>>,
    /// Kept for one command alone.
    pub(crate) left_out: Option<AllLeftOut>,
}

impl Gate {
    /// Opens a gate: its folder and database are made if need be, and upstreams are found.
    ///
    /// # Errors
    /// The folder or the database cannot be used, or an upstream's configuration cannot be read.
    pub async fn open(options: GateOptions) -> Result<Arc<Self>, GateError> {
        let GateOptions {
            settings,
            internal_names,
            environment,
            http,
            vetter,
            alarm,
            advisories,
            serves_itself_alone,
        } = options;
        files::create_dir(&settings.data)?;
        let database = Database::open(&settings.database()).await?;
        let bucket = settings.storage.bucket().map_err(|(key, reason)| {
            let reason = format!("{key}: {reason}");
            GateError::Unfit(reason)
        })?;
        let objects = bucket.map(|bucket| Objects::open(&bucket, &environment, &http));
        let blobs = Blobs::new(settings.files(), objects.transpose()?);
        blobs.sweep()?;
        let upstreams = Upstreams::find(&settings.upstream, &environment).await?;
        let issuers = settings.trusted_publisher.iter().map(|p| &p.issuer);
        let private: Vec<Url> = settings
            .upstream
            .private_hosts
            .iter()
            .chain(issuers)
            .filter_map(|text| Url::parse(text).ok())
            .collect();
        let reach =
            (!serves_itself_alone).then(|| Reach::trusting(upstreams.urls().chain(private.iter())));
        // what one command does is no service's
        let traces = if serves_itself_alone {
            None
        } else {
            trace::Sender::find(&settings.traces, &environment, &http).map_err(GateError::Unfit)?
        };
        let http = HttpClient::new(HttpOptions {
            cache_dir: Some(settings.data.join("upstream")),
            default_freshness: std::time::Duration::from_secs(settings.decide.fresh_seconds.into()),
            remember_missing: false,
            reach,
            ..http
        });
        let limits = Limits::new(settings.access.requests_per_minute);
        let roots = settings.provenance.roots.as_deref();
        let roots = roots.map(Roots::read).transpose()?;
        let siblings = Siblings::of(&database);
        let newest_change = if database.is_shared() {
            Some(database.newest_change().await?)
        } else {
            None
        };
        // such a gate has no time to make verdicts anew: those that are not good any more are as if they were not there
        let current = if serves_itself_alone {
            let edition = vetter.edition().await;
            Some(Current {
                edition,
                since: now(),
            })
        } else {
            None
        };
        let gate = Arc::new(Self {
            rules: Rules::new(&settings, &internal_names).for_one_command(serves_itself_alone),
            journal: Journal::start(database.clone()),
            database,
            records: Records::with(current),
            pages: Pages::default(),
            projects: Recent::default(),
            documents: Recent::default(),
            crates: Recent::default(),
            blobs,
            http,
            upstreams,
            vetter,
            alarm,
            flights: Flights::default(),
            mismatches: Mismatches::default(),
            extractions: Extractions::default(),
            roots,
            advisories,
            advised: Recent::default(),
            metrics: Metrics::default(),
            limits,
            siblings,
            traces,
            left_out: serves_itself_alone.then(AllLeftOut::default),
        });
        if let Some(newest) = newest_change {
            tokio::spawn(siblings::listen(Arc::downgrade(&gate), newest));
        }
        Ok(gate)
    }

    /// The settings.
    pub const fn settings(&self) -> &Settings {
        self.rules.settings()
    }

    /// Where it keeps everything.
    pub fn folder(&self) -> &PathBuf {
        &self.settings().data
    }

    /// What it found to say about its upstreams, one line each.
    pub fn notices(&self) -> &[String] {
        &self.upstreams.notices
    }

    /// Writes down what is still in memory.
    pub async fn close(&self) {
        self.journal.flush().await;
        if let Some(traces) = &self.traces {
            traces.flush().await;
        }
        self.database.close().await;
    }

    /// The tokens, as somebody on this machine changes them.
    pub fn tokens(&self) -> Tokens {
        Tokens::of(self.database.clone())
    }

    /// The newest lines of the log.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn events(
        &self,
        kind: Option<EventKind>,
        limit: u32,
    ) -> Result<Vec<Event>, GateError> {
        self.journal.flush().await;
        Ok(self
            .database
            .events(kind.map(EventKind::id), None, limit)
            .await?)
    }

    /// Names the newest line of the log.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn newest_event(&self) -> Result<i64, GateError> {
        self.journal.flush().await;
        Ok(self.database.newest_event().await?)
    }

    /// The lines of the log after one that was the newest, the newest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn events_after(&self, newest: i64, limit: u32) -> Result<Vec<Event>, GateError> {
        self.journal.flush().await;
        Ok(self.database.events_after(newest, limit).await?)
    }

    /// Why indexes could not be had since this gate was opened. Only the gate of one command remembers it.
    pub fn troubles(&self) -> Vec<String> {
        self.left_out
            .as_ref()
            .map_or_else(Vec::new, AllLeftOut::troubles)
    }

    /// What indexes left out since this gate was opened. Only the gate of one command remembers it.
    pub fn left_out(&self) -> Vec<LeftOut> {
        self.left_out
            .as_ref()
            .map_or_else(Vec::new, AllLeftOut::all)
    }

    pub(crate) async fn record(&self, key: &Key) -> DatabaseResult<Arc<Record>> {
        self.records.get(&self.database, key).await
    }

    /// Forgets what is kept in memory about a package, because something about it was changed here.
    pub(crate) fn touch(&self, key: &Key) {
        self.forget(key);
        self.siblings.tell(key);
    }

    /// Forgets what is kept in memory about a package.
    pub(crate) fn forget(&self, key: &Key) {
        self.records.touch(key);
        self.pages.forget(key);
    }

    /// Lets go of what is kept in memory and out of date.
    pub(crate) fn sweep(&self) {
        outage::tell_left_out();
        self.pages.sweep();
        self.projects.sweep();
        self.documents.sweep();
        self.crates.sweep();
        self.advised.sweep();
    }

    /// Forgets what is kept in memory.
    pub(crate) fn forget_everything(&self) {
        self.records.clear();
        self.pages.clear();
    }

    /// True if a name is the organisation's own: because the settings say so, or because something was published under it.
    pub(crate) fn owns(&self, key: &Key, record: &Record) -> bool {
        record.owned || self.rules.owns(key.0, &key.1)
    }

    /// Logs something that no client caused.
    pub(crate) async fn log(
        &self,
        kind: EventKind,
        release: Option<&ReleaseId>,
        outcome: &str,
        reason: &str,
        who: &str,
    ) {
        let (ecosystem, name, version) = release.map_or_else(Default::default, |r| {
            (
                r.ecosystem.id().to_owned(),
                r.name.as_str().to_owned(),
                r.version.to_string(),
            )
        });
        let event = Event {
            at: now(),
            kind: kind.id().to_owned(),
            ecosystem,
            name,
            version,
            outcome: outcome.to_owned(),
            reason: reason.to_owned(),
            who: who.to_owned(),
            ..Event::default()
        };
        self.journal.add(event).await;
    }

    /// Logs what a client was told about a file.
    pub(crate) async fn log_download(&self, ruling: &Ruling, release: &ReleaseId, caller: &Caller) {
        let outcome = if ruling.dry_run {
            "serve (dry run)"
        } else {
            ruling.outcome.id()
        };
        self.metrics.decided(release.ecosystem, ruling);
        let event = Event {
            at: now(),
            kind: EventKind::Download.id().to_owned(),
            ecosystem: release.ecosystem.id().to_owned(),
            name: release.name.as_str().to_owned(),
            version: release.version.to_string(),
            filename: ruling.filename.clone(),
            outcome: outcome.to_owned(),
            reason: ruling.reason.clone(),
            decision: ruling.id.clone(),
            who: caller.principal.name().to_owned(),
            client: caller.client.clone(),
            again: 0,
        };
        self.journal.add(event).await;
    }

    /// The principal behind a token's text.
    pub(crate) async fn recognise(&self, text: &str) -> DatabaseResult<Option<Principal>> {
        identity::recognise(&self.database, text).await
    }
}

/// The key of a package, however it is spelt. Case does not tell crates apart; `-` and `_` are two names to their index.
pub(crate) fn key(ecosystem: Ecosystem, name: &str) -> Key {
    let name = if ecosystem == Ecosystem::Cargo {
        PackageName::new(ecosystem, &name.to_ascii_lowercase())
    } else {
        PackageName::new(ecosystem, name)
    };
    (ecosystem, name)
}
