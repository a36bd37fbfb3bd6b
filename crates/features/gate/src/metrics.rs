//! Counters, in the text format of Prometheus.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use foretaste_model::{Ecosystem, Verdict};

use crate::decide::{Outcome, Ruling};
use crate::journal::Lines;

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
    /// Decisions about files that were asked for, by how long they took: see [`WITHIN`].
    decisions: [AtomicU64; 5],
    decision_nanos: AtomicU64,
}

/// The upper bounds of decision times, in microseconds, as Prometheus writes them.
const WITHIN: [(u64, &str); 4] = [
    (10, "0.00001"),
    (100, "0.0001"),
    (1_000, "0.001"),
    (10_000, "0.01"),
];

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

    /// Counts a decision at serve time.
    pub(crate) fn decision(&self, time: Duration) {
        let within = |(micros, _): &(u64, &str)| time <= Duration::from_micros(*micros);
        let at = WITHIN.iter().position(within).unwrap_or(WITHIN.len());
        add(&self.decisions[at], 1);
        let nanos = time.as_nanos().try_into().unwrap_or(u64::MAX);
        add(&self.decision_nanos, nanos);
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

    /// The exposition, with the state of the log, and how many spans were sent and dropped if requests are traced.
    pub(crate) fn text(&self, log: Lines, spans: Option<(u64, u64)>) -> String {
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
        self.decision_text(&mut out);
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
        head(
            &mut out,
            "log_lost_total",
            "Events that were lost because the log could not be written",
        );
        let _ = writeln!(out, "foretaste_gate_log_lost_total {}", log.lost);
        let _ = writeln!(
            out,
            "# HELP foretaste_gate_log_waiting Lines of the log that wait to be written.\n# TYPE foretaste_gate_log_waiting gauge\nforetaste_gate_log_waiting {}",
            log.waiting
        );
        if let Some((sent, dropped)) = spans {
            for (name, help, count) in [
                ("spans_sent_total", "Spans that the collector took", sent),
                (
                    "spans_dropped_total",
                    "Spans that there was no room or no collector for",
                    dropped,
                ),
            ] {
                head(&mut out, name, help);
                let _ = writeln!(out, "foretaste_gate_{name} {count}");
            }
        }
        out
    }
}

impl Metrics {
    fn decision_text(&self, out: &mut String) {
        let name = "foretaste_gate_decision_seconds";
        let _ = writeln!(
            out,
            "# HELP {name} Time to decide about a file that was asked for.\n# TYPE {name} histogram"
        );
        let mut total = 0;
        for (counter, bound) in self
            .decisions
            .iter()
            .zip(WITHIN.map(|(_, text)| text).iter().chain(&["+Inf"]))
        {
            total += read(counter);
            let _ = writeln!(out, "{name}_bucket{{le=\"{bound}\"}} {total}");
        }
        let sum = Duration::from_nanos(read(&self.decision_nanos)).as_secs_f64();
        let _ = writeln!(out, "{name}_sum {sum}\n{name}_count {total}");
    }
}

fn head(out: &mut String, name: &str, help: &str) {
    let _ = writeln!(out, "# HELP foretaste_gate_{name} {help}.");
    let _ = writeln!(out, "# TYPE foretaste_gate_{name} counter");
}
