//! OSV records (<https://ossf.github.io/osv-schema/>): only those about malware say something here.

use foretaste_clones::{Indicator, IndicatorKind, KnownRelease, Versions, normal};
use foretaste_model::Ecosystem;
use serde_json::{Map, Value};

use super::Reader;

/// Ecosystems of feeds that are not read here: what is said about them is right, and of no use.
const OTHERS: &[&str] = &[
    "rubygems",
    "packagist",
    "nuget",
    "maven",
    "go",
    "hex",
    "pub",
    "vscode",
    "github actions",
    "swifturl",
    "cran",
    "hackage",
    "conancenter",
    "alpine",
    "debian",
    "linux",
    "android",
    "git",
];

/// What a feed's word for an ecosystem means.
pub(super) enum Word {
    /// One that is read here.
    Known(Ecosystem),
    /// One that exists.
    Other,
    /// No ecosystem.
    Unknown,
}

/// Reads OSV's word for an ecosystem, or ours.
pub(super) fn ecosystem(name: &str) -> Word {
    let base = name.split(':').next().unwrap_or(name).trim().to_lowercase();
    let osv = |e: &Ecosystem| e.osv().eq_ignore_ascii_case(&base);
    match Ecosystem::from_prefix(&base).or_else(|| Ecosystem::ALL.into_iter().find(osv)) {
        Some(known) => Word::Known(known),
        None if OTHERS.contains(&base.as_str()) => Word::Other,
        None => Word::Unknown,
    }
}

impl Reader<'_> {
    pub(super) fn osv(&mut self, file: &str, line: u64, record: &Map<String, Value>) {
        let id = record.get("id").and_then(Value::as_str).unwrap_or_default();
        let aliases = strings(record.get("aliases"));
        let is_malware = id.starts_with("MAL-") || aliases.iter().any(|a| a.starts_with("MAL-"));
        let withdrawn = record.get("withdrawn").is_some_and(|w| !w.is_null());
        if !is_malware || withdrawn {
            self.feed.passed_over += 1;
            return;
        }
        let summary = ["summary", "details"]
            .iter()
            .find_map(|k| record.get(*k)?.as_str()?.lines().next())
            .unwrap_or_default();
        let Some(Value::Array(affected)) = record.get("affected") else {
            return self.problem(file, line, format!("{id}: `affected` is no list"));
        };
        for item in affected {
            let package = item.get("package");
            let text = |key| package.and_then(|p| p.get(key)).and_then(Value::as_str);
            let (Some(name), Some(word)) = (text("name"), text("ecosystem")) else {
                self.problem(
                    file,
                    line,
                    format!("{id}: an affected package has no name or no ecosystem"),
                );
                continue;
            };
            // what another ecosystem's record says is right, and of no use here
            let Word::Known(ecosystem) = ecosystem(word) else {
                self.feed.passed_over += 1;
                continue;
            };
            let Some(versions) = versions(item) else {
                self.problem(
                    file,
                    line,
                    format!("{id}: which versions of {name} are affected is not told"),
                );
                continue;
            };
            self.feed.releases.push(KnownRelease {
                ecosystem: Some(ecosystem),
                name: name.to_owned(),
                versions,
                id: id.to_owned(),
                summary: summary.chars().take(200).collect(),
                source: self.options.source.clone(),
            });
        }
        self.osv_indicators(id, record);
    }

    /// `database_specific.iocs` and the hashes of `malicious-packages-origins`, as the OpenSSF database writes them.
    fn osv_indicators(&mut self, id: &str, record: &Map<String, Value>) {
        let Some(own) = record.get("database_specific") else {
            return;
        };
        let mut add = |kind, text: &str| {
            if let Some(value) = normal(kind, text) {
                self.feed.indicators.push(Indicator {
                    kind,
                    value,
                    note: id.to_owned(),
                    malware: true,
                    source: self.options.source.clone(),
                });
            }
        };
        let iocs = own.get("iocs");
        for (key, kind) in [
            ("domains", IndicatorKind::Domain),
            ("urls", IndicatorKind::Url),
            ("ips", IndicatorKind::Ip),
        ] {
            for text in strings(iocs.and_then(|i| i.get(key))) {
                add(kind, text);
            }
        }
    }
}

/// The versions of an affected package; none if they cannot be told.
fn versions(item: &Value) -> Option<Versions> {
    let listed = strings(item.get("versions"));
    let empty = Vec::new();
    let ranges = item
        .get("ranges")
        .and_then(Value::as_array)
        .unwrap_or(&empty);
    let covers_all = |range: &Value| {
        let events = range.get("events").and_then(Value::as_array);
        events.is_some_and(|events| {
            let from_zero = |e: &Value| e.get("introduced").and_then(Value::as_str) == Some("0");
            let ends = |e: &Value| {
                ["fixed", "last_affected", "limit"]
                    .iter()
                    .any(|k| e.get(k).is_some())
            };
            events.iter().any(from_zero) && !events.iter().any(ends)
        })
    };
    if ranges.iter().any(covers_all) || (ranges.is_empty() && listed.is_empty()) {
        return Some(Versions::All);
    }
    (!listed.is_empty()).then(|| Versions::These(listed.into_iter().map(str::to_owned).collect()))
}

fn strings(value: Option<&Value>) -> Vec<&str> {
    value
        .and_then(Value::as_array)
        .map(|list| list.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default()
}
