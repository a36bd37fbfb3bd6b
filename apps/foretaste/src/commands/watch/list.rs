//! What stands in the book.

use std::fmt::Write as _;

use anyhow::Result;
use foretaste_model::report::Summary;
use foretaste_model::words::counted;
use foretaste_report::escape::visible;
use foretaste_watch::Contents;
use serde_json::json;

pub(super) fn human(contents: &Contents) -> String {
    let mut out = String::new();
    if contents.watched.is_empty() {
        out.push_str("nothing is watched\n");
    }
    for watched in &contents.watched {
        let judged = watched.judged.map_or_else(
            || "not judged yet".to_owned(),
            |t| format!("judged {}", t.strftime("%Y-%m-%d %H:%M UTC")),
        );
        let worst = watched
            .state
            .iter()
            .flat_map(|s| s.releases.values())
            .map(|r| r.verdict)
            .max();
        let _ = writeln!(
            out,
            "{}  {}, {}{}",
            visible(&watched.target),
            judged,
            counted(
                watched.state.as_ref().map_or(0, |s| s.releases.len()),
                "release"
            ),
            worst
                .map(|v| format!(", worst {}", v.id()))
                .unwrap_or_default()
        );
    }
    if !contents.sinks.is_empty() {
        out.push_str("\ntold\n");
    }
    for sink in &contents.sinks {
        let quiet = sink
            .quiet
            .clone()
            .map(|q| format!(", quiet {}", String::from(q)));
        let _ = writeln!(
            out,
            "  {}: {}, from {}{}",
            visible(&sink.name),
            visible(&sink.kind.shown()),
            sink.severity.id(),
            quiet.unwrap_or_default()
        );
    }
    if !contents.outbox.is_empty() {
        out.push_str("\nstill to be told\n");
    }
    for pending in &contents.outbox {
        let why = pending
            .last_error
            .as_deref()
            .map(|e| format!(": {}", visible(e)));
        let _ = writeln!(
            out,
            "  {}: {} (tried {}{})",
            visible(&pending.sink),
            pending.message.subject(),
            counted(pending.attempts, "time"),
            why.unwrap_or_default()
        );
    }
    out
}

/// Without URLs, which may be secrets.
pub(super) fn json(contents: &Contents) -> Result<String> {
    let sinks: Vec<_> = contents
        .sinks
        .iter()
        .map(|s| json!({"name": s.name, "what": s.kind.shown(), "severity": s.severity, "quiet": s.quiet}))
        .collect();
    let value = json!({
        "schema": "foretaste-watch-list/1",
        "watched": contents.watched,
        "sinks": sinks,
        "outbox": contents.outbox,
    });
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}

/// `2 block, 1 note`.
pub(super) fn summary(of: &Summary) -> String {
    let parts = [
        (of.block, "block"),
        (of.review, "review"),
        (of.incomplete, "incomplete"),
        (of.note, "note"),
        (of.clear, "clear"),
    ];
    let told: Vec<String> = parts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{n} {word}"))
        .collect();
    told.join(", ")
}
