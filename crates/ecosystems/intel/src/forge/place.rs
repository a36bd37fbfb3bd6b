//! From the many spellings of a repository's URL to a place at a code host.

use foretaste_io::{Auth, Environment, Secret};
use foretaste_model::metadata::ReleaseMetadata;
use foretaste_policy::{IndexUrl, SourceSettings};
use url::Url;

/// The software of a code host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forge {
    /// GitHub and GitHub Enterprise.
    GitHub,
    /// GitLab, public or self-hosted.
    GitLab,
}

/// A repository at a code host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The host's software.
    pub forge: Forge,
    /// The host's name, lower case.
    pub host: Box<str>,
    /// `owner/name`, at GitLab with the groups in between.
    pub path: Box<str>,
    /// The folder that the URL points to, if it names one below the root.
    pub folder: Option<Box<str>>,
}

impl Place {
    /// The page of the repository.
    pub fn url(&self) -> String {
        format!("https://{}/{}", self.host, self.path)
    }
}

/// The code hosts of a run, and how their APIs are asked.
#[derive(Debug)]
pub(crate) struct Forges {
    pub(crate) github: Api,
    pub(crate) gitlab: Api,
}

/// One API.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) enabled: bool,
    pub(crate) section: &'static str,
    pub(crate) base: Option<Url>,
    pub(crate) auth: Option<Auth>,
    hosts: Vec<Box<str>>,
}

impl Api {
    fn new(
        section: &'static str,
        enabled: bool,
        configured: Option<&IndexUrl>,
        (public_host, public_api): (&str, &str),
        token: Option<&str>,
    ) -> Self {
        let base = Url::parse(configured.map_or(public_api, IndexUrl::expose)).ok();
        let mut hosts: Vec<Box<str>> = vec![public_host.into()];
        hosts.extend(base.as_ref().and_then(Url::host_str).map(Into::into));
        // a token goes out encrypted, or to this machine
        let safe = base.as_ref().is_some_and(|b| {
            b.scheme() == "https"
                || b.host().is_some_and(|h| match h {
                    url::Host::Domain(name) => name == "localhost",
                    url::Host::Ipv4(ip) => ip.is_loopback(),
                    url::Host::Ipv6(ip) => ip.is_loopback(),
                })
        });
        Self {
            enabled,
            section,
            base,
            auth: token
                .filter(|_| safe)
                .map(|t| Auth::Bearer(Secret::new(t.trim()))),
            hosts,
        }
    }
}

impl Forges {
    pub(crate) fn new(settings: &SourceSettings, env: &Environment) -> Self {
        Self {
            github: Api::new(
                "sources.github",
                settings.github.enabled,
                settings.github.api.as_ref(),
                ("github.com", "https://api.github.com/"),
                env.var("GITHUB_TOKEN").or_else(|| env.var("GH_TOKEN")),
            ),
            gitlab: Api::new(
                "sources.gitlab",
                settings.gitlab.enabled,
                settings.gitlab.api.as_ref(),
                ("gitlab.com", "https://gitlab.com/api/v4/"),
                env.var("GITLAB_TOKEN"),
            ),
        }
    }

    pub(crate) const fn api(&self, forge: Forge) -> &Api {
        match forge {
            Forge::GitHub => &self.github,
            Forge::GitLab => &self.gitlab,
        }
    }

    /// The repository that a release's metadata names: the field for it, then labelled URLs, then any URL.
    pub(crate) fn named_by(&self, record: &ReleaseMetadata) -> Option<Place> {
        let says_source = |label: &str| {
            let label = label.to_ascii_lowercase();
            ["source", "repo", "code", "github", "gitlab", "git", "vcs"]
                .iter()
                .any(|word| label.contains(word))
        };
        let (labelled, others): (Vec<_>, Vec<_>) = record
            .urls
            .iter()
            .partition(|(label, _)| says_source(label));
        record
            .repository
            .iter()
            .chain(labelled.into_iter().map(|(_, url)| url))
            .chain(&record.homepage)
            .chain(others.into_iter().map(|(_, url)| url))
            .find_map(|url| self.locate(url))
    }

