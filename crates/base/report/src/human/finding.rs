//! One finding: a labelled line, and its evidence.

use foretaste_model::words::counted;
use foretaste_model::{Evidence, EvidenceRole, Finding};

use super::canvas::{Canvas, Entry};
use super::{Detail, release, snippet};
use crate::select;
use crate::{RuleInfo, RuleLookup};

/// So many places of one finding are shown unless all are asked for.
const PLACES: usize = 6;

/// Even then no more than this.
const MOST_PLACES: usize = 40;

/// A finding to be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown<'a> {
    pub(super) finding: &'a Finding,
    /// How many more findings of its rule there are that are not written.
    further: usize,
    info: Option<RuleInfo>,
    pub(super) label: &'static str,
}

impl<'a> Shown<'a> {
    pub(super) fn new(finding: &'a Finding, further: usize, rules: RuleLookup<'_>) -> Self {
        let info = rules(&finding.rule);
        Self {
            finding,
            further,
            info,
            label: release::rule_label(info),
        }
    }

    /// True if its evidence is drawn as a snippet.
    pub(super) fn has_place(&self) -> bool {
        self.finding.evidence.iter().any(snippet::is_drawn)
    }
}

/// Writes a finding. `said` means that the reader has just read its message; `evidence` asks for the places.
pub(super) fn write(
    canvas: &mut Canvas,
    label_width: usize,
    shown: &Shown<'_>,
    said: bool,
    evidence: bool,
) {
    let finding = shown.finding;
    let text = match shown.info {
        Some(info) if said => info.meta.title.to_owned(),
        _ => select::message_in_context(finding),
    };
    let right = format!(
        "{} · {}",
        finding.rule,
        select::confidence(finding.confidence)
    );
    let entry = Entry {
        label: shown.label.to_owned(),
        text: canvas.clean(&text),
        right: canvas.clean(&right),
    };
    canvas.entry(label_width, &entry);
    if evidence {
        let indent = canvas.text_column(label_width);
        places(canvas, finding, shown.further, indent, &text);
        if shown.has_place() {
            canvas.gap();
        }
    }
}

/// Writes the evidence: snippets, and below them what stands in no source text, indented.
pub(super) fn places(
    canvas: &mut Canvas,
    finding: &Finding,
    further: usize,
    indent: usize,
    said: &str,
) {
    let limit = if canvas.detail == Detail::Verbose {
        MOST_PLACES
    } else {
        PLACES
    };
    let (triggers, places): (Vec<&Evidence>, Vec<&Evidence>) = finding
        .evidence
        .iter()
        .partition(|e| e.role == EvidenceRole::Trigger);
    let (drawn, told): (Vec<&Evidence>, Vec<&Evidence>) =
        places.into_iter().partition(|e| snippet::is_drawn(e));
    let mut rest = drawn.len().saturating_sub(limit);
    let home = drawn.last().map(|e| snippet::file(e)).unwrap_or_default();
    let mut footers: Vec<String> = triggers.iter().map(|e| trigger(e, &home)).collect();
    if footers.is_empty()
        && let Some(context) = finding.context
    {
        footers.push(format!("runs {}", context.phrase()));
    }
    let drawn: Vec<&Evidence> = drawn.into_iter().take(limit).collect();
    if drawn.is_empty() {
        for text in triggers.iter().map(|e| trigger(e, "")) {
            let text = canvas.clean(&text);
            canvas.bullet(indent, &text);
        }
    } else {
        snippet::draw(canvas, &drawn, &footers);
    }
    for evidence in told.iter().take(limit) {
        let text = tell(evidence);
        if !text.is_empty() && text != said && text != *finding.message {
            let text = canvas.clean(&text);
            canvas.bullet(indent, &text);
        }
    }
    rest += told.len().saturating_sub(limit) + further;
    if rest > 0 {
        let text = canvas.clean(&format!("and {}", counted(rest, "more place")));
        canvas.bullet(indent, &text);
    }
}

/// How the code gets to run; `home` is the file that the reader has just seen.
fn trigger(evidence: &Evidence, home: &str) -> String {
    let code = evidence.snippet.trim().trim_end_matches([',', ';']);
    let mut text = evidence.note.to_string();
    if !code.is_empty() {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(code);
    }
    let place = match evidence.span {
        Some(span) if snippet::file(evidence) == home => format!("line {}", span.line),
        _ => place(evidence),
    };
    match (text.is_empty(), place.is_empty()) {
        (true, _) => place,
        (false, true) => text,
        (false, false) => format!("{text} ({place})"),
    }
}

/// Evidence without source text, in words.
fn tell(evidence: &Evidence) -> String {
    let place = place(evidence);
    match (place.is_empty(), evidence.note.is_empty()) {
        (true, _) => evidence.note.to_string(),
        (false, true) => place,
        (false, false) => format!("{place}: {}", evidence.note),
    }
}

/// `artifact/path:line`.
fn place(evidence: &Evidence) -> String {
    let file = snippet::file(evidence);
    match evidence.span {
        Some(span) if !file.is_empty() => format!("{file}:{}", span.line),
        _ => file,
    }
}
