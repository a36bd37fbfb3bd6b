//! The entry point.

use std::sync::{Arc, OnceLock};

use foretaste_io::{Dns, DnsError, Environment, HttpClient};
use foretaste_model::intel::{AdvisoryMatch, DomainFacts, RepositoryFacts, SourceComparison};
use foretaste_model::metadata::ReleaseMetadata;
use foretaste_model::{ContentDigest, Knowledge, PackageName, SkipKind, SkipReason};
use foretaste_osv::Advisories;
use foretaste_policy::SourceSettings;
use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::domains::{Registrations, Resolver};
use crate::forge::{Forges, Place};
use crate::source::Git;
use crate::web::Web;
use crate::{Options, domains, forge, osv};

/// The advisories on this machine, and how old they may be.
#[derive(Debug)]
struct Local {
    advisories: Arc<Advisories>,
    fresh: SignedDuration,
    now: Timestamp,
}

/// The clients of a run. Share it: what one package taught about a silent host spares the others the wait.
#[derive(Debug)]
pub struct Intel {
    web: Arc<Web>,
    settings: SourceSettings,
    options: Options,
    internal: Vec<String>,
    local: Option<Local>,
    forges: Forges,
    git: Git,
    resolver: OnceLock<Result<Resolver, DnsError>>,
}

impl Intel {
    /// Clients for a policy's sources. Tokens are read from `GITHUB_TOKEN`, `GH_TOKEN` and `GITLAB_TOKEN`. Nothing is
    /// asked before the first call.
    pub fn new(http: &HttpClient, settings: &SourceSettings, env: &Environment) -> Self {
        Self::with_options(http, settings, env, Options::default())
    }

    /// As [`Self::new`], with other options than the defaults.
    pub fn with_options(
        http: &HttpClient,
        settings: &SourceSettings,
        env: &Environment,
        options: Options,
    ) -> Self {
        Self {
            web: Arc::new(Web::new(http, &options)),
            settings: settings.clone(),
            internal: Vec::new(),
            local: None,
            forges: Forges::new(settings, env),
            git: Git::find(env, &options),
            options,
            resolver: OnceLock::new(),
        }
    }

    /// Names (with `*` as a wildcard) that are not told to a public advisory service.
    #[must_use]
    pub fn internal_names(mut self, names: &[String]) -> Self {
        self.internal = names.iter().map(|n| n.to_ascii_lowercase()).collect();
        self
    }

    /// Advisories on this machine answer first; while they are younger than `fresh`, as of `now`, the service is not
    /// asked as well.
    #[must_use]
    pub fn local_advisories(
        mut self,
        advisories: Arc<Advisories>,
        fresh: SignedDuration,
        now: Timestamp,
    ) -> Self {
        self.local = Some(Local {
            advisories,
            fresh,
            now,
        });
        self
    }

    /// Advisories that cover a release: those on this machine, those of the OSV service and those of the registry,
    /// each thing once.
    pub async fn advisories(&self, record: &ReleaseMetadata) -> Knowledge<Vec<AdvisoryMatch>> {
        let local = self
            .local
            .as_ref()
            .map(|local| local.advisories.answer(&record.id));
        let Some(Knowledge::Known((found, as_of))) = local else {
            return self.remote_advisories(record).await;
        };
        let fresh = self
            .local
            .as_ref()
            .zip(as_of)
            .is_some_and(|(l, as_of)| l.now.duration_since(as_of) <= l.fresh);
        let others = if fresh {
            record.advisories.clone()
        } else {
            self.remote_advisories(record).await
        };
        match others {
            Knowledge::Known(others) => {
                Knowledge::Known(foretaste_osv::merge(found.into_iter().chain(others)))
            }
            // what is complete as of some time is an answer, and how old it is is told elsewhere; single records only
            // accuse
            Knowledge::Skipped(_) if as_of.is_some() || !found.is_empty() => {
                Knowledge::Known(found)
            }
            skipped @ Knowledge::Skipped(_) => skipped,
        }
    }

    /// Those of the OSV service and those of the registry.
    async fn remote_advisories(&self, record: &ReleaseMetadata) -> Knowledge<Vec<AdvisoryMatch>> {
        let service = &self.settings.osv;
        let asked = if !service.enabled {
            Knowledge::Skipped(disabled("sources.osv"))
        } else if service.url.is_none() && self.is_internal(&record.id.name) {
            Knowledge::skip(
                SkipKind::NotApplicable,
                "internal names are not told to a public service",
            )
        } else {
            match base(service.url.as_ref().map_or(osv::PUBLIC, |u| u.expose())) {
                Ok(base) => osv::query(&self.web, &base, &record.id).await,
                Err(reason) => Knowledge::Skipped(reason),
            }
        };
        match (asked, &record.advisories) {
            (Knowledge::Known(asked), own) => {
                let own = own.known().cloned().unwrap_or_default();
                Knowledge::Known(foretaste_osv::merge(asked.into_iter().chain(own)))
            }
            // the registry's word stands if it is an accusation; its silence does not make up for the other's
            (Knowledge::Skipped(_), Knowledge::Known(own)) if !own.is_empty() => {
                Knowledge::Known(foretaste_osv::merge(own.iter().cloned()))
            }
            (skipped, _) => skipped,
        }
    }

    /// The source repository that the metadata names, as its host describes it.
    pub async fn repository(&self, record: &ReleaseMetadata) -> Knowledge<RepositoryFacts> {
        let asked = Box::pin(forge::describe(&self.web, &self.forges, record));
        self.in_time(asked, "the repository's host").await
    }

