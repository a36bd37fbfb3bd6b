//! The report for people: the verdict, what decided it, what was installed, who was reached, and what was not seen.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use foretaste_behaviour::{Access, Action, text};
use foretaste_model::Verdict;
use foretaste_model::words::counted;
use foretaste_report::escape::visible;

use super::Report;
use crate::installs::Install;

/// Details of one finding that are shown unless everything is asked for.
const MAX_DETAILS: usize = 6;
/// Installs that are shown unless everything is asked for.
const MAX_INSTALLS: usize = 12;
/// Hosts that are shown unless everything is asked for.
const MAX_HOSTS: usize = 12;

/// Writes the report.
pub fn write(report: &Report, everything: bool) -> String {
    let reached = reached(report);
    let mut text = head(report, reached.len());
    text += &text::findings(&report.findings, everything, MAX_DETAILS, |finding| {
        text::each(&report.events, finding, |entry| chain(report, entry))
    });
    installs(report, everything, &mut text);
    hosts(&reached, everything, &mut text);
    sources(report, everything, &mut text);
    text
}

fn head(report: &Report, hosts: usize) -> String {
    let mark = match report.verdict {
        Verdict::Block => "✗",
        Verdict::Clear | Verdict::Note => "✓",
        _ => "!",
    };
    let ended = report
        .exit_code
        .map(|code| format!(", exit {code}"))
        .unwrap_or_default();
    format!(
        "{mark} {}  {}: {} in {:.1} s, {} installed, {} reached{ended}\n",
        report.verdict.id().to_uppercase(),
        visible(&report.watched),
        counted(report.processes.len(), "program"),
        report.took as f64 / 1e6,
        counted(report.installs.len(), "package"),
        counted(hosts, "host"),
    )
}

fn installs(report: &Report, everything: bool, text: &mut String) {
    if report.installs.is_empty() {
        return;
    }
    let against = match &*report.locks {
        [] => "no lock to compare with".to_owned(),
        files => format!(
            "compared with {}",
            files
                .iter()
                .map(|f| visible(f))
                .collect::<Vec<_>>()
                .join(", ")
        ),
    };
    let _ = writeln!(text, "  installed ({against})");
    let mut sorted: Vec<&Install> = report.installs.iter().collect();
    sorted.sort_by_key(|install| std::cmp::Reverse(install.status));
    let shown = if everything { usize::MAX } else { MAX_INSTALLS };
    for install in sorted.iter().take(shown) {
        let from = install
            .index
            .clone()
            .unwrap_or_else(|| install.hosts.join(", "));
        let from = if from.is_empty() {
            String::new()
        } else {
            format!(" from {}", visible(&from))
        };
        let digest = install.digests.first().map_or_else(String::new, |digest| {
            format!(
                " {}:{}",
                digest.algorithm.id(),
                digest.value.chars().take(12).collect::<String>()
            )
        });
        let step = install
            .step
            .as_ref()
            .map(|step| format!(" in step {}", visible(step)))
            .unwrap_or_default();
        let _ = writeln!(
            text,
            "          {}:{} {}{from}{digest}  {}{step}",
            install.ecosystem.id(),
            visible(&install.name),
            visible(&install.version),
            install.status.text(),
        );
    }
    if sorted.len() > shown {
        let _ = writeln!(
            text,
            "          … {} more (-v shows all)",
            sorted.len() - shown
        );
    }
}

/// Hosts and addresses that were reached or tried, with how often.
fn reached(report: &Report) -> BTreeMap<String, (u64, bool)> {
    let mut found: BTreeMap<String, (u64, bool)> = BTreeMap::new();
    for event in &report.events {
        if let Action::Connection {
            address,
            port,
            protocol,
            host,
            access,
            ..
        } = &event.action
        {
            if address.parse().is_ok_and(crate::alert::egress::is_here) {
                continue;
            }
            let to = host.as_deref().unwrap_or(address);
            let entry = found.entry(format!("{to}:{port}/{protocol}")).or_default();
            entry.0 += 1;
            entry.1 |= *access == Access::Denied;
        }
    }
    found
}

fn hosts(found: &BTreeMap<String, (u64, bool)>, everything: bool, text: &mut String) {
    if found.is_empty() {
        return;
    }
    let _ = writeln!(text, "  reached");
    let shown = if everything { usize::MAX } else { MAX_HOSTS };
    for (to, (times, denied)) in found.iter().take(shown) {
        let stopped = if *denied { "  stopped" } else { "" };
        let _ = writeln!(text, "          {} ({times}){stopped}", visible(to));
    }
    if found.len() > shown {
        let _ = writeln!(
            text,
            "          … {} more (-v shows all)",
            found.len() - shown
        );
    }
}

fn sources(report: &Report, everything: bool, text: &mut String) {
    let names: Vec<&str> = report.sources.iter().map(|about| about.name).collect();
    let _ = writeln!(text, "  seen through {}", names.join(", "));
    for about in &report.sources {
        for blind in &about.blind {
            let _ = writeln!(text, "          not seen: {}", visible(blind));
        }
        if everything {
            let _ = writeln!(text, "          {} sees {}", about.name, about.sees);
        }
    }
    for reason in &report.unavailable {
        let _ = writeln!(text, "          not used: {}", visible(reason));
    }
    for gap in &report.gaps {
        let _ = writeln!(text, "  not everything was seen: {}", visible(gap));
    }
    if report.left_out > 0 {
        let _ = writeln!(
            text,
            "  not everything was seen: {}",
            counted(report.left_out, "more event")
        );
    }
}

/// `python3 setup.py ← pip install evil [pypi:evil], in step build`
fn chain(report: &Report, entry: usize) -> String {
    let chain = text::chain(&report.processes, entry);
    let step = report
        .steps
        .get(entry)
        .and_then(Option::as_ref)
        .map(|step| format!(", in step {}", visible(step)))
        .unwrap_or_default();
    format!("{chain}{step}")
}
