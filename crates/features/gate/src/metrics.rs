//! Counters, in the text format of Prometheus.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use foretaste_model::{Ecosystem, Verdict};

use crate::decide::{Outcome, Ruling};

/// The ecosystems that are served.
pub(crate) const SERVED: [Ecosystem; 3] = [Ecosystem::Pypi, Ecosystem::Npm, Ecosystem::Cargo];

/// What was counted since the start.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    pages: [AtomicU64; 3],
    served: [AtomicU64; 3],
    refused: [AtomicU64; 3],
    fetches: [AtomicU64; 3],
    fetched_bytes: [AtomicU64; 3],
    mismatches: AtomicU64,
    verdicts: [AtomicU64; 5],
    vetting_micros: AtomicU64,
}

fn slot(ecosystem: Ecosystem) -> usize {
    SERVED.iter().position(|e| *e == ecosystem).unwrap_or(0)
}

fn add(counter: &AtomicU64, by: u64) {
    counter.fetch_add(by, Ordering::Relaxed);
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

impl Metrics {
    pub(crate) fn page(&self, ecosystem: Ecosystem) {
        add(&self.pages[slot(ecosystem)], 1);
    }

    pub(crate) fn decided(&self, ecosystem: Ecosystem, ruling: &Ruling) {
        let counters = if ruling.outcome == Outcome::Serve {
            &self.served
        } else {
            &self.refused
        };
        add(&counters[slot(ecosystem)], 1);
    }

    pub(crate) fn fetched(&self, ecosystem: Ecosystem, bytes: u64) {
        add(&self.fetches[slot(ecosystem)], 1);
        add(&self.fetched_bytes[slot(ecosystem)], bytes);
    }

    pub(crate) fn mismatch(&self) {
        add(&self.mismatches, 1);
    }

    pub(crate) fn vetted(&self, verdict: Verdict, time: Duration) {
        let at = Verdict::ALL.iter().position(|v| *v == verdict).unwrap_or(0);
        add(&self.verdicts[at], 1);
        add(
            &self.vetting_micros,
            time.as_micros().try_into().unwrap_or(u64::MAX),
        );
    }

    /// Mismatching digests seen since the start.
    pub(crate) fn mismatches(&self) -> u64 {
        read(&self.mismatches)
    }

    /// The exposition.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        let by_ecosystem: [(&str, &str, &[AtomicU64; 3]); 5] = [
            ("pages_total", "Index pages answered", &self.pages),
            ("files_served_total", "Files served", &self.served),
            (
                "files_refused_total",
                "Files refused or held",
                &self.refused,
            ),
            (
                "upstream_fetches_total",
                "Files fetched from upstreams",
                &self.fetches,
            ),
            (
                "upstream_bytes_total",
                "Bytes fetched from upstreams",
                &self.fetched_bytes,
            ),
        ];
        for (name, help, counters) in by_ecosystem {
            head(&mut out, name, help);
            for (ecosystem, counter) in SERVED.iter().zip(counters) {
                let _ = writeln!(
                    out,
                    "foretaste_gate_{name}{{ecosystem=\"{}\"}} {}",
                    ecosystem.id(),
                    read(counter)
                );
            }
        }
        head(&mut out, "verdicts_total", "Vettings by verdict");
        for (verdict, counter) in Verdict::ALL.iter().zip(&self.verdicts) {
            let _ = writeln!(
                out,
                "foretaste_gate_verdicts_total{{verdict=\"{verdict}\"}} {}",
                read(counter)
            );
        }
        head(&mut out, "vetting_seconds_total", "Time spent vetting");
        let seconds = Duration::from_micros(read(&self.vetting_micros)).as_secs_f64();
        let _ = writeln!(out, "foretaste_gate_vetting_seconds_total {seconds}");
        head(
            &mut out,
            "digest_mismatches_total",
            "Files whose bytes were not those that the index names",
        );
        let _ = writeln!(
            out,
            "foretaste_gate_digest_mismatches_total {}",
            self.mismatches()
        );
        out
    }
}

fn head(out: &mut String, name: &str, help: &str) {
    let _ = writeln!(out, "# HELP foretaste_gate_{name} {help}.");
    let _ = writeln!(out, "# TYPE foretaste_gate_{name} counter");
}
