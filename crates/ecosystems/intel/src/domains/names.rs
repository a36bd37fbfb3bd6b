//! Which domains a release speaks of.

use std::collections::BTreeMap;

use foretaste_model::intel::DomainUsage;
use foretaste_model::metadata::ReleaseMetadata;
use url::{Host, Url};

/// Domains that are asked about for one release.
const MAX_DOMAINS: usize = 16;

/// A domain and what is to be asked about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Use {
    /// The registrable domain.
    pub(crate) domain: String,
    /// The domain of the address or page in full.
    pub(crate) full: String,
    /// How it is used.
    pub(crate) usage: DomainUsage,
    /// True if whoever runs it is beyond doubt, so that nobody need be asked.
    pub(crate) well_known: bool,
    /// True if it is registered at a registry of domains, not at a hoster (`name.hoster.example`).
    pub(crate) registered: bool,
}

/// Providers whose domains do not lapse: mail for everybody, code hosts and documentation hosts.
const WELL_KNOWN: &[&str] = &[
    "126.com",
    "139.com",
    "163.com",
    "aliyun.com",
    "amazon.com",
    "aol.com",
    "apple.com",
    "bitbucket.org",
    "codeberg.org",
    "duck.com",
    "fastmail.com",
    "fastmail.fm",
    "foxmail.com",
    "github.com",
    "github.io",
    "gitlab.com",
    "gitlab.io",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "google.com",
    "googlegroups.com",
    "googlemail.com",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "hotmail.fr",
    "hotmail.it",
    "icloud.com",
    "laposte.net",
    "live.com",
    "mac.com",
    "mail.com",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "microsoft.com",
    "mozilla.org",
    "msn.com",
    "naver.com",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "pm.me",
    "posteo.de",
    "posteo.net",
    "proton.me",
    "protonmail.ch",
    "protonmail.com",
    "qq.com",
    "readthedocs.io",
    "readthedocs.org",
    "redhat.com",
    "riseup.net",
    "rocketmail.com",
    "seznam.cz",
    "sina.com",
    "sourceforge.net",
    "t-online.de",
    "tuta.io",
    "tutanota.com",
    "web.de",
    "yahoo.co.in",
    "yahoo.co.jp",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.de",
    "yahoo.fr",
    "yandex.com",
    "yandex.ru",
    "ymail.com",
    "zoho.com",
];

/// The domains of every address and of the home page, each once, addresses first.
pub(crate) fn used_by(record: &ReleaseMetadata, unknown_suffixes: bool) -> Vec<Use> {
    let people = [record.authors.known(), record.maintainers.known()];
    let addresses = people
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|p| p.email.as_deref())
        // one field may hold several addresses
        .flat_map(|text| text.split([',', ';', ' ']))
        .filter_map(|address| address.rsplit_once('@'))
        .map(|(_, host)| {
            (
                DomainUsage::Email,
                host.trim_matches(['>', '.', ')', ' ']).to_owned(),
            )
        });
    let home = record
        .homepage
        .as_deref()
        .and_then(|text| Url::parse(text.trim()).ok())
        .and_then(|url| url.host_str().map(str::to_owned))
        .map(|host| (DomainUsage::Homepage, host));
    let mut uses: BTreeMap<(DomainUsage, String), Use> = BTreeMap::new();
    for (usage, host) in addresses.chain(home) {
        let Some(found) = read(&host, usage, unknown_suffixes) else {
            continue;
        };
        uses.entry((usage, found.domain.clone())).or_insert(found);
    }
    uses.into_values().take(MAX_DOMAINS).collect()
}

fn read(host: &str, usage: DomainUsage, unknown_suffixes: bool) -> Option<Use> {
    let Ok(Host::Domain(full)) = Host::parse(host) else {
        return None;
    };
    let full = full.trim_end_matches('.').to_ascii_lowercase();
    let suffix = psl::suffix(full.as_bytes())?;
    if !suffix.is_known() && !unknown_suffixes {
        return None;
    }
    let domain = psl::domain_str(&full)?.to_owned();
    let provider = suffix.typ() == Some(psl::Type::Private);
    let well_known = WELL_KNOWN.iter().any(|w| {
        domain == *w
            || domain
                .strip_suffix(w)
                .is_some_and(|rest| rest.ends_with('.'))
    });
    Some(Use {
        well_known,
        registered: !provider,
        domain,
        full,
        usage,
    })
}

#[cfg(test)]
mod tests {
    use foretaste_model::manifest::Person;
    use foretaste_model::{Ecosystem, Knowledge, ReleaseId};

    use super::*;

    #[test]
    fn each_registrable_domain_is_asked_about_once() {
        let person = |email: &str| Person {
            name: None,
            email: Some(email.into()),
        };
        let mut record = ReleaseMetadata::new(ReleaseId::new(Ecosystem::Pypi, "pad", "1"));
        record.authors = Knowledge::Known(vec![
            person("Ann <ann@Mail.Acme.co.uk>"),
            person("bob@acme.co.uk, carl@gmail.com"),
            person("no address"),
            person("x@[127.0.0.1]"),
            person("y@corp.internal"),
            person("z@localhost"),
            person("w@co.uk"),
        ]);
        record.homepage = Some("https://pad.github.io/docs".into());
        let shown: Vec<String> = used_by(&record, false)
            .iter()
            .map(|u| {
                format!(
                    "{:?} {} {} {}",
                    u.usage, u.domain, u.well_known, u.registered
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                "Email acme.co.uk false true",
                "Email gmail.com true true",
                "Homepage pad.github.io true false",
            ]
        );
        assert_eq!(used_by(&record, true).len(), 4);
    }
}
