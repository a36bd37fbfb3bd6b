//! Counters in Prometheus' text format.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::installs::Install;
use crate::session::Figures;

/// Writes the counters.
pub fn metrics(
    figures: &Figures,
    installs: &[Install],
    findings: &[foretaste_behaviour::BehaviourFinding],
) -> String {
    let mut text = String::new();
    let mut counter = |name: &str, help: &str, value: u64| {
        let _ = write!(
            text,
            "# HELP foretaste_monitor_{name} {help}\n# TYPE foretaste_monitor_{name} counter\nforetaste_monitor_{name} {value}\n"
        );
    };
    counter(
        "programs_total",
        "Programs that were started.",
        figures.programs,
    );
    counter(
        "connections_total",
        "Connections and datagrams.",
        figures.counts.connections,
    );
    counter(
        "names_total",
        "Names that were looked up.",
        figures.counts.names,
    );
    counter(
        "egress_alerts_total",
        "Connections and names that are not on the allow-list and were let through.",
        figures.counts.alerts,
    );
    counter(
        "egress_blocked_total",
        "Connections and names that were stopped.",
        figures.counts.blocked,
    );
    counter(
        "events_lost_total",
        "Events that were not seen or kept.",
        figures.lost,
    );
    let mut by_status: BTreeMap<String, u64> = BTreeMap::new();
    for install in installs {
        let status = serde_json::to_value(install.status)
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned));
        let key = format!(
            "ecosystem=\"{}\",status=\"{}\"",
            install.ecosystem.id(),
            status.unwrap_or_default()
        );
        *by_status.entry(key).or_default() += 1;
    }
    text += "# HELP foretaste_monitor_installs_total Packages that were installed, by how they stand to the lock.\n# TYPE foretaste_monitor_installs_total counter\n";
    for (labels, count) in by_status {
        let _ = writeln!(text, "foretaste_monitor_installs_total{{{labels}}} {count}");
    }
    text += "# HELP foretaste_monitor_findings Findings, by rule.\n# TYPE foretaste_monitor_findings gauge\n";
    for finding in findings {
        let _ = writeln!(
            text,
            "foretaste_monitor_findings{{rule=\"{}\",verdict=\"{}\"}} {}",
            finding.rule,
            finding.verdict.id(),
            finding.details.len()
        );
    }
    text
}
