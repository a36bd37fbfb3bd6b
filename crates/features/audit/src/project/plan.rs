//! From locks and manifests to releases that are vetted, each with the ways that lead to it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use foretaste_model::facts::{ArtifactFacts, ArtifactKind};
use foretaste_model::metadata::ReleaseMetadata;
use foretaste_model::report::{Moved, WantedBy};
use foretaste_model::{Digest, Ecosystem, PackageName, ReleaseId, Target};
use foretaste_project::{
    Constraint, Graph, Group, Lock, LockedArtifact, Manifest, Origin, Place, Requirement, Step,
};

use crate::Requested;
use crate::history::Against;

/// Ways to one package that are told.
const MAX_WAYS: usize = 3;

/// One release to vet.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) requested: Requested,
    pub(crate) locked: Locked,
    pub(crate) wanted_by: Vec<WantedBy>,
    /// With what it is compared.
    pub(crate) against: Against,
    /// How it got into the project, if somebody asked what changed.
    pub(crate) moved: Option<Moved>,
    /// Where the release lies installed, to be tasted there if no registry can be asked.
    pub(crate) installed: Vec<PathBuf>,
}

impl Job {
    /// A target that the user named.
    pub(crate) fn plain(requested: Requested) -> Self {
        Self {
            requested,
            locked: Locked::default(),
            wanted_by: Vec::new(),
            against: Against::Settled,
            moved: None,
            installed: Vec::new(),
        }
    }

    /// The package that it is a release of.
    pub(crate) fn package(&self) -> Option<(Ecosystem, PackageName)> {
        match &self.requested.target {
            Target::Package {
                ecosystem, name, ..
            } => Some((*ecosystem, name.clone())),
            Target::Path(_) => None,
        }
    }

    /// The version, where one is fixed.
    pub(crate) fn version(&self) -> Option<Box<str>> {
        match &self.requested.target {
            Target::Package { version, .. } => version.clone(),
            Target::Path(_) => None,
        }
    }
}

/// Something that is not vetted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    /// What it is, without the line it stands on: the same in two states of a project.
    pub(crate) what: (Box<str>, Box<str>),
    /// The sentence.
    pub(crate) told: Box<str>,
}

impl Gap {
    /// A gap at a place.
    pub(crate) fn at(place: &Place, why: &str) -> Self {
        Self {
            what: ((&*place.path).into(), why.into()),
            told: format!("{place}: {why}").into(),
        }
    }
}

/// What locks say about the files of a release.
#[derive(Clone, Debug, Default)]
pub(crate) struct Locked {
    names: BTreeSet<Box<str>>,
    hashes: BTreeSet<Digest>,
    /// Digests of all files of a Go module together: `h1:…`.
    trees: BTreeSet<Box<str>>,
}

impl Locked {
    /// A lock on one file.
    pub(crate) fn to(filename: &str, digests: &[Digest]) -> Self {
        Self {
            names: BTreeSet::from([filename.into()]),
            hashes: digests
                .iter()
                .filter(|d| d.algorithm.is_strong())
                .cloned()
                .collect(),
            trees: BTreeSet::new(),
        }
    }

    fn add(&mut self, artifact: &LockedArtifact) {
        if !artifact.filename.is_empty() {
            self.names.insert(artifact.filename.clone());
        }
        self.hashes.extend(
            artifact
                .hashes
                .iter()
                .filter(|h| h.algorithm.is_strong())
                .cloned(),
        );
        let trees = artifact.other_hashes.iter();
        self.trees
            .extend(trees.filter(|h| h.starts_with("h1:")).cloned());
    }

    /// The digests with which the files of a module are compared.
    pub(crate) const fn trees(&self) -> &BTreeSet<Box<str>> {
        &self.trees
    }

