//! The scene: everything that is known about one release when it is judged.

use foretaste_model::change::Change;
use foretaste_model::facts::ArtifactFacts;
use foretaste_model::intel::{AdvisoryMatch, DomainFacts, RepositoryFacts, SourceComparison};
use foretaste_model::manifest::ManifestFacts;
use foretaste_model::metadata::{Downloads, ReleaseMetadata};
use foretaste_model::{
    Ecosystem, ExecutionContext, Input, Knowledge, KnownMatch, PatternMatch, ReleaseId, RuleMeta,
    SkipKind, SkipReason,
};
use foretaste_policy::Policy;
use jiff::Timestamp;

use crate::{Clock, ContextMap, FileView, Lapse};

/// Why a name looks like another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NominationKind {
    /// A letter added, dropped, changed or swapped.
    Typo,
    /// A look-alike character or pair (`rn` for `m`, `0` for `o`).
    Homoglyph,
    /// Separators differ.
    Separator,
    /// A prefix or suffix was added (`python-`, `-js`, `-dev`).
    Affix,
    /// Two popular names joined, or a popular name with a word.
    Combination,
    /// The words stand in another order.
    WordOrder,
    /// The name of a popular package of another ecosystem.
    CrossEcosystem,
    /// The scope was dropped or imitated (npm).
    Scope,
}

/// A popular or internal package that the release's name may imitate. A nomination is no accusation.
#[derive(Clone, Debug, PartialEq)]
pub struct Nomination {
    /// The imitated name.
    pub target: Box<str>,
    /// The ecosystem in which the target is popular.
    pub ecosystem: Ecosystem,
    /// How it is imitated.
    pub kind: NominationKind,
    /// How alike the names are, 0–1.
    pub similarity: f32,
    /// The target's rank among popular packages, 1 is the most popular; none for internal names.
    pub rank: Option<u32>,
    /// True if the target is one of the organisation's internal names.
    pub internal: bool,
}

/// Everything that is known about one release when it is judged.
#[derive(Debug)]
pub struct Scene<'a> {
    /// Which release, as far as the target or its manifest tells.
    pub release: Option<&'a ReleaseId>,
    /// The ecosystem, if known.
    pub ecosystem: Option<Ecosystem>,
    /// When judging happens. Part of the inputs, so that judging is repeatable.
    pub clock: Clock,
    /// The registry's record.
    pub metadata: &'a Knowledge<ReleaseMetadata>,
    /// What was tasted.
    pub artifacts: &'a [ArtifactFacts],
    /// Artifacts whose bytes did not match the index's digest.
    pub digest_mismatches: &'a [Box<str>],
    /// The source repository.
    pub repository: &'a Knowledge<RepositoryFacts>,
    /// Artifact against repository.
    pub source: &'a Knowledge<SourceComparison>,
    /// Domains of e-mail addresses and the home page.
    pub domains: &'a Knowledge<Vec<DomainFacts>>,
    /// Advisories that cover this release.
    pub advisories: &'a Knowledge<Vec<AdvisoryMatch>>,
    /// Download counts.
    pub downloads: &'a Knowledge<Downloads>,
    /// Registry records of direct dependencies, by name.
    pub dependencies: &'a Knowledge<Vec<ReleaseMetadata>>,
    /// What it can do that the release before it could not.
    pub change: &'a Knowledge<Change>,
    /// What it shares with known-bad packages, exact matches first.
    pub known: &'a Knowledge<Vec<KnownMatch>>,
    /// Where the user's rules over bytes match.
    pub patterns: &'a [PatternMatch],
    /// Names that this one may imitate, most alike first.
    pub nominations: &'a [Nomination],
    /// The package's own rank among popular packages.
    pub popularity_rank: Option<u32>,
    /// What the project leaves open in its manifests and locks; empty for a release.
    pub lapses: &'a [Lapse],
    /// The policy in force.
    pub policy: &'a Policy,
    /// When each function of each file runs.
    pub contexts: Vec<ContextMap>,
}

