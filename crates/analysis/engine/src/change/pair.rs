//! Which artifact is compared with which, and both sides of a pair with their files and contexts.

use std::collections::{BTreeMap, BTreeSet};

use foretaste_model::change::ComparedArtifact;
use foretaste_model::facts::{ArtifactFacts, ArtifactKind};
use foretaste_model::{ContentDigest, ExecutionContext};

use crate::{ContextMap, FileView};

/// Each later artifact with the earlier one that is most like it.
pub(super) fn matching<'a>(
    old: &'a [ArtifactFacts],
    new: &'a [ArtifactFacts],
) -> Vec<(&'a ArtifactFacts, &'a ArtifactFacts)> {
    let any_kind =
        |a: &ArtifactFacts| matches!(a.kind, ArtifactKind::Folder | ArtifactKind::Archive);
    new.iter()
        .filter_map(|later| {
            let fits = |earlier: &&ArtifactFacts| {
                earlier.kind == later.kind || any_kind(earlier) || any_kind(later)
            };
            let tail = tail(&later.filename);
            let like =
                |earlier: &&ArtifactFacts| usize::from(self::tail(&earlier.filename) != tail);
            old.iter().filter(fits).min_by_key(like).map(|o| (o, later))
        })
        .collect()
}

/// What follows the version in a file name: the tags of a wheel, the extension of the rest.
fn tail(filename: &str) -> &str {
    match filename.splitn(3, '-').nth(2) {
        Some(tags) if filename.ends_with(".whl") => tags,
        _ => filename.rsplit('.').next().unwrap_or(filename),
    }
}

/// An earlier and a later artifact of one kind.
pub(super) struct Pair<'a> {
    /// The earlier one.
    pub(super) old: Side<'a>,
    /// The later one.
    pub(super) new: Side<'a>,
}

impl<'a> Pair<'a> {
    /// Prepares both sides.
    pub(super) fn new(
        old: (&'a ArtifactFacts, &'a ContextMap),
        new: (&'a ArtifactFacts, &'a ContextMap),
    ) -> Self {
        Self {
            old: Side::new(old.0, old.1),
            new: Side::new(new.0, new.1),
        }
    }

    /// Names and sizes.
    pub(super) fn compared(&self) -> ComparedArtifact {
        ComparedArtifact {
            old: self.old.artifact.filename.clone(),
            new: self.new.artifact.filename.clone(),
            kind: self.new.artifact.kind,
            old_bytes: self.old.bytes(),
            new_bytes: self.new.bytes(),
        }
    }

    /// True if a later file has neither the path nor the content of an earlier one.
    pub(super) fn is_new(&self, view: &FileView<'_>) -> bool {
        !self.old.by_key.contains_key(&key(view.path()))
            && !self.old.digests.contains(&view.entry.digest)
    }

    /// True if the earlier artifact had the same content, wherever it stood.
    pub(super) fn is_known(&self, view: &FileView<'_>) -> bool {
        self.old.digests.contains(&view.entry.digest)
    }

    /// When code of a later file runs. A module that is squeezed or hidden now still runs when it ran before: that is no
    /// way to look like an asset.
    pub(super) fn context(&self, view: &FileView<'_>, function: u32) -> ExecutionContext {
        let now = view.context(function);
        if now != ExecutionContext::Asset {
            return now;
        }
        let before = self.old.by_key.get(&key(view.path()));
        before.map_or(now, |index| {
            now.min(self.old.contexts.of_function(*index, 0))
        })
    }
}

/// One side of a comparison.
pub(super) struct Side<'a> {
    /// The artifact.
    pub(super) artifact: &'a ArtifactFacts,
    /// When its code runs.
    pub(super) contexts: &'a ContextMap,
    /// Its files by comparable path.
    pub(super) by_key: BTreeMap<String, usize>,
    /// What its files contain.
    pub(super) digests: BTreeSet<ContentDigest>,
}

impl<'a> Side<'a> {
    fn new(artifact: &'a ArtifactFacts, contexts: &'a ContextMap) -> Self {
        let by_key = artifact.files.iter().enumerate();
        Self {
            artifact,
            contexts,
            by_key: by_key.map(|(i, f)| (key(&f.path), i)).collect(),
            digests: artifact.files.iter().map(|f| f.digest).collect(),
        }
    }

    fn bytes(&self) -> u64 {
        self.artifact
            .files
            .iter()
            .map(|f| f.facts.shape.bytes)
            .sum()
    }

    /// Every file as it stands.
    pub(super) fn files(&self) -> impl Iterator<Item = FileView<'a>> + use<'a> {
        let (artifact, contexts) = (self.artifact, self.contexts);
        let files = artifact.files.iter().enumerate();
        files.filter_map(move |(index, entry)| {
            FileView::with_layers(artifact, entry, contexts, index).next()
        })
    }

    /// Every file and every layer below it.
    pub(super) fn views(&self) -> impl Iterator<Item = FileView<'a>> + use<'a> {
        let (artifact, contexts) = (self.artifact, self.contexts);
        let files = artifact.files.iter().enumerate();
        files
            .flat_map(move |(index, entry)| FileView::with_layers(artifact, entry, contexts, index))
    }
}

/// A path without what changes from version to version: `x-1.0.dist-info/METADATA` is `*.dist-info/METADATA`.
pub(super) fn key(path: &str) -> String {
    let Some((top, rest)) = path.split_once('/') else {
        return path.to_owned();
    };
    for ending in [".dist-info", ".data", ".egg-info"] {
        if top.ends_with(ending) {
            return format!("*{ending}/{rest}");
        }
    }
    path.to_owned()
}

/// How dangerous a context is, in steps that a reader would tell apart.
pub(super) const fn class(context: ExecutionContext) -> u8 {
    match context {
        ExecutionContext::Install | ExecutionContext::Start => 0,
        ExecutionContext::Import => 1,
        ExecutionContext::Entry => 2,
        ExecutionContext::Called => 3,
        ExecutionContext::Test => 4,
        ExecutionContext::Asset => 5,
    }
}
