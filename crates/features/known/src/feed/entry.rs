//! One entry of a feed, by the names of its fields: a row of CSV or an object of JSON.

use std::collections::BTreeMap;

use foretaste_clones::{Indicator, IndicatorKind, KnownRelease, Versions, normal};
use foretaste_model::{Ecosystem, Target};

use super::Reader;
use super::osv::Word;

/// What a field means, whatever the feed calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Name,
    Version,
    Ecosystem,
    Purl,
    Id,
    Summary,
    Class,
    Sha256,
    Domain,
    Url,
    Ip,
    Indicator,
    Kind,
}

impl Field {
    /// The meaning of a column or key; none for one that does not matter here.
    pub(super) fn of(name: &str) -> Option<Self> {
        let plain: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        Some(match plain.as_str() {
            "name" | "package" | "packagename" | "project" => Self::Name,
            "version" | "versions" | "packageversion" | "affectedversions" => Self::Version,
            "ecosystem" | "registry" | "platform" => Self::Ecosystem,
            "purl" | "packageurl" => Self::Purl,
            "id" | "advisory" | "malid" => Self::Id,
            "summary" | "description" | "note" | "notes" | "details" | "comment" | "family"
            | "campaign" => Self::Summary,
            "malware" | "classification" | "class" | "verdict" | "maliciousness" => Self::Class,
            "sha256" | "hash" | "filehash" | "digest" | "sha256hash" => Self::Sha256,
            "domain" | "host" | "hostname" | "fqdn" => Self::Domain,
            "url" | "link" | "c2" => Self::Url,
            "ip" | "ipaddress" | "address" | "ipv4" | "ipv6" => Self::Ip,
            "indicator" | "ioc" | "value" | "indicatorvalue" => Self::Indicator,
            "type" | "kind" | "indicatortype" | "ioctype" => Self::Kind,
            _ => return None,
        })
    }

    /// The names to choose from, for messages.
    pub(super) const NAMES: &str = "name, version, ecosystem, purl, id, summary, malware, sha256, domain, url, ip, indicator, type";
}

/// The fields of one entry; lists are split already.
pub(super) type Entry = BTreeMap<Field, Vec<String>>;