impl<'a> Scene<'a> {
    /// The value of one of a rule's options: the policy's, or the declared default.
    pub fn option(&self, meta: &RuleMeta, name: &str) -> f64 {
        let default = meta
            .options
            .iter()
            .find(|o| o.name == name)
            .map_or(0.0, |o| o.default);
        self.policy
            .rules
            .get(meta.id.0)
            .and_then(|r| r.options.get(name))
            .copied()
            .unwrap_or(default)
    }

    /// False for a rule that the policy switches off.
    pub fn is_enabled(&self, meta: &RuleMeta) -> bool {
        let settings = self.policy.rules.get(meta.id.0);
        settings.is_none_or(|settings| settings.enabled != Some(false))
    }

    /// The registry's record, if known. Rules that need it declare [`Input::Metadata`] and may rely on it.
    pub const fn record(&self) -> Option<&'a ReleaseMetadata> {
        self.metadata.known()
    }

    /// Every file of every artifact, and every decoded layer below it, with its execution contexts.
    pub fn files(&self) -> impl Iterator<Item = FileView<'_>> {
        self.artifacts
            .iter()
            .zip(&self.contexts)
            .flat_map(|(artifact, contexts)| {
                artifact
                    .files
                    .iter()
                    .enumerate()
                    .flat_map(move |(index, entry)| {
                        FileView::with_layers(artifact, entry, contexts, index)
                    })
            })
    }

    /// The package's own manifests (not those of vendored packages): path, facts.
    pub fn manifests(&self) -> impl Iterator<Item = (&ArtifactFacts, &str, &ManifestFacts)> {
        self.artifacts.iter().flat_map(|artifact| {
            artifact.files.iter().filter_map(move |f| {
                let manifest = f.facts.manifest.as_deref()?;
                is_own_manifest(&f.path).then_some((artifact, &*f.path, manifest))
            })
        })
    }

    /// True for what its owner does not publish, and no registry knows: whom it is from need not be said.
    pub fn is_private(&self) -> bool {
        self.record().is_none() && self.manifests().any(|(_, _, manifest)| manifest.private)
    }

    /// Whether an input is there, and why not.
    pub fn available(&self, input: Input) -> Result<(), SkipReason> {
        fn of<T>(knowledge: &Knowledge<T>) -> Result<(), SkipReason> {
            knowledge
                .skipped()
                .map_or(Ok(()), |reason| Err(reason.clone()))
        }
        let unsupported = |what: &str| SkipReason::new(SkipKind::Unsupported, what);
        match input {
            Input::Code if self.artifacts.is_empty() => {
                Err(SkipReason::new(SkipKind::Failed, "no artifact was read"))
            }
            Input::Code => Ok(()),
            Input::Metadata => of(self.metadata),
            Input::ReleaseTimes => {
                of(self.metadata)?;
                let known = self.record().is_some_and(|m| m.published().is_some());
                if known {
                    Ok(())
                } else {
                    Err(unsupported("the registry gives no upload times"))
                }
            }
            Input::Publishers => {
                of(self.metadata)?;
                let told = |m: &ReleaseMetadata| {
                    m.history
                        .iter()
                        .any(|h| h.publisher.is_some() || h.provenance.is_some())
                };
                if self.record().is_some_and(told) {
                    Ok(())
                } else {
                    Err(unsupported(
                        "the registry names neither publishers nor provenance",
                    ))
                }
            }
            Input::Downloads => of(self.downloads),
            Input::Repository => of(self.repository),
            Input::SourceComparison => of(self.source),
            Input::Domains => of(self.domains),
            Input::Advisories => of(self.advisories),
            Input::Dependencies => of(self.dependencies),
            Input::Change => of(self.change),
            Input::KnownPackages => of(self.known),
        }
    }

    /// The most dangerous context in which any code of a file runs.
    pub fn file_context(&self, file: &FileView<'_>) -> ExecutionContext {
        file.worst_context()
    }
}

/// A manifest at the root of the artifact, or where wheels, sdists and eggs keep theirs.
pub(crate) fn is_own_manifest(path: &str) -> bool {
    if path.contains('!') {
        return false;
    }
    let depth = path.matches('/').count();
    depth == 0
        || (depth == 1
            && path.split('/').next().is_some_and(|d| {
                d.ends_with(".dist-info") || d.ends_with(".egg-info") || d == "EGG-INFO"
            }))
}

