//! From offsets to evidence.

use foretaste_model::facts::Snippet;
use foretaste_model::span::LineIndex;
use foretaste_model::{Evidence, EvidenceRole, Span};

use super::Hit;

/// Places that one match shows.
const MAX_PLACES: usize = 4;

/// Where the scanned bytes stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) artifact: &'a str,
    pub(crate) path: &'a str,
    pub(crate) layer: &'a [Box<str>],
    /// Where the layer stands in the file.
    pub(crate) outer: Option<Span>,
}

/// The evidence of a match: the places of its strings, or the file if it has none.
pub(crate) fn of(hit: &Hit, bytes: &[u8], place: Place<'_>) -> Vec<Evidence> {
    let text = std::str::from_utf8(bytes)
        .ok()
        .filter(|t| !t.contains('\0'));
    let index = text.map(LineIndex::new);
    let mut places = hit.places.clone();
    places.sort_by_key(|(_, offset, _)| *offset);
    // one place for each string says more than one string many times
    let mut seen = Vec::new();
    places.retain(|(name, _, _)| {
        let new = !seen.contains(name);
        if new {
            seen.push(name.clone());
        }
        new
    });
    let mut evidence: Vec<Evidence> = places
        .into_iter()
        .take(MAX_PLACES)
        .map(|(name, offset, length)| one(&name, (offset, length), index.as_ref(), place))
        .collect();
    if evidence.is_empty() {
        evidence.push(one("", (0, 0), None, place));
    }
    evidence
}

fn one(
    name: &str,
    (offset, length): (usize, usize),
    index: Option<&LineIndex<'_>>,
    place: Place<'_>,
) -> Evidence {
    let note = match (name.trim_start_matches('$'), index) {
        ("", _) => "matches".to_owned(),
        (name, Some(_)) => format!("${name}"),
        (name, None) => format!("${name} at byte {offset}"),
    };
    let mut evidence = Evidence::file(place.artifact, place.path, note);
    evidence.layer = place.layer.to_vec();
    evidence.role = EvidenceRole::Site;
    let Some(index) = index else {
        evidence.span = place.outer;
        return evidence;
    };
    let end = (offset + length).min(index.text().len());
    let span = index.span(offset as u32, end as u32);
    let line = index.line(span.line);
    let first = span.column.saturating_sub(40).max(1);
    evidence.snippet = line
        .chars()
        .skip(first as usize - 1)
        .take(Snippet::MAX_CHARS)
        .collect::<String>()
        .into();
    evidence.snippet_column = first;
    evidence.span = place.outer.or(Some(span));
    evidence
}