    /// Reads one URL; none if it leads to no repository at a known code host.
    pub(crate) fn locate(&self, text: &str) -> Option<Place> {
        let url = Url::parse(&to_https(text)?).ok()?;
        let host = url.host_str()?.to_ascii_lowercase();
        let host = host.strip_prefix("www.").unwrap_or(&host);
        let serves = |api: &Api| api.hosts.iter().any(|h| &**h == host);
        let segments: Vec<&str> = url
            .path_segments()?
            .filter(|s| !s.is_empty())
            .take(24)
            .collect();
        let (forge, path, folder) = if serves(&self.github) {
            let (path, folder) = split_github(&segments)?;
            (Forge::GitHub, path, folder)
        } else if serves(&self.gitlab) {
            let (path, folder) = split_gitlab(&segments)?;
            (Forge::GitLab, path, folder)
        } else {
            return None;
        };
        Some(Place {
            forge,
            host: host.into(),
            path: path.into(),
            folder: folder.map(Into::into),
        })
    }
}

/// Brings shorthands and the URLs of other protocols to `https://host/path`.
fn to_https(text: &str) -> Option<String> {
    let text = text.trim();
    for (prefix, base) in [
        ("github:", "https://github.com/"),
        ("gitlab:", "https://gitlab.com/"),
    ] {
        if let Some(rest) = text.strip_prefix(prefix) {
            return Some(format!("{base}{}", rest.trim_start_matches('/')));
        }
    }
    let text = text.strip_prefix("scm:git:").unwrap_or(text);
    let text = text.strip_prefix("git+").unwrap_or(text);
    if let Some((scheme, rest)) = text.split_once("://") {
        return match scheme.to_ascii_lowercase().as_str() {
            "https" | "http" | "git" => Some(format!("https://{rest}")),
            // `ssh://git@host:owner/name` is common, and wrong: what follows the colon is no port
            "ssh" => {
                let rest = rest.rsplit_once('@').map_or(rest, |(_, r)| r);
                Some(match rest.split_once(':') {
                    Some((host, path)) if !path.starts_with(|c: char| c.is_ascii_digit()) => {
                        format!("https://{host}/{path}")
                    }
                    _ => format!("https://{rest}"),
                })
            }
            _ => None,
        };
    }
    // `git@host:owner/name.git`
    let (user, rest) = text.split_once('@')?;
    let (host, path) = rest.split_once(':')?;
    (!user.contains('/')).then(|| format!("https://{host}/{path}"))
}

/// Pages of GitHub itself that stand where owners stand.
const GITHUB_PAGES: &[&str] = &[
    "about",
    "apps",
    "collections",
    "contact",
    "customer-stories",
    "enterprise",
    "events",
    "explore",
    "features",
    "issues",
    "join",
    "login",
    "marketplace",
    "new",
    "notifications",
    "orgs",
    "pricing",
    "pulls",
    "readme",
    "search",
    "security",
    "settings",
    "site",
    "sponsors",
    "stars",
    "topics",
    "trending",
    "users",
];

fn split_github(segments: &[&str]) -> Option<(String, Option<String>)> {
    let (&owner, rest) = segments.split_first()?;
    let (&name, rest) = rest.split_first()?;
    let name = name.strip_suffix(".git").unwrap_or(name);
    if !is_plain(owner) || !is_plain(name) || GITHUB_PAGES.contains(&owner) {
        return None;
    }
    let folder = match rest {
        ["tree" | "blob", _, folder @ ..] => join_plain(folder),
        _ => None,
    };
    Some((format!("{owner}/{name}"), folder))
}

fn split_gitlab(segments: &[&str]) -> Option<(String, Option<String>)> {
    let pages = [
        "tree",
        "blob",
        "issues",
        "merge_requests",
        "wikis",
        "raw",
        "commits",
    ];
    let end = segments
        .iter()
        .enumerate()
        .position(|(i, s)| *s == "-" || (i >= 2 && pages.contains(s)))
        .unwrap_or(segments.len());
    let (path, rest) = segments.split_at_checked(end)?;
    let (last, groups) = path.split_last()?;
    if groups.is_empty() || !path.iter().all(|s| is_plain(s)) {
        return None;
    }
    let mut full = groups.join("/");
    full.push('/');
    full.push_str(last.strip_suffix(".git").unwrap_or(last));
    let rest = rest.strip_prefix(&["-"]).unwrap_or(rest);
    let folder = match rest {
        ["tree" | "blob", _, folder @ ..] => join_plain(folder),
        _ => None,
    };
    Some((full, folder))
}

fn join_plain(segments: &[&str]) -> Option<String> {
    (!segments.is_empty() && segments.iter().all(|s| is_plain(s))).then(|| segments.join("/"))
}