/// Builds scenes; everything not set is skipped with a reason, so that tests name only what matters.
#[derive(Debug)]
pub struct SceneBuilder {
    /// See [`Scene::release`].
    pub release: Option<ReleaseId>,
    /// See [`Scene::ecosystem`].
    pub ecosystem: Option<Ecosystem>,
    /// See [`Scene::clock`].
    pub now: Timestamp,
    /// See [`Scene::metadata`].
    pub metadata: Knowledge<ReleaseMetadata>,
    /// See [`Scene::artifacts`].
    pub artifacts: Vec<ArtifactFacts>,
    /// See [`Scene::digest_mismatches`].
    pub digest_mismatches: Vec<Box<str>>,
    /// See [`Scene::repository`].
    pub repository: Knowledge<RepositoryFacts>,
    /// See [`Scene::source`].
    pub source: Knowledge<SourceComparison>,
    /// See [`Scene::domains`].
    pub domains: Knowledge<Vec<DomainFacts>>,
    /// See [`Scene::advisories`].
    pub advisories: Knowledge<Vec<AdvisoryMatch>>,
    /// See [`Scene::downloads`].
    pub downloads: Knowledge<Downloads>,
    /// See [`Scene::dependencies`].
    pub dependencies: Knowledge<Vec<ReleaseMetadata>>,
    /// See [`Scene::change`].
    pub change: Knowledge<Change>,
    /// See [`Scene::known`].
    pub known: Knowledge<Vec<KnownMatch>>,
    /// See [`Scene::patterns`].
    pub patterns: Vec<PatternMatch>,
    /// See [`Scene::nominations`].
    pub nominations: Vec<Nomination>,
    /// See [`Scene::popularity_rank`].
    pub popularity_rank: Option<u32>,
    /// See [`Scene::lapses`].
    pub lapses: Vec<Lapse>,
}

impl SceneBuilder {
    /// A scene of which nothing is known but the time.
    pub fn new(now: Timestamp) -> Self {
        const NOT_ASKED: &str = "not asked for";
        let disabled = SkipKind::Disabled;
        Self {
            release: None,
            ecosystem: None,
            now,
            metadata: Knowledge::skip(
                SkipKind::NotApplicable,
                "a local file has no registry record",
            ),
            artifacts: Vec::new(),
            digest_mismatches: Vec::new(),
            repository: Knowledge::skip(disabled, NOT_ASKED),
            source: Knowledge::skip(disabled, NOT_ASKED),
            domains: Knowledge::skip(disabled, NOT_ASKED),
            advisories: Knowledge::skip(disabled, NOT_ASKED),
            downloads: Knowledge::skip(disabled, NOT_ASKED),
            dependencies: Knowledge::skip(disabled, NOT_ASKED),
            change: Knowledge::skip(
                SkipKind::NotApplicable,
                "there is no earlier release to compare with",
            ),
            known: Knowledge::skip(
                SkipKind::NotApplicable,
                "no index of known-bad packages (`foretaste known add`)",
            ),
            patterns: Vec::new(),
            nominations: Vec::new(),
            popularity_rank: None,
            lapses: Vec::new(),
        }
    }

    /// The scene under a policy. Works out the execution contexts.
    pub fn build<'a>(&'a self, policy: &'a Policy) -> Scene<'a> {
        Scene {
            release: self.release.as_ref(),
            ecosystem: self
                .ecosystem
                .or_else(|| self.release.as_ref().map(|r| r.ecosystem)),
            clock: Clock::at(self.now),
            metadata: &self.metadata,
            artifacts: &self.artifacts,
            digest_mismatches: &self.digest_mismatches,
            repository: &self.repository,
            source: &self.source,
            domains: &self.domains,
            advisories: &self.advisories,
            downloads: &self.downloads,
            dependencies: &self.dependencies,
            change: &self.change,
            known: &self.known,
            patterns: &self.patterns,
            nominations: &self.nominations,
            popularity_rank: self.popularity_rank,
            lapses: &self.lapses,
            policy,
            contexts: self.artifacts.iter().map(ContextMap::of).collect(),
        }
    }
}