    /// The modules whose files together are not those that were locked. What could not be read whole is not compared.
    pub(crate) fn other_trees(
        &self,
        release: &ReleaseId,
        tasted: &[ArtifactFacts],
    ) -> Vec<Box<str>> {
        if self.trees.is_empty() {
            return Vec::new();
        }
        let modules = tasted
            .iter()
            .filter(|a| a.kind == ArtifactKind::GoModule && a.anomalies.is_empty());
        modules
            .filter(|module| {
                let files = module.files.iter().filter(|f| !f.path.contains("!/"));
                let files = files.map(|f| (&*f.path, f.digest));
                let tree = foretaste_golang::h1(release.name.as_str(), &release.version, files);
                !self.trees.contains(tree.as_str())
            })
            .map(|module| module.filename.clone())
            .collect()
    }

    /// True if these allow a file in that the others do not.
    pub(crate) fn allows_more_than(&self, other: &Self) -> bool {
        if self.hashes.is_empty() {
            return !other.hashes.is_empty();
        }
        !other.hashes.is_empty() && !self.hashes.is_subset(&other.hashes)
    }

    /// Leaves only the files that an installation with these locks may take, and names those whose digest is not the
    /// locked one.
    pub(crate) fn narrow(&self, record: &mut ReleaseMetadata) -> Vec<Box<str>> {
        if self.hashes.is_empty() {
            return Vec::new();
        }
        let matches = |digests: &[Digest]| digests.iter().any(|d| self.hashes.contains(d));
        let comparable = |digests: &[Digest]| {
            digests
                .iter()
                .any(|d| self.hashes.iter().any(|h| h.algorithm == d.algorithm))
        };
        let others: Vec<Box<str>> = record
            .artifacts
            .iter()
            .filter(|a| comparable(&a.digests) && !matches(&a.digests))
            .filter(|a| self.names.is_empty() || self.names.contains(&a.filename))
            .map(|a| a.filename.clone())
            .collect();
        let any = record.artifacts.iter().any(|a| matches(&a.digests));
        if self.names.is_empty() {
            // the lock holds hashes alone: a file that was added later is none of its business, unless none is left
            if !any {
                return others;
            }
            record
                .artifacts
                .retain(|a| matches(&a.digests) || !comparable(&a.digests));
            return Vec::new();
        }
        record
            .artifacts
            .retain(|a| self.names.contains(&a.filename) || !comparable(&a.digests));
        others
    }
}

/// What is gathered.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) jobs: Vec<Job>,
    /// What is not vetted, and why.
    pub(crate) gaps: Vec<Gap>,
    /// What workflows use from elsewhere: the action and its revision, or the image.
    pub(crate) actions: BTreeSet<Box<str>>,
    /// True if what something asks for needs in turn is not known.
    pub(crate) is_partial: bool,
    /// The folder of the project, as the user named it.
    project: Box<str>,
    known: BTreeMap<(Ecosystem, String), usize>,
}

impl Plan {
    /// Nothing yet of the project in this folder, as the user named it.
    pub(crate) fn of(project: Box<str>) -> Self {
        Self {
            project,
            ..Self::default()
        }
    }

    /// Every package of a lock.
    pub(crate) fn lock(&mut self, lock: &Lock, manifests: &[&Manifest]) {
        let graph = Graph::new(lock, manifests);
        for (index, package) in lock.packages.iter().enumerate() {
            let Some(release) = package.release(lock.ecosystem) else {
                self.not_vetted(&package.name, &package.origin, &package.place);
                continue;
            };
            let path: Vec<Box<str>> = graph
                .why(index)
                .into_iter()
                .map(|step| match step {
                    Step::Root(root) => root.name.clone(),
                    Step::Package(at) => lock.packages[at].name.clone(),
                })
                .collect();
            let place = declared(manifests, &path).unwrap_or(&package.place);
            let wanted = self.wanted(path, place, graph.is_direct(index), package.group);
            self.add(&release, &package.artifacts, wanted);
        }
    }

