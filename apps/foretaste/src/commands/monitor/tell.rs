//! Sends what was seen to those who collect it.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use foretaste_io::{Environment, HttpClient, HttpOptions, files};
use foretaste_model::Verdict;
use foretaste_monitor::export::{Exporter, Place, metrics, serve_metrics};
use foretaste_monitor::{Figures, Report, Session};
use foretaste_watch::{Book, Event, EventKind, Sender, deliver};
use jiff::Timestamp;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::args::TellOptions;
use crate::printer::Printer;
use crate::process;

/// Whom to tell.
pub(super) struct Tell<'a> {
    options: &'a TellOptions,
    exporter: Option<Exporter>,
    runtime: Runtime,
    served: Arc<Mutex<String>>,
    environment: Environment,
}

impl<'a> Tell<'a> {
    /// Understands the options, and begins to serve counters.
    pub(super) fn new(options: &'a TellOptions, environment: &Environment) -> Result<Self> {
        let places: Vec<Place> = options
            .export
            .iter()
            .map(|place| place.parse())
            .collect::<Result<_, _>>()?;
        let served = Arc::new(Mutex::new(String::new()));
        if let Some(address) = options.metrics_listen {
            serve_metrics(address, served.clone())?;
        }
        let http = HttpClient::new(HttpOptions::from_environment(environment));
        Ok(Self {
            options,
            exporter: (!places.is_empty())
                .then(|| Exporter::new(places, http, environment.clone())),
            runtime: process::single()?,
            served,
            environment: environment.clone(),
        })
    }

    /// Sends what is new, and renews the counters.
    pub(super) fn fresh(&self, session: &mut Session) {
        if self.exporter.is_some() {
            self.lines(&session.lines());
        }
        let figures = session.figures();
        if self.options.metrics.is_some() || self.options.metrics_listen.is_some() {
            self.counters(&metrics(&figures, &[], &[]));
        }
    }

    fn lines(&self, lines: &[Value]) {
        let Some(exporter) = &self.exporter else {
            return;
        };
        for error in self.runtime.block_on(exporter.send(lines)) {
            Printer::warn(&format!("events were not exported: {error}"));
        }
    }

    fn counters(&self, text: &str) {
        text.clone_into(&mut self.served.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(path) = &self.options.metrics
            && let Err(error) = files::write_atomic(path, text.as_bytes())
        {
            Printer::warn(&format!("counters were not written: {error}"));
        }
    }

    /// Sends the rest, and tells the sinks what was found.
    pub(super) fn last(&self, report: &Report, lines: &[Value]) {
        self.lines(lines);
        let figures = Figures::from(report);
        self.counters(&metrics(&figures, &report.installs, &report.findings));
        if self.options.sinks
            && let Err(error) = self.sinks(report)
        {
            Printer::warn(&format!("the sinks were not told: {error}"));
        }
    }

    fn sinks(&self, report: &Report) -> Result<()> {
        let events: Vec<Event> = report
            .findings
            .iter()
            .filter(|finding| finding.verdict > Verdict::Note)
            .map(|finding| Event {
                kind: EventKind::NewFinding,
                release: report.watched.clone(),
                level: finding.verdict,
                before: None,
                now: Some(finding.verdict),
                findings: finding
                    .details
                    .iter()
                    .map(|detail| format!("{}: {detail}", finding.rule))
                    .collect(),
                advice: None,
                path: Vec::new(),
            })
            .collect();
        if events.is_empty() {
            return Ok(());
        }
        let now = Timestamp::now();
        let book = Book::of_user(&self.environment)?;
        // written down first: what is not taken now is told by the next `foretaste watch run`
        let id = format!("monitor-{}", report.began.as_microsecond());
        let told =
            book.change(|contents| contents.tell(&report.watched, &events, now, |_| id.clone()))?;
        if told == 0 {
            return Ok(());
        }
        let sender = Sender {
            http: HttpClient::new(HttpOptions::from_environment(&self.environment)),
            environment: self.environment.clone(),
        };
        let done = self.runtime.block_on(deliver(&book, &sender, now))?;
        for failure in done.failures {
            Printer::warn(&format!(
                "`{}` was not told: {}; `foretaste watch run --once` tries again from {}",
                failure.sink,
                failure.why,
                failure.next.strftime("%Y-%m-%d %H:%M UTC")
            ));
        }
        Ok(())
    }
}
