//! From somebody else's JSON: what is missing or of another type is absent, never an error.

use foretaste_model::Ecosystem;
use jiff::Timestamp;
use serde_json::Value;

use super::{Affected, Event, Range, Record, Symbols};

/// Ids, versions and the like that are kept of a list.
const MAX_ITEMS: usize = 64;
/// Versions and events that are kept: real records name thousands.
const MAX_VERSIONS: usize = 1 << 16;
/// Packages that are kept of a record.
const MAX_AFFECTED: usize = 4_096;
/// Bytes of a short text.
const MAX_TEXT: usize = 1 << 10;
/// Bytes of the details.
const MAX_DETAILS: usize = 2 << 10;

impl Record {
    /// Reads a record; none if it has no usable id.
    pub fn from_json(json: &Value) -> Option<Self> {
        let id = text(json, "id").filter(|id| is_id(id))?;
        let aliases: Vec<Box<str>> = texts(json, "aliases", MAX_ITEMS)
            .filter(|a| is_id(a) && *a != id)
            .collect();
        let items = list(json, "affected");
        let malware = id.starts_with("MAL-")
            || aliases.iter().any(|a| a.starts_with("MAL-"))
            || is_malware(json)
            || items.iter().any(is_malware);
        let own = || std::iter::once(json).chain(items);
        Some(Self {
            malware,
            modified: time(json, "modified"),
            published: time(json, "published"),
            withdrawn: json.get("withdrawn").is_some_and(|w| !w.is_null()),
            summary: text(json, "summary")
                .or_else(|| {
                    let details = json.get("details")?.as_str()?;
                    clip(details.lines().find(|l| !l.trim().is_empty())?, MAX_TEXT)
                })
                .unwrap_or_default(),
            details: json
                .get("details")
                .and_then(Value::as_str)
                .and_then(|d| clip(d, MAX_DETAILS))
                .unwrap_or_default(),
            vectors: vectors(json),
            word: own()
                .flat_map(|v| [v.get("database_specific"), v.get("ecosystem_specific")])
                .flatten()
                .find_map(|v| text(v, "severity")),
            weaknesses: json
                .get("database_specific")
                .map(|own| texts(own, "cwe_ids", MAX_ITEMS).collect())
                .unwrap_or_default(),
            references: references(json, &id),
            affected: items
                .iter()
                .filter_map(affected)
                .take(MAX_AFFECTED)
                .collect(),
            id,
            aliases,
        })
    }
}

/// Ids name files and stand in URLs and reports.
fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 128
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '.' | '_' | '/'))
}

/// The marks of malware records that were imported from elsewhere.
fn is_malware(value: &Value) -> bool {
    let Some(own) = value.get("database_specific") else {
        return false;
    };
    // CWE-506: embedded malicious code
    own.get("malicious-packages-origins").is_some()
        || list(own, "cwe_ids").iter().any(|c| c == "CWE-506")
        || list(own, "cwes")
            .iter()
            .any(|c| c.get("cweId").is_some_and(|i| i == "CWE-506"))
}

fn vectors(value: &Value) -> Vec<Box<str>> {
    list(value, "severity")
        .iter()
        .filter_map(|s| text(s, "score"))
        .take(MAX_ITEMS)
        .collect()
}

fn references(json: &Value, id: &str) -> Vec<Box<str>> {
    let rank = |kind: Option<&Value>| match kind.and_then(Value::as_str) {
        Some("ADVISORY") => 0,
        Some("WEB") => 1,
        Some("REPORT") => 2,
        _ => 3,
    };
    let mut found: Vec<(u8, Box<str>)> = list(json, "references")
        .iter()
        .filter_map(|r| Some((rank(r.get("type")), text(r, "url")?)))
        .filter(|(_, url)| url.starts_with("https://") || url.starts_with("http://"))
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    if found.first().is_none_or(|(rank, _)| *rank > 1) {
        let page = format!("https://osv.dev/vulnerability/{id}");
        found.insert(0, (0, page.into()));
    }
    found.truncate(8);
    found.into_iter().map(|(_, url)| url).collect()
}