    /// A manifest whose requirements name one version each: it is its own lock, and `# via` comments are its edges.
    pub(crate) fn pinned(&mut self, manifest: &Manifest, declared_in: &Manifest) {
        for requirement in manifest.wishes() {
            let Some(name) = requirement.name.as_deref() else {
                let why = "what has no name is not vetted";
                self.gaps.push(Gap::at(&requirement.place, why));
                continue;
            };
            let Constraint::Pinned(version) = &requirement.constraint else {
                self.unpinned(name, &requirement.constraint, &requirement.place);
                continue;
            };
            let release = ReleaseId::new(manifest.ecosystem, name, version);
            let path = via_path(manifest, name);
            let direct = path.len() <= 2;
            let place = declared(&[declared_in], &path).unwrap_or(&requirement.place);
            let mut wanted = self.wanted(path, place, direct, requirement.group);
            wanted.loose =
                direct && !std::ptr::eq(manifest, declared_in) && is_loose(declared_in, name);
            self.add(&release, &hashed(requirement), wanted);
        }
    }

    /// A requirement that no lock settles: the newest release is vetted, as an installation of today would take it.
    pub(crate) fn newest(&mut self, manifest: &Manifest) {
        for requirement in manifest.wishes() {
            self.newest_of(manifest.ecosystem, requirement);
        }
    }

    /// One such requirement.
    pub(crate) fn newest_of(&mut self, ecosystem: Ecosystem, requirement: &Requirement) {
        let open = matches!(
            requirement.constraint,
            Constraint::Any | Constraint::AtLeast | Constraint::Range
        );
        let pinned = match &requirement.constraint {
            Constraint::Pinned(version) => Some(&**version),
            _ => None,
        };
        match requirement.name.as_deref() {
            Some(name) if open || pinned.is_some() => {
                let release = ReleaseId::new(ecosystem, name, pinned.unwrap_or(""));
                let path = vec![requirement.place.path.to_string().into(), name.into()];
                let mut wanted = self.wanted(path, &requirement.place, true, requirement.group);
                wanted.loose = requirement.constraint.is_loose();
                self.add(&release, &hashed(requirement), wanted);
            }
            name => self.unpinned(
                name.unwrap_or("a requirement"),
                &requirement.constraint,
                &requirement.place,
            ),
        }
    }

    /// What a resolution left out, because its metadata would have cost a build: its newest release is vetted.
    pub(crate) fn left_out(&mut self, manifest: &Manifest, name: &str) {
        let key = Some(PackageName::new(manifest.ecosystem, name));
        let asked = manifest.wishes();
        let asked: Vec<&Requirement> = asked.filter(|r| r.key(manifest.ecosystem) == key).collect();
        let place = asked
            .first()
            .map_or_else(|| Place::file(&manifest.path), |r| r.place.clone());
        for requirement in &asked {
            self.newest_of(manifest.ecosystem, requirement);
        }
        if asked.is_empty() {
            let path = vec![manifest.path.to_string().into(), name.into()];
            let wanted = self.wanted(path, &place, false, Group::Main);
            self.add(&ReleaseId::new(manifest.ecosystem, name, ""), &[], wanted);
        }
        let why = format!(
            "{name} is published as source alone: it was vetted, but not what it needs, which a build would tell"
        );
        self.gaps.push(Gap::at(&place, &why));
        self.is_partial = true;
    }

    /// What a workflow uses, other than the project's own.
    pub(crate) fn actions(&mut self, manifest: &Manifest) {
        for requirement in &manifest.requirements {
            let used = match &requirement.constraint {
                Constraint::Path(_) => continue,
                Constraint::Url(image) => image.to_string(),
                _ => {
                    let name = requirement.name.as_deref().unwrap_or("an image");
                    format!("{name}@{}", requirement.specifier)
                }
            };
            self.actions.insert(used.into());
        }
    }

    fn unpinned(&mut self, name: &str, constraint: &Constraint, place: &Place) {
        let what = match constraint {
            Constraint::Url(url) | Constraint::Vcs { url, .. } => format!("comes from {url}"),
            Constraint::Path(_) | Constraint::Workspace => return,
            _ => "is not pinned".to_owned(),
        };
        let why = format!("{name} {what} and was not vetted");
        self.gaps.push(Gap::at(place, &why));
    }

