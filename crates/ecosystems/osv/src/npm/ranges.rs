//! A record's versions as an expression of node-semver, which npm evaluates with `includePrerelease`.

use foretaste_model::{Ecosystem, ReleaseId};

use crate::version::Version;
use crate::{Event, Range, Record};

/// Bytes of an expression; npm's own parser takes time for long ones.
const MAX_EXPRESSION: usize = 16 << 10;

/// The versions that a record covers. What cannot be said as an expression is `*`: npm asks again for no version, so
/// that too wide is safer than too narrow.
pub(super) fn vulnerable(record: &Record, release: &ReleaseId) -> String {
    let mut parts: Vec<String> = Vec::new();
    for affected in record.about(release) {
        for version in &affected.versions {
            if let Some(version) = plain(version) {
                parts.push(version);
            }
        }
        for range in &affected.ranges {
            match expression(range) {
                Some(found) => parts.extend(found),
                None => return "*".to_owned(),
            }
        }
        if affected.versions.is_empty() && affected.ranges.is_empty() {
            return "*".to_owned();
        }
    }
    parts.sort();
    parts.dedup();
    let joined = parts.join(" || ");
    if joined.is_empty() || joined.len() > MAX_EXPRESSION || parts.iter().any(|p| p == "*") {
        "*".to_owned()
    } else {
        joined
    }
}

/// The first fixed versions and those after them, or npm's word for "none".
pub(super) fn patched(record: &Record, release: &ReleaseId) -> String {
    let mut parts: Vec<String> = record
        .about(release)
        .flat_map(crate::Affected::fixed)
        .filter_map(plain)
        .map(|v| format!(">={v}"))
        .collect();
    parts.dedup();
    if parts.is_empty() {
        "<0.0.0".to_owned()
    } else {
        parts.join(" || ")
    }
}

fn plain(text: &str) -> Option<String> {
    match Version::read(Ecosystem::Npm, text)? {
        Version::Semantic(version) => Some(version.to_string()),
        _ => None,
    }
}

/// One conjunction for each covered stretch; none if a boundary cannot be read or the range has limits.
fn expression(range: &Range) -> Option<Vec<String>> {
    let mut events: Vec<(Option<Version>, u8, &str)> = Vec::new();
    for event in &range.events {
        let (text, rank) = match event {
            Event::Introduced(v) => (v, 0),
            Event::Fixed(v) => (v, 1),
            Event::LastAffected(v) => (v, 2),
            Event::Limit(v) if &**v == "*" => continue,
            Event::Limit(_) => return None,
        };
        let version = if &**text == "0" {
            None
        } else {
            Some(Version::read(Ecosystem::Npm, text)?)
        };
        events.push((version, rank, text));
    }
    events.sort_by(|(a, x, _), (b, y, _)| {
        let order = match (a, b) {
            (None, None) => std::cmp::Ordering::Equal,
            (None, Some(_)) => std::cmp::Ordering::Less,
            (Some(_), None) => std::cmp::Ordering::Greater,
            (Some(a), Some(b)) => a.order(b).unwrap_or(std::cmp::Ordering::Equal),
        };
        order.then(x.cmp(y))
    });
    let mut parts = Vec::new();
    let mut from: Option<Option<String>> = None;
    for (version, rank, text) in events {
        match (rank, &from) {
            (0, None) => {
                from = Some(match version {
                    None => None,
                    Some(_) => Some(plain(text)?),
                });
            }
            (1 | 2, Some(start)) => {
                let end = match version {
                    None => None,
                    Some(_) => Some(plain(text)?),
                };
                let operator = if rank == 1 { "<" } else { "<=" };
                let end = end.map_or_else(|| "<0.0.0-0".to_owned(), |v| format!("{operator}{v}"));
                parts.push(match start {
                    Some(start) => format!(">={start} {end}"),
                    None => end,
                });
                from = None;
            }
            _ => {}
        }
    }
    match from {
        Some(Some(start)) => parts.push(format!(">={start}")),
        Some(None) => parts.push("*".to_owned()),
        None => {}
    }
    Some(parts)
}