impl Reader<'_> {
    /// Takes one entry.
    pub(super) fn entry(&mut self, file: &str, line: u64, entry: &Entry) {
        let first = |field| {
            entry
                .get(&field)
                .and_then(|v: &Vec<String>| v.first())
                .map(String::as_str)
        };
        let malware = match first(Field::Class).map(str::to_lowercase).as_deref() {
            None | Some("" | "true" | "yes" | "1" | "malware" | "malicious" | "block") => true,
            Some("benign" | "clean" | "false" | "no" | "0") => {
                self.feed.passed_over += 1;
                return;
            }
            Some(_) => false,
        };
        let summary = entry
            .get(&Field::Summary)
            .map(|s| s.join("; "))
            .unwrap_or_default();
        let source = self.options.source.clone();
        let mut said = 0;
        for (field, kind) in [
            (Field::Sha256, IndicatorKind::Sha256),
            (Field::Domain, IndicatorKind::Domain),
            (Field::Url, IndicatorKind::Url),
            (Field::Ip, IndicatorKind::Ip),
        ] {
            for value in entry.get(&field).into_iter().flatten() {
                said += 1;
                self.indicator(file, line, kind, value, (&summary, malware));
            }
        }
        for value in entry.get(&Field::Indicator).into_iter().flatten() {
            said += 1;
            match indicator_kind(first(Field::Kind), value) {
                Some(kind) => self.indicator(file, line, kind, value, (&summary, malware)),
                None => self.problem(
                    file,
                    line,
                    format!("`{value}` is no domain, URL, IP address or SHA-256"),
                ),
            }
        }
        let purl = first(Field::Purl).filter(|p| !p.is_empty());
        let named = match (purl, first(Field::Name)) {
            (Some(purl), _) => self.by_purl(file, line, purl),
            (None, Some(name)) if !name.is_empty() => self.by_name(file, line, entry, name),
            _ => {
                if said == 0 {
                    self.problem(
                        file,
                        line,
                        "the entry names neither a package nor an indicator",
                    );
                }
                return;
            }
        };
        let Some((ecosystem, name, mut versions)) = named else {
            return;
        };
        if !malware {
            self.feed.passed_over += 1;
            return;
        }
        versions.extend(entry.get(&Field::Version).into_iter().flatten().cloned());
        versions.retain(|v| !v.is_empty());
        let all = versions
            .iter()
            .any(|v| matches!(v.to_lowercase().as_str(), "*" | "all" | "any"));
        self.feed.releases.push(KnownRelease {
            ecosystem,
            name,
            versions: if all || versions.is_empty() {
                Versions::All
            } else {
                Versions::These(versions)
            },
            id: first(Field::Id)
                .filter(|i| !i.is_empty())
                .unwrap_or(&source)
                .to_owned(),
            summary: summary.clone(),
            source,
        });
    }

    fn indicator(
        &mut self,
        file: &str,
        line: u64,
        kind: IndicatorKind,
        text: &str,
        (note, malware): (&str, bool),
    ) {
        if text.trim().is_empty() {
            return;
        }
        let Some(value) = normal(kind, text) else {
            self.problem(file, line, format!("`{text}` is no {}", kind.id()));
            return;
        };
        self.feed.indicators.push(Indicator {
            kind,
            value,
            note: note.chars().take(200).collect(),
            malware,
            source: self.options.source.clone(),
        });
    }

    fn by_purl(
        &mut self,
        file: &str,
        line: u64,
        purl: &str,
    ) -> Option<(Option<Ecosystem>, String, Vec<String>)> {
        match purl.parse::<Target>() {
            Ok(Target::Package {
                ecosystem,
                name,
                version,
            }) => Some((
                Some(ecosystem),
                name.as_str().to_owned(),
                version.map(|v| v.to_string()).into_iter().collect(),
            )),
            Ok(Target::Path(_)) => {
                self.problem(file, line, format!("`{purl}` is no package URL"));
                None
            }
            Err(error) => {
                self.problem(file, line, error.to_string());
                None
            }
        }
    }

    fn by_name(
        &mut self,
        file: &str,
        line: u64,
        entry: &Entry,
        name: &str,
    ) -> Option<(Option<Ecosystem>, String, Vec<String>)> {
        let word = entry
            .get(&Field::Ecosystem)
            .and_then(|v| v.first())
            .filter(|w| !w.is_empty());
        let Some(word) = word else {
            return Some((self.options.ecosystem, name.to_owned(), Vec::new()));
        };
        match super::osv::ecosystem(word) {
            Word::Known(ecosystem) => Some((Some(ecosystem), name.to_owned(), Vec::new())),
            Word::Other => {
                self.feed.passed_over += 1;
                None
            }
            Word::Unknown => {
                self.problem(file, line, format!("`{word}` is no ecosystem"));
                None
            }
        }
    }
}

/// What an indicator is, from the feed's word for it or from its form.
fn indicator_kind(word: Option<&str>, value: &str) -> Option<IndicatorKind> {
    use IndicatorKind::{Domain, Ip, Sha256, Url};
    let word = word.unwrap_or("").to_lowercase();
    let named = match word.as_str() {
        "domain" | "hostname" | "host" | "fqdn" | "domain-name" => Some(Domain),
        "url" | "uri" => Some(Url),
        "ip" | "ipv4" | "ipv6" | "ip-dst" | "ip-src" | "ipv4-addr" | "ip:port" => Some(Ip),
        "sha256" | "hash" | "filehash-sha256" | "file" => Some(Sha256),
        _ => None,
    };
    named.or_else(|| {
        let url = value.contains("://").then_some(Url);
        url.or_else(|| {
            [Sha256, Ip, Domain]
                .into_iter()
                .find(|k| normal(*k, value).is_some())
        })
    })
}