fn is_plain(segment: &str) -> bool {
    segment.len() <= 128
        && !matches!(segment, "" | "." | ".." | ".git")
        && !segment.starts_with('-')
        && segment
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use foretaste_model::{Ecosystem, ReleaseId};
    use proptest::prelude::*;

    use super::*;

    fn forges() -> Forges {
        let mut settings = SourceSettings::default();
        settings.gitlab.api =
            serde_json::from_str("\"https://git.acme.example/api/v4\"").expect("a URL");
        Forges::new(&settings, &Environment::below(Path::new("/nowhere")))
    }

    #[test]
    fn every_spelling_leads_to_one_place() {
        for (text, expected) in [
            ("https://github.com/acme/pad", "github.com acme/pad -"),
            (
                "git+https://github.com/acme/pad.git",
                "github.com acme/pad -",
            ),
            ("git@github.com:acme/pad.git", "github.com acme/pad -"),
            (
                "git+ssh://git@github.com/acme/pad.git#main",
                "github.com acme/pad -",
            ),
            ("ssh://git@github.com:acme/pad.git", "github.com acme/pad -"),
            ("git://github.com/acme/pad", "github.com acme/pad -"),
            ("github:acme/pad", "github.com acme/pad -"),
            (
                "http://www.GitHub.com/acme/pad/issues?q=1",
                "github.com acme/pad -",
            ),
            (
                "https://github.com/acme/pad/tree/main/packages/left",
                "github.com acme/pad packages/left",
            ),
            (
                "https://github.com/acme/pad/tree/main",
                "github.com acme/pad -",
            ),
            ("https://gitlab.com/a/b/c.git", "gitlab.com a/b/c -"),
            ("https://gitlab.com/a/b/-/tree/main/x", "gitlab.com a/b x"),
            ("gitlab:a/b", "gitlab.com a/b -"),
            (
                "git@git.acme.example:team/pad.git",
                "git.acme.example team/pad -",
            ),
            (
                "https://user:secret@github.com/acme/pad",
                "github.com acme/pad -",
            ),
        ] {
            let place = forges().locate(text).unwrap_or_else(|| panic!("{text}"));
            let folder = place.folder.as_deref().unwrap_or("-");
            assert_eq!(
                format!("{} {} {folder}", place.host, place.path),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn other_urls_lead_nowhere() {
        for text in [
            "",
            "acme/pad",
            "https://github.com/acme",
            "https://github.com/sponsors/acme",
            "https://acme.example/a/b",
            "file:///etc/passwd",
            "ext::sh -c id",
            "https://github.com/../..",
            "https://github.com/-x/pad",
            "https://github.com.evil.example/a/b",
            "https://gitlab.com/a",
            "https://github.com/a%2fb/c",
        ] {
            assert_eq!(forges().locate(text), None, "{text}");
        }
    }

    #[test]
    fn the_field_for_it_wins_over_labelled_urls_and_the_home_page() {
        let mut record = ReleaseMetadata::new(ReleaseId::new(Ecosystem::Pypi, "pad", "1"));
        record.homepage = Some("https://github.com/home/pad".into());
        record.urls = vec![
            (
                "Tracker".into(),
                "https://github.com/tracker/pad/issues".into(),
            ),
            (
                "Source Code".into(),
                "https://github.com/labelled/pad".into(),
            ),
        ];
        let path = |r: &ReleaseMetadata| forges().named_by(r).map(|p| p.path);
        assert_eq!(path(&record).as_deref(), Some("labelled/pad"));
        record.repository = Some("https://acme.example/none".into());
        assert_eq!(path(&record).as_deref(), Some("labelled/pad"));
        record.repository = Some("https://github.com/field/pad".into());
        assert_eq!(path(&record).as_deref(), Some("field/pad"));
    }

    #[test]
    fn a_token_is_not_sent_unencrypted() {
        let env = Environment::below(Path::new("/nowhere")).with("GH_TOKEN", "t");
        for (api, sent) in [
            ("https://ghe.acme.example/api/v3", true),
            ("http://127.0.0.1:1/", true),
            ("http://ghe.acme.example/api/v3", false),
        ] {
            let mut settings = SourceSettings::default();
            settings.github.api = serde_json::from_str(&format!("\"{api}\"")).expect("a URL");
            assert_eq!(
                Forges::new(&settings, &env).github.auth.is_some(),
                sent,
                "{api}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "(https://github.com/|git@gitlab.com:|git\\+ssh://)?.{0,60}") {
            if let Some(place) = forges().locate(&text) {
                prop_assert!(Url::parse(&place.url()).is_ok());
                prop_assert!(!place.path.split('/').any(|s| s.is_empty() || s == ".."));
            }
        }
    }
}