    fn not_vetted(&mut self, name: &str, origin: &Origin, place: &Place) {
        let what = match origin {
            Origin::Member(_) | Origin::Path { .. } => return,
            Origin::Url(url) | Origin::Vcs { url, .. } => format!("comes from {url}"),
            Origin::Registry(_) => "has no version".to_owned(),
        };
        let why = format!("{name} {what} and was not vetted");
        self.gaps.push(Gap::at(place, &why));
    }

    fn wanted(&self, path: Vec<Box<str>>, place: &Place, direct: bool, group: Group) -> WantedBy {
        WantedBy {
            path,
            project: self.project.clone(),
            file: (&*place.path).into(),
            line: place.span.line,
            column: place.span.column,
            direct,
            development: group == Group::Dev,
            loose: false,
        }
    }

    fn add(&mut self, release: &ReleaseId, artifacts: &[LockedArtifact], wanted_by: WantedBy) {
        let version = Some(release.version.clone()).filter(|v| !v.is_empty());
        let text = match &version {
            Some(version) => format!("{}:{}@{version}", release.ecosystem.id(), release.name),
            None => format!("{}:{}", release.ecosystem.id(), release.name),
        };
        let slot = *self
            .known
            .entry((release.ecosystem, text.clone()))
            .or_insert_with(|| {
                self.jobs.push(Job::plain(Requested {
                    target: Target::Package {
                        ecosystem: release.ecosystem,
                        name: release.name.clone(),
                        version,
                    },
                    text,
                }));
                self.jobs.len() - 1
            });
        let Some(job) = self.jobs.get_mut(slot) else {
            return;
        };
        for artifact in artifacts {
            job.locked.add(artifact);
        }
        if job.wanted_by.len() < MAX_WAYS && !job.wanted_by.contains(&wanted_by) {
            job.wanted_by.push(wanted_by);
        }
    }
}

/// The files that a line of a list allows.
fn hashed(requirement: &Requirement) -> Vec<LockedArtifact> {
    let hashes = requirement.hashes.iter();
    hashes
        .map(|hash| LockedArtifact {
            filename: "".into(),
            url: None,
            hashes: vec![hash.clone()],
            other_hashes: Vec::new(),
            size: None,
        })
        .collect()
}

/// Whether a manifest asks for a package in any version, or any from some version on.
fn is_loose(manifest: &Manifest, name: &str) -> bool {
    let key = PackageName::new(manifest.ecosystem, name);
    let mut asked = manifest
        .requirements
        .iter()
        .filter(|r| r.key(manifest.ecosystem).as_ref() == Some(&key))
        .peekable();
    asked.peek().is_some() && asked.all(|r| r.constraint.is_loose())
}

/// Where the first package of a way is asked for.
fn declared<'a>(manifests: &[&'a Manifest], path: &[Box<str>]) -> Option<&'a Place> {
    manifests.iter().find_map(|manifest| {
        let wanted: Vec<_> = path
            .iter()
            .take(3)
            .map(|name| PackageName::new(manifest.ecosystem, name))
            .collect();
        manifest
            .requirements
            .iter()
            .find(|r| {
                r.key(manifest.ecosystem)
                    .is_some_and(|key| wanted.iter().skip(1).any(|w| *w == key))
            })
            .map(|r| &r.place)
    })
}

/// The way that `# via` comments tell: from the file to the package.
fn via_path(manifest: &Manifest, name: &str) -> Vec<Box<str>> {
    let key = |text: &str| PackageName::new(manifest.ecosystem, text);
    let mut path: Vec<Box<str>> = vec![name.into()];
    let mut at = key(name);
    let mut seen = BTreeSet::from([at.to_string()]);
    while let Some(found) = manifest
        .requirements
        .iter()
        .find(|r| r.key(manifest.ecosystem).as_ref() == Some(&at))
    {
        let is_root = |v: &str| v.starts_with('-') || v.contains('(');
        if found.via.iter().any(|v| is_root(v)) {
            break;
        }
        let Some(next) = found.via.iter().find(|v| !seen.contains(key(v).as_str())) else {
            break;
        };
        path.push(next.clone());
        at = key(next);
        seen.insert(at.to_string());
    }
    path.push(manifest.path.to_string().into());
    path.reverse();
    path
}
