//! What is listed, before it has a format.

use std::collections::{BTreeMap, BTreeSet};

use foretaste_model::report::{ReleaseReport, Report};
use foretaste_model::{ContentDigest, Digest, Ecosystem, PackageName, ReleaseId};
use foretaste_project::{Constraint, Graph, Group, Requirement, Step};
use foretaste_projects::Project;
use jiff::Timestamp;

/// One release of the project.
#[derive(Clone, Debug)]
pub struct Component {
    /// The release.
    pub release: ReleaseId,
    /// The digests of the files that it may be installed from, sorted.
    pub hashes: BTreeSet<Digest>,
    /// True if it is needed for development alone.
    pub development: bool,
    /// The other releases that it needs: indices into [`Inventory::components`].
    pub needs: BTreeSet<usize>,
    /// What an audit said of it.
    pub verdict: Option<ReleaseReport>,
}

impl Component {
    /// What an audit said of it, in one sentence.
    pub(crate) fn statement(&self) -> Option<String> {
        let report = self.verdict.as_ref()?;
        let because = report
            .findings
            .iter()
            .find(|f| f.waived.is_none())
            .map_or_else(String::new, |f| format!(": {} ({})", f.message, f.rule));
        Some(format!("verdict: {}{because}", report.verdict))
    }
}

/// Everything that a project's locks, and lists that pin each package, hold.
#[derive(Clone, Debug)]
pub struct Inventory {
    /// The project.
    pub name: String,
    /// When it was made.
    pub time: Timestamp,
    /// The releases, sorted.
    pub components: Vec<Component>,
    /// The releases that the project asks for itself.
    pub direct: BTreeSet<usize>,
    /// What is asked for and is in no lock, and so in no list: `file:line:column: name`.
    pub left_out: Vec<String>,
}

impl Inventory {
    /// Takes the releases of a project, and what a report says of them.
    pub fn of(name: &str, project: &Project, report: Option<&Report>, time: Timestamp) -> Self {
        let mut gathered = Gathered::default();
        for unit in project.units() {
            let Some(lock) = unit.lock else {
                for manifest in &unit.manifests {
                    gathered.list(manifest);
                }
                continue;
            };
            let graph = Graph::new(lock, &unit.manifests);
            let keys: Vec<Option<ReleaseId>> = lock
                .packages
                .iter()
                .map(|p| p.release(lock.ecosystem))
                .collect();
            for (index, package) in lock.packages.iter().enumerate() {
                let Some(key) = &keys[index] else { continue };
                let hashes = package.artifacts.iter().flat_map(|a| a.hashes.clone());
                let needs = package
                    .dependencies
                    .iter()
                    .filter_map(|e| keys.get(e.to?).cloned().flatten());
                let through = graph.why(index);
                let direct = graph.is_direct(index) || through.len() <= 1;
                let own = matches!(through.as_slice(), [Step::Root(_), Step::Package(_)]);
                gathered.add(key, hashes, package.group, direct || own, needs);
            }
        }
        gathered.finish(name, report, time)
    }

    /// The URI below which SPDX documents name their parts.
    pub(crate) fn namespace(&self) -> String {
        format!("https://foretaste.example/spdx/{}", self.uuid())
    }

    /// When it was made, in the whole seconds that SPDX wants.
    pub(crate) fn seconds(&self) -> String {
        self.time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// A UUID that the content decides (RFC 9562, version 8).
    pub(crate) fn uuid(&self) -> String {
        let mut text = format!("{}\0{}\0", self.name, self.time);
        for component in &self.components {
            text.push_str(&component.release.purl());
            for hash in &component.hashes {
                text.push_str(&hash.value);
            }
            if let Some(verdict) = &component.verdict {
                text.push_str(verdict.verdict.id());
            }
            text.push('\0');
        }
        let mut bytes = *ContentDigest::of(text.as_bytes()).as_bytes();
        bytes[6] = (bytes[6] & 0x0f) | 0x80;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        let hex = ContentDigest::from_bytes(bytes).to_hex();
        let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default().to_owned();
        [
            part(0..8),
            part(8..12),
            part(12..16),
            part(16..20),
            part(20..32),
        ]
        .join("-")
    }
}

/// A release on its way into a list.
#[derive(Default)]
struct Entry {
    hashes: BTreeSet<Digest>,
    production: bool,
    direct: bool,
    needs: BTreeSet<ReleaseId>,
}

#[derive(Default)]
struct Gathered {
    entries: BTreeMap<ReleaseId, Entry>,
    left_out: Vec<String>,
}

impl Gathered {
    fn add(
        &mut self,
        key: &ReleaseId,
        hashes: impl Iterator<Item = Digest>,
        group: Group,
        direct: bool,
        needs: impl Iterator<Item = ReleaseId>,
    ) {
        let entry = self.entries.entry(key.clone()).or_default();
        entry.hashes.extend(hashes);
        entry.production |= group != Group::Dev;
        entry.direct |= direct;
        entry.needs.extend(needs);
    }

    /// A list that pins each package; `# via` comments are its edges.
    fn list(&mut self, manifest: &foretaste_project::Manifest) {
        if manifest.ecosystem == Ecosystem::Actions {
            return;
        }
        let release = |requirement: &Requirement| match (&requirement.constraint, &requirement.name)
        {
            (Constraint::Pinned(version), Some(name)) => {
                Some(ReleaseId::new(manifest.ecosystem, name, version))
            }
            _ => None,
        };
        // a list for several platforms may pin a package in several versions
        let mut pinned: BTreeMap<String, Vec<ReleaseId>> = BTreeMap::new();
        for key in manifest.requirements.iter().filter_map(release) {
            pinned.entry(key.name.to_string()).or_default().push(key);
        }
        for requirement in manifest.wishes() {
            let Some(key) = release(requirement) else {
                let name = requirement.name.as_deref().unwrap_or("a requirement");
                self.left_out.push(format!("{}: {name}", requirement.place));
                continue;
            };
            let by: Vec<&Vec<ReleaseId>> = requirement
                .via
                .iter()
                .filter_map(|via| pinned.get(PackageName::new(manifest.ecosystem, via).as_str()))
                .collect();
            let direct = by.len() < requirement.via.len() || requirement.via.is_empty();
            self.add(
                &key,
                requirement.hashes.iter().cloned(),
                requirement.group,
                direct,
                std::iter::empty(),
            );
            for parent in by.into_iter().flatten() {
                let entry = self.entries.entry(parent.clone()).or_default();
                entry.needs.insert(key.clone());
            }
        }
    }

    fn finish(self, name: &str, report: Option<&Report>, time: Timestamp) -> Inventory {
        let position: BTreeMap<&ReleaseId, usize> = self.entries.keys().zip(0..).collect();
        let mut direct = BTreeSet::new();
        let components = self
            .entries
            .iter()
            .enumerate()
            .map(|(index, (release, entry))| {
                if entry.direct {
                    direct.insert(index);
                }
                let purl = release.purl();
                let verdict = report.and_then(|r| {
                    r.releases
                        .iter()
                        .find(|r| r.purl.as_deref() == Some(&*purl))
                        .cloned()
                });
                Component {
                    release: release.clone(),
                    hashes: entry.hashes.clone(),
                    development: !entry.production,
                    needs: entry
                        .needs
                        .iter()
                        .filter_map(|n| position.get(n).copied())
                        .filter(|n| *n != index)
                        .collect(),
                    verdict,
                }
            })
            .collect();
        Inventory {
            name: name.to_owned(),
            time,
            components,
            direct,
            left_out: self.left_out,
        }
    }
}