    /// How a commit of the repository at a remote's URL came to its main line, by the word of the host: the request by
    /// which it was merged, or none.
    pub async fn review(&self, remote: &str, commit: &str) -> Knowledge<Option<forge::Review>> {
        forge::review(&self.web, &self.forges, remote, commit).await
    }

    /// The domains of people's addresses and of the home page.
    pub async fn domains(&self, record: &ReleaseMetadata) -> Knowledge<Vec<DomainFacts>> {
        if !self.settings.dns.enabled {
            return Knowledge::Skipped(disabled("sources.dns"));
        }
        let uses = domains::used_by(record, self.options.ask_unknown_suffixes);
        if uses.is_empty() {
            return Knowledge::Known(Vec::new());
        }
        if self.web.is_offline() && !self.web.remembers() {
            return Knowledge::skip(SkipKind::Offline, "the DNS is not asked (--offline)");
        }
        let resolver = match self.resolver() {
            Ok(resolver) => resolver,
            Err(error) => return Knowledge::skip(SkipKind::NotConfigured, error.to_string()),
        };
        let service = &self.settings.rdap;
        let rdap = if service.enabled {
            base(service.url.as_ref().map_or(domains::PUBLIC, |u| u.expose())).ok()
        } else {
            None
        };
        let registrations = Registrations::new(Arc::clone(&self.web), rdap);
        let asked = Box::pin(domains::describe(resolver, &registrations, &uses));
        self.in_time(asked, "the DNS").await
    }

    /// Hosts that did not answer a moment ago, for which this run did not wait again.
    pub fn not_asked_again(&self) -> Vec<String> {
        self.web.not_asked_again()
    }

    /// An answer, unless a release would have to wait too long for it.
    async fn in_time<T>(
        &self,
        asked: impl Future<Output = Knowledge<T>> + Send,
        whom: &str,
    ) -> Knowledge<T> {
        let limit = self.options.limit;
        tokio::time::timeout(limit, asked)
            .await
            .unwrap_or_else(|_| {
                let why = format!("{whom} did not answer within {} s", limit.as_secs());
                Knowledge::skip(SkipKind::Failed, why)
            })
    }

    /// An artifact's files (path and content) against the repository at the tag of the release.
    pub async fn source(
        &self,
        record: &ReleaseMetadata,
        repository: &RepositoryFacts,
        files: &[(Box<str>, ContentDigest)],
    ) -> Knowledge<SourceComparison> {
        match self.source_of(repository) {
            Ok(place) => self.git.compare(&record.id, &place, files).await,
            Err(reason) => Knowledge::Skipped(reason),
        }
    }

    /// Why [`Self::source`] would not fetch this repository; none if it would.
    pub fn compares_not(&self, repository: &RepositoryFacts) -> Option<SkipReason> {
        self.source_of(repository).err()
    }

    fn source_of(&self, repository: &RepositoryFacts) -> Result<Place, SkipReason> {
        let skip = |kind, why: &str| Err(SkipReason::new(kind, why));
        if self.web.is_offline() {
            return skip(SkipKind::Offline, "repositories are not cloned (--offline)");
        }
        if !repository.exists {
            return skip(SkipKind::NotApplicable, "the repository does not exist");
        }
        self.forges.locate(&repository.url).ok_or_else(|| {
            let why = format!("{} is at no known code host", repository.url);
            SkipReason::new(SkipKind::Unsupported, why)
        })
    }

    fn resolver(&self) -> Result<&Resolver, DnsError> {
        self.resolver
            .get_or_init(|| {
                let limit = self.options.dns_limit;
                let dns = match self.options.resolver {
                    Some(address) => Dns::at(address, limit),
                    None => Dns::of_system(limit),
                };
                dns.map(|dns| Resolver::new(dns, self.web.http()))
            })
            .as_ref()
            .map_err(Clone::clone)
    }

    fn is_internal(&self, name: &PackageName) -> bool {
        let name = name.as_str().to_ascii_lowercase();
        self.internal.iter().any(|pattern| {
            pattern == &name || pattern.replace('_', "-") == name || matches_glob(pattern, &name)
        })
    }
}

fn base(text: &str) -> Result<Url, SkipReason> {
    Url::parse(text).map_err(|e| {
        SkipReason::new(
            SkipKind::NotConfigured,
            format!("its address cannot be used: {e}"),
        )
    })
}

/// The skip of what the policy switches off.
pub(crate) fn disabled(section: &str) -> SkipReason {
    SkipReason::new(SkipKind::Disabled, format!("`{section}.enabled` is false"))
}

/// `*` stands for any text.
fn matches_glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Audits run on many threads.
    #[test]
    fn every_question_can_move_between_threads() {
        fn ask(intel: Arc<Intel>, record: ReleaseMetadata) -> impl Future + Send + 'static {
            async move {
                let (repository, _, _) = tokio::join!(
                    intel.repository(&record),
                    intel.domains(&record),
                    intel.advisories(&record)
                );
                if let Knowledge::Known(repository) = repository {
                    intel.source(&record, &repository, &[]).await;
                }
            }
        }
        let _ = ask;
    }

    #[test]
    fn internal_names_may_hold_wildcards() {
        for (pattern, name, expected) in [
            ("acme-*", "acme-pay", true),
            ("acme-*", "acme", false),
            ("@acme/*", "@acme/x", true),
            ("*-internal-*", "a-internal-b", true),
            ("a*a", "a", false),
            ("acme", "acme", true),
            ("acme", "acme2", false),
        ] {
            assert_eq!(matches_glob(pattern, name), expected, "{pattern} {name}");
        }
    }
}
