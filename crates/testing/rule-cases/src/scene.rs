//! The world around a case, written in TOML.

use foretaste_engine::{Lapse, Nomination, NominationKind, SceneBuilder};
use foretaste_model::change::{Change, DependencyLook};
use foretaste_model::facts::ArtifactKind;
use foretaste_model::intel::{
    AdvisoryMatch, DomainFacts, DomainUsage, RepositoryFacts, SourceComparison, Tag,
};
use foretaste_model::manifest::{Dependency, DependencyKind, DependencySource, Person};
use foretaste_model::metadata::{Downloads, HistoryEntry, ProjectStatus, ReleaseMetadata};
use foretaste_model::{Anomaly, Ecosystem, Knowledge, ReleaseId, Target, Verdict};
use foretaste_policy::{Policy, RuleSettings};
use jiff::Timestamp;
use serde::Deserialize;

use crate::known::Known;

/// The keys of a scene block. Everything left out is unknown.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct World {
    release: Option<String>,
    now: Option<Timestamp>,
    artifact: Option<ArtifactKind>,
    anomalies: Vec<Anomaly>,
    digest_mismatches: Vec<String>,
    /// `history = [{ version = "1.0", published = "2026-01-01T00:00:00Z" }]`
    history: Vec<History>,
    summary: Option<String>,
    /// `false` for "the registry says there is none".
    readme: Option<String>,
    no_readme: bool,
    authors: Option<Vec<Person>>,
    maintainers: Option<Vec<Person>>,
    license: Option<String>,
    homepage: Option<String>,
    repository_url: Option<String>,
    urls: Vec<(String, String)>,
    dependencies: Option<Vec<Dep>>,
    scripts: Option<Vec<(String, String)>>,
    status: Option<ProjectStatus>,
    status_reason: Option<String>,
    downloads: Option<Downloads>,
    repository: Option<Repository>,
    source: Option<SourceComparison>,
    domains: Option<Vec<Domain>>,
    advisories: Option<Vec<Advisory>>,
    /// `known = [{ kind = "file", path = "setup.py" }]`
    known: Option<Vec<Known>>,
    dependency_records: Option<Vec<DependencyRecord>>,
    nominations: Vec<Nominated>,
    /// What is known about new dependencies.
    dependency_looks: Vec<Look>,
    popularity_rank: Option<u32>,
    /// `lapses = [{ kind = "loose", subject = "six", file = "requirements.txt" }]`
    lapses: Vec<Lapse>,
    internal_names: Vec<String>,
    trusted_publishers: Vec<String>,
    /// What the policy says of rules: `days = 10` or `enabled = false` under `[rules.<id>]`.
    rules: std::collections::BTreeMap<String, RuleSettings>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct History {
    version: String,
    published: Option<Timestamp>,
    yanked: Option<String>,
    publisher: Option<String>,
    provenance: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Dep {
    name: String,
    #[serde(default)]
    requirement: String,
    #[serde(default = "run_kind")]
    kind: DependencyKind,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    git: Option<String>,
}

const fn run_kind() -> DependencyKind {
    DependencyKind::Run
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
struct Repository {
    url: String,
    missing: bool,
    description: Option<String>,
    stars: u64,
    forks: u64,
    fork_of: Option<String>,
    archived: bool,
    created: Option<Timestamp>,
    pushed: Option<Timestamp>,
    tags: Vec<(String, Timestamp)>,
    mentions_package: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Domain {
    #[serde(rename = "domain")]
    name: String,
    #[serde(default = "email")]
    usage: DomainUsage,
    #[serde(default = "yes")]
    exists: bool,
    receives_mail: Option<bool>,
    registered: Option<Timestamp>,
    expires: Option<Timestamp>,
}

const fn email() -> DomainUsage {
    DomainUsage::Email
}

const fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advisory {
    id: String,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    malware: bool,
    cvss: Option<f32>,
    #[serde(default)]
    fixed: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DependencyRecord {
    name: String,
    #[serde(default)]
    history: Vec<History>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
struct Look {
    name: String,
    imitates: Vec<String>,
    first_published: Option<Timestamp>,
    verdict: Option<Verdict>,
    runs_at_install: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nominated {
    target: String,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default = "similar")]
    similarity: f32,
    rank: Option<u32>,
    #[serde(default)]
    internal: bool,
    #[serde(default)]
    ecosystem: Option<Ecosystem>,
}

const fn similar() -> f32 {
    0.9
}

impl World {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|e| format!("scene: {e}"))
    }

    pub(crate) const fn has_artifact(&self) -> bool {
        self.artifact.is_some() || !self.anomalies.is_empty()
    }

    pub(crate) const fn artifact_kind(&self) -> Option<ArtifactKind> {
        self.artifact
    }

    pub(crate) fn anomalies(&self) -> Vec<Anomaly> {
        self.anomalies.clone()
    }

    pub(crate) fn policy(&self) -> Policy {
        let mut policy = Policy::default();
        policy.internal_names.clone_from(&self.internal_names);
        policy
            .trusted_publishers
            .clone_from(&self.trusted_publishers);
        policy.rules.clone_from(&self.rules);
        policy
    }

    fn release_id(&self) -> Result<Option<ReleaseId>, String> {
        let Some(text) = &self.release else {
            return Ok(None);
        };
        match text.parse::<Target>().map_err(|e| e.to_string())? {
            Target::Package {
                ecosystem,
                name,
                version,
            } => Ok(Some(ReleaseId::new(
                ecosystem,
                name.as_str(),
                version.as_deref().unwrap_or("1.0.0"),
            ))),
            Target::Path(_) => Err(format!("scene: release `{text}` is no purl")),
        }
    }

    pub(crate) fn builder(&self) -> Result<SceneBuilder, String> {
        let default_now: Timestamp = "2026-11-01T00:00:00Z".parse().map_err(|e| format!("{e}"))?;
        let mut builder = SceneBuilder::new(self.now.unwrap_or(default_now));
        builder.release = self.release_id()?;
        builder.ecosystem = builder
            .release
            .as_ref()
            .map(|r| r.ecosystem)
            .or_else(|| self.artifact.map(crate::run::ecosystem_of));
        builder.digest_mismatches = self
            .digest_mismatches
            .iter()
            .map(|d| d.as_str().into())
            .collect();
        builder.popularity_rank = self.popularity_rank;
        builder.lapses.clone_from(&self.lapses);
        if let Some(id) = &builder.release {
            builder.metadata = Knowledge::Known(self.metadata(id));
            builder.downloads = self
                .downloads
                .map_or_else(|| builder.downloads.clone(), Knowledge::Known);
        }
        if let Some(r) = &self.repository {
            builder.repository = Knowledge::Known(r.facts());
        }
        if let Some(source) = &self.source {
            builder.source = Knowledge::Known(source.clone());
        }
        if let Some(domains) = &self.domains {
            builder.domains = Knowledge::Known(domains.iter().map(Domain::facts).collect());
        }
        if let Some(advisories) = &self.advisories {
            builder.advisories = Knowledge::Known(advisories.iter().map(Advisory::facts).collect());
        }
        if let Some(known) = &self.known {
            builder.known = Knowledge::Known(known.iter().map(Known::facts).collect());
        }
        if let Some(records) = &self.dependency_records {
            let ecosystem = builder.ecosystem.unwrap_or(Ecosystem::Pypi);
            builder.dependencies =
                Knowledge::Known(records.iter().map(|r| r.metadata(ecosystem)).collect());
        }
        let ecosystem = builder.ecosystem.unwrap_or(Ecosystem::Pypi);
        builder.nominations = self
            .nominations
            .iter()
            .map(|n| n.nomination(ecosystem))
            .collect();
        Ok(builder)
    }

    /// Adds what is known about new dependencies.
    pub(crate) fn look_at(&self, mut change: Change) -> Change {
        for dependency in &mut change.dependencies {
            let Some(look) = self
                .dependency_looks
                .iter()
                .find(|l| l.name == *dependency.name)
            else {
                continue;
            };
            dependency.look = DependencyLook {
                imitates: look.imitates.iter().map(|n| n.as_str().into()).collect(),
                first_published: look.first_published,
                verdict: look.verdict,
                runs_at_install: look.runs_at_install,
                ..DependencyLook::default()
            };
        }
        change
    }

    fn metadata(&self, id: &ReleaseId) -> ReleaseMetadata {
        let text = |t: &Option<String>| t.as_deref().map(Into::into);
        let mut m = ReleaseMetadata::new(id.clone());
        m.summary = text(&self.summary);
        m.license = text(&self.license);
        m.homepage = text(&self.homepage);
        m.repository = text(&self.repository_url);
        m.urls = self
            .urls
            .iter()
            .map(|(k, v)| (k.as_str().into(), v.as_str().into()))
            .collect();
        m.status = self.status.unwrap_or_default();
        m.status_reason = text(&self.status_reason);
        if self.readme.is_some() || self.no_readme {
            m.readme = Knowledge::Known(text(&self.readme));
        }
        if let Some(authors) = &self.authors {
            m.authors = Knowledge::Known(authors.clone());
        }
        if let Some(maintainers) = &self.maintainers {
            m.maintainers = Knowledge::Known(maintainers.clone());
        }
        if let Some(dependencies) = &self.dependencies {
            m.dependencies = Knowledge::Known(dependencies.iter().map(Dep::dependency).collect());
        }
        if let Some(scripts) = &self.scripts {
            m.scripts = Knowledge::Known(
                scripts
                    .iter()
                    .map(|(k, v)| (k.as_str().into(), v.as_str().into()))
                    .collect(),
            );
        }
        if let Some(downloads) = self.downloads {
            m.downloads = Knowledge::Known(downloads);
        }
        m.history = history(&self.history);
        m
    }
}

fn history(entries: &[History]) -> Vec<HistoryEntry> {
    let entry = |h: &History| HistoryEntry {
        version: h.version.as_str().into(),
        published: h.published,
        yanked: h.yanked.as_deref().map(Into::into),
        publisher: h.publisher.as_deref().map(Into::into),
        provenance: h.provenance,
    };
    entries.iter().map(entry).collect()
}

impl Dep {
    fn dependency(&self) -> Dependency {
        let source = match (&self.url, &self.git) {
            (Some(url), _) => DependencySource::Url(url.as_str().into()),
            (_, Some(git)) => DependencySource::Git(git.as_str().into()),
            _ => DependencySource::Registry,
        };
        Dependency {
            name: self.name.as_str().into(),
            requirement: self.requirement.as_str().into(),
            kind: self.kind,
            source,
            condition: "".into(),
            span: None,
        }
    }
}

impl Repository {
    fn facts(&self) -> RepositoryFacts {
        RepositoryFacts {
            url: self.url.as_str().into(),
            exists: !self.missing,
            description: self.description.as_deref().map(Into::into),
            stars: self.stars,
            forks: self.forks,
            fork_of: self.fork_of.as_deref().map(Into::into),
            archived: self.archived,
            created: self.created,
            pushed: self.pushed,
            tags: self
                .tags
                .iter()
                .map(|(name, time)| Tag {
                    name: name.as_str().into(),
                    time: Some(*time),
                })
                .collect(),
            mentions_package: self.mentions_package,
        }
    }
}

impl Domain {
    fn facts(&self) -> DomainFacts {
        DomainFacts {
            domain: self.name.as_str().into(),
            usage: self.usage,
            exists: self.exists,
            receives_mail: self.receives_mail,
            registered: self.registered,
            expires: self.expires,
        }
    }
}

impl Advisory {
    fn facts(&self) -> AdvisoryMatch {
        AdvisoryMatch {
            id: self.id.as_str().into(),
            aliases: Vec::new(),
            summary: self.summary.as_str().into(),
            malware: self.malware,
            cvss: self.cvss,
            fixed: self.fixed.iter().map(|f| f.as_str().into()).collect(),
            url: None,
            functions: Vec::new(),
        }
    }
}

impl DependencyRecord {
    fn metadata(&self, ecosystem: Ecosystem) -> ReleaseMetadata {
        let version = self.history.last().map_or("1.0.0", |h| h.version.as_str());
        let mut metadata = ReleaseMetadata::new(ReleaseId::new(ecosystem, &self.name, version));
        metadata.history = history(&self.history);
        metadata
    }
}

impl Nominated {
    fn nomination(&self, ecosystem: Ecosystem) -> Nomination {
        let kind = match self.kind.as_deref() {
            Some("homoglyph") => NominationKind::Homoglyph,
            Some("separator") => NominationKind::Separator,
            Some("affix") => NominationKind::Affix,
            Some("combination") => NominationKind::Combination,
            Some("word-order") => NominationKind::WordOrder,
            Some("cross-ecosystem") => NominationKind::CrossEcosystem,
            Some("scope") => NominationKind::Scope,
            _ => NominationKind::Typo,
        };
        Nomination {
            target: self.target.as_str().into(),
            ecosystem: self.ecosystem.unwrap_or(ecosystem),
            kind,
            similarity: self.similarity,
            rank: self.rank,
            internal: self.internal,
        }
    }
}