fn affected(value: &Value) -> Option<Affected> {
    let package = value.get("package")?;
    let name = text(package, "name")?;
    let ecosystem = ecosystem(package.get("ecosystem")?.as_str()?)?;
    let ranges = list(value, "ranges")
        .iter()
        .filter(|r| r.get("type").is_none_or(|t| t != "GIT"))
        .map(|r| Range {
            events: list(r, "events")
                .iter()
                .flat_map(events)
                .take(MAX_VERSIONS)
                .collect(),
        })
        .filter(|r| !r.events.is_empty())
        .take(MAX_ITEMS)
        .collect();
    Some(Affected {
        ecosystem,
        name,
        ranges,
        versions: texts(value, "versions", MAX_VERSIONS).collect(),
        vectors: vectors(value),
        symbols: symbols(value),
    })
}

/// The ecosystem behind OSV's word for it; suffixes (`Debian:12`) belong to ecosystems that are not read here.
fn ecosystem(word: &str) -> Option<Ecosystem> {
    Ecosystem::ALL
        .into_iter()
        .find(|e| e.osv().eq_ignore_ascii_case(word))
}

/// An object may name several events.
fn events(value: &Value) -> impl Iterator<Item = Event> {
    let of = |key: &str, make: fn(Box<str>) -> Event| text(value, key).map(make);
    [
        of("introduced", Event::Introduced),
        of("fixed", Event::Fixed),
        of("last_affected", Event::LastAffected),
        of("limit", Event::Limit),
    ]
    .into_iter()
    .flatten()
}

/// One import that is vulnerable: a path, a path with its symbols (Go), or an attribute of modules (PyPA).
fn imported(value: &Value) -> Vec<Symbols> {
    let whole = |path: &str| {
        clip(path, MAX_TEXT).map(|path| Symbols {
            path,
            names: Vec::new(),
        })
    };
    match value {
        Value::String(path) => whole(path).into_iter().collect(),
        _ if value.get("modules").is_some() => {
            let names: Vec<_> = text(value, "attribute").into_iter().collect();
            let modules = texts(value, "modules", MAX_ITEMS);
            modules
                .map(|path| Symbols {
                    path,
                    names: names.clone(),
                })
                .collect()
        }
        _ => text(value, "path")
            .map(|path| Symbols {
                path,
                names: texts(value, "symbols", MAX_ITEMS).collect(),
            })
            .into_iter()
            .collect(),
    }
}

/// `ecosystem_specific.imports` (Go, PyPA), `.affects.functions` and `.affected_functions` (RustSec), `.affected_functions`
/// and `.modules` of others.
fn symbols(value: &Value) -> Vec<Symbols> {
    let Some(own) = value.get("ecosystem_specific") else {
        return Vec::new();
    };
    let mut found: Vec<Symbols> = list(own, "imports")
        .iter()
        .flat_map(imported)
        .take(MAX_ITEMS)
        .collect();
    let functions = [
        Some(own),
        own.get("affects"),
        value.get("database_specific"),
    ];
    let names: Vec<Box<str>> = functions
        .into_iter()
        .flatten()
        .flat_map(|v| ["functions", "affected_functions"].map(|key| (v, key)))
        .flat_map(|(v, key)| match v.get(key) {
            // RustSec's older records map a path to versions
            Some(Value::Object(map)) => map.keys().filter_map(|k| clip(k, MAX_TEXT)).collect(),
            _ => texts(v, key, MAX_ITEMS).collect::<Vec<_>>(),
        })
        .take(MAX_ITEMS)
        .collect();
    if !names.is_empty() {
        found.push(Symbols {
            path: "".into(),
            names,
        });
    }
    for path in texts(own, "modules", MAX_ITEMS) {
        found.push(Symbols {
            path,
            names: Vec::new(),
        });
    }
    found
}

fn text(value: &Value, key: &str) -> Option<Box<str>> {
    value
        .get(key)
        .and_then(Value::as_str)
        .and_then(|t| clip(t, MAX_TEXT))
}

fn texts<'a>(value: &'a Value, key: &str, limit: usize) -> impl Iterator<Item = Box<str>> + 'a {
    list(value, key)
        .iter()
        .filter_map(|t| t.as_str().and_then(|t| clip(t, MAX_TEXT)))
        .take(limit)
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn time(value: &Value, key: &str) -> Option<Timestamp> {
    value
        .get(key)
        .and_then(Value::as_str)
        .and_then(|t| t.parse().ok())
}

/// The text without blanks around it, at most so many bytes; none if nothing is left.
fn clip(text: &str, limit: usize) -> Option<Box<str>> {
    let text = text.trim();
    let mut end = text.len().min(limit);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).filter(|t| !t.is_empty()).map(Into::into)
}
