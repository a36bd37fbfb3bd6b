//! Tasting: from an artifact's bytes to its facts, with every known file taken from the store.

use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use foretaste_archive::Member;
use foretaste_io::FileResult;
use foretaste_model::facts::{
    ArtifactFacts, ArtifactKind, FactKey, FileEntry, FileFacts, InstallSurface, ParseOutcome,
    SOURCE_INSTALL_ONLY,
};
use foretaste_model::report::NotTasted;
use foretaste_model::{Anomaly, ContentDigest, Coverage, Digest, DigestAlgorithm, Limits};
use foretaste_store::{Store, StoredArtifact};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::threads::Threads;
use crate::{Stats, folder, known, layout, stats};

/// Unpacked bytes that are held at once.
const BATCH_BYTES: usize = 4 << 20;
/// Files that are held at once.
const BATCH_FILES: usize = 2_048;
/// Unpacked bytes that are not worth other threads: starting those takes about as long.
const SMALL_BYTES: usize = 128 << 10;

/// Turns artifacts into facts.
#[derive(Debug)]
pub(crate) struct Taster {
    limits: Limits,
    store: Option<Store>,
    runtime: tokio::runtime::Handle,
    threads: Threads,
}

impl Taster {
    /// A taster that keeps facts in `store`.
    pub(crate) fn new(
        limits: Limits,
        store: Option<Store>,
        runtime: tokio::runtime::Handle,
    ) -> Self {
        Self {
            limits,
            store,
            runtime,
            threads: Threads::default(),
        }
    }

    /// The limits in force.
    pub(crate) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What the store had to say.
    pub(crate) fn notices(&self) -> Vec<String> {
        self.store.as_ref().map_or_else(Vec::new, |s| {
            s.notices().iter().map(ToString::to_string).collect()
        })
    }

    /// Tastes an archive. Blocks; call it outside the async threads.
    ///
    /// One whose bytes are known is not even unpacked: its file table and its facts come from the store.
    pub(crate) fn archive(&self, filename: &str, bytes: &[u8]) -> (ArtifactFacts, Stats) {
        self.archive_with(filename, bytes, ContentDigest::of(bytes))
    }

    /// As [`Self::archive`], for bytes that were hashed already.
    pub(crate) fn archive_with(
        &self,
        filename: &str,
        bytes: &[u8],
        digest: ContentDigest,
    ) -> (ArtifactFacts, Stats) {
        let begin = Instant::now();
        let key = known::key(digest, filename, &self.limits);
        let known = self.recall(key);
        let is_new = known.is_none();
        let (stored, mut stats) = known.unwrap_or_else(|| self.unpack(filename, bytes));
        if is_new {
            self.remember(key, &stored);
        }
        stats.bytes = bytes.len() as u64;
        let facts = whole(filename, digest, stored);
        stats.tasting = begin.elapsed();
        (facts, stats)
    }

    /// Observes the files that stand whole in the beginning of an archive, for the store, until `is_late`. Blocks.
    pub(crate) fn ahead(&self, filename: &str, beginning: &[u8], is_late: impl Fn() -> bool) {
        if self.store.is_none() {
            return;
        }
        let mut table = Table::new(self);
        foretaste_archive::unpack_each(filename, beginning, &self.limits, &mut |member| {
            if is_late() {
                return ControlFlow::Break(());
            }
            if member.complete {
                table.add(member);
            }
            ControlFlow::Continue(())
        });
        if !is_late() {
            table.finish();
        }
    }

    /// The facts of an artifact that was tasted before, without its bytes. Blocks.
    pub(crate) fn known(
        &self,
        filename: &str,
        digest: ContentDigest,
    ) -> Option<(ArtifactFacts, Stats)> {
        let begin = Instant::now();
        let (stored, mut stats) = self.recall(known::key(digest, filename, &self.limits))?;
        stats.bytes = stored.table.size;
        let facts = whole(filename, digest, stored);
        stats.tasting = begin.elapsed();
        Some((facts, stats))
    }

    /// The content that an index publishes under these digests, as far as they prove it or it was seen with them. Blocks.
    pub(crate) fn content_of(&self, published: &[Digest]) -> Option<ContentDigest> {
        known::content_of(published).or_else(|| self.derived(known::published_key(published)?))
    }

    /// Notes the content that was found to have these published digests. Blocks.
    pub(crate) fn note_content(&self, published: &[Digest], content: ContentDigest) {
        if known::content_of(published).is_none()
            && let Some(key) = known::published_key(published)
            && self.derived(key) != Some(content)
        {
            self.keep_derived(key, &content);
        }
    }

    /// What was derived from artifacts before. Blocks.
    pub(crate) fn derived<T: DeserializeOwned>(&self, key: ContentDigest) -> Option<T> {
        let store = self.store.as_ref()?;
        self.runtime.block_on(store.get_derived(key))
    }

    /// Gives the store what was derived from artifacts. Blocks.
    pub(crate) fn keep_derived<T: Serialize>(&self, key: ContentDigest, derived: &T) {
        if let Some(store) = &self.store {
            let observer = foretaste_lang::OBSERVER_VERSION;
            self.runtime
                .block_on(store.put_derived(key, derived, observer));
        }
    }

    /// The artifact as the store has it.
    fn recall(&self, key: ContentDigest) -> Option<(StoredArtifact, Stats)> {
        let store = self.store.as_ref()?;
        let packed = self.runtime.block_on(store.get_artifact(key))?;
        let stored = if packed.is_one_piece() {
            packed.open()
        } else {
            self.threads.spread(|| packed.open())
        }?;
        let (files, facts) = (stored.table.files.len() as u32, stored.facts.len() as u32);
        let stats = Stats {
            files,
            cached: facts,
            repeated: files.saturating_sub(facts),
            ..Stats::default()
        };
        Some((stored, stats))
    }

    /// Gives the store an artifact, if it would be read the same way again.
    fn remember(&self, key: ContentDigest, stored: &StoredArtifact) {
        if let Some(store) = &self.store
            && known::is_repeatable(stored)
            && let Some(packed) = if stored.is_one_piece() {
                stored.pack(key)
            } else {
                self.threads.spread(|| stored.pack(key))
            }
        {
            let observer = foretaste_lang::OBSERVER_VERSION;
            self.runtime.block_on(store.put_artifact(&packed, observer));
        }
    }

    /// Unpacks an archive and observes its files.
    fn unpack(&self, filename: &str, bytes: &[u8]) -> (StoredArtifact, Stats) {
        let mut table = Table::new(self);
        let unpacked =
            foretaste_archive::unpack_each(filename, bytes, &self.limits, &mut |member| {
                table.add(member);
                ControlFlow::Continue(())
            });
        let stats = table.finish();
        let mut files = table.files;
        let paths: Vec<&str> = files.iter().map(|f| &*f.path).collect();
        let kind = layout::kind_of(filename, unpacked.format.is_some(), &paths);
        layout::strip_top_folder(kind, &mut files);
        sort(&mut files);
        let size = bytes.len() as u64;
        (known::stored(kind, unpacked.anomalies, files, size), stats)
    }

    /// Tastes a folder. Blocks; call it outside the async threads.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub(crate) fn folder(&self, name: &str, root: &Path) -> FileResult<TastedFolder> {
        let begin = Instant::now();
        let (mut packages, mut cost) = (Vec::new(), Stats::default());
        let package = |path: &str, bytes: &[u8]| {
            let (facts, stats) = self.archive(path, bytes);
            if facts.kind == ArtifactKind::Archive {
                return None;
            }
            let used = folder::Used {
                bytes: facts.coverage.bytes,
                files: facts.coverage.files,
            };
            cost += stats;
            packages.push(facts);
            Some(used)
        };
        let mut table = Table::new(self);
        let read = folder::read(root, &self.limits, package, |member| table.add(member))?;
        let mut stats = table.finish();
        let size = table.files.iter().map(|f| f.facts.shape.bytes).sum();
        sort(&mut table.files);
        packages.extend(unpacked(&mut table.files));
        forget_source_scripts(root, &mut table.files);
        let facts = assemble(
            name,
            ArtifactKind::Folder,
            size,
            None,
            table.files,
            read.anomalies,
        );
        stats += cost;
        stats.bytes = size;
        stats.local = 1;
        stats.tasting = begin.elapsed();
        Ok(TastedFolder {
            facts,
            packages,
            left_out: read.left_out,
            stats,
        })
    }
}

impl Taster {
    /// The facts of source files: path, content.
    pub(crate) fn sources(&self, files: Vec<(String, Vec<u8>)>) -> Vec<FileEntry> {
        let mut table = Table::new(self);
        for (path, content) in files {
            table.add(Member {
                raw_path: path.as_bytes().into(),
                path,
                executable: false,
                data: content.into(),
                complete: true,
                depth: 0,
                link_to: None,
            });
        }
        table.finish();
        table.files
    }
}

/// What npm has installed came from a registry: scripts for folders and git repositories never ran, and never will.
fn forget_source_scripts(root: &Path, files: &mut [FileEntry]) {
    if !root.components().any(|c| c.as_os_str() == "node_modules") {
        return;
    }
    let only_from_source = |s: &InstallSurface| s.name.ends_with(SOURCE_INSTALL_ONLY);
    for file in files.iter_mut().filter(|f| &*f.path == "package.json") {
        if file.facts.surfaces.iter().any(only_from_source) {
            Arc::make_mut(&mut file.facts)
                .surfaces
                .retain(|s| !only_from_source(s));
        }
    }
}

/// Packages that lie unpacked in a folder that is none itself, each in a folder of its own: what runs when one of them is
/// installed stands at its root, not at that of the folder around it.
fn unpacked(files: &mut Vec<FileEntry>) -> Vec<ArtifactFacts> {
    if files.iter().any(|f| folder::is_manifest(&f.path)) {
        return Vec::new();
    }
    let tops: BTreeSet<Box<str>> = files
        .iter()
        .filter_map(|f| f.path.split_once('/'))
        .filter(|(_, rest)| folder::is_manifest(rest))
        .map(|(top, _)| top.into())
        .collect();
    tops.iter()
        .map(|top| {
            let inner = |f: &FileEntry| {
                let (first, rest) = f.path.split_once('/')?;
                (*first == **top).then(|| Box::<str>::from(rest))
            };
            let own: Vec<FileEntry> = files
                .extract_if(.., |f| inner(f).is_some())
                .map(|mut f| {
                    if let Some(path) = inner(&f) {
                        f.path = path;
                    }
                    f
                })
                .collect();
            let size = own.iter().map(|f| f.facts.shape.bytes).sum();
            assemble(top, ArtifactKind::Folder, size, None, own, Vec::new())
        })
        .collect()
}

/// What tasting a folder gave.
#[derive(Debug)]
pub(crate) struct TastedFolder {
    /// The folder as an artifact.
    pub(crate) facts: ArtifactFacts,
    /// Packages that lie in it as archives, or unpacked; their file names are their paths in the folder.
    pub(crate) packages: Vec<ArtifactFacts>,
    /// What was left out on purpose.
    pub(crate) left_out: Vec<NotTasted>,
    /// What it cost.
    pub(crate) stats: Stats,
}

/// The growing list of files of one artifact.
struct Table<'a> {
    taster: &'a Taster,
    batch: Vec<Member>,
    batch_bytes: usize,
    known: HashMap<FactKey, Arc<FileFacts>>,
    files: Vec<FileEntry>,
    stats: Stats,
}

impl<'a> Table<'a> {
    fn new(taster: &'a Taster) -> Self {
        Self {
            taster,
            batch: Vec::new(),
            batch_bytes: 0,
            known: HashMap::new(),
            files: Vec::new(),
            stats: Stats::default(),
        }
    }

    fn add(&mut self, member: Member) {
        self.batch_bytes += member.data.len();
        self.batch.push(member);
        if self.batch_bytes >= BATCH_BYTES || self.batch.len() >= BATCH_FILES {
            self.flush();
        }
    }

    fn finish(&mut self) -> Stats {
        self.flush();
        self.stats
    }

    fn flush(&mut self) {
        let members = std::mem::take(&mut self.batch);
        let is_small = std::mem::take(&mut self.batch_bytes) <= SMALL_BYTES;
        let keys = self
            .taster
            .threads
            .each(members.iter().collect(), is_small, |m: &Member| {
                foretaste_lang::cache_key(&m.path, &m.data)
            });
        self.load(&keys);
        let mut fresh: HashMap<FactKey, &Member> = HashMap::new();
        for (member, key) in members.iter().zip(&keys) {
            if !self.known.contains_key(key) {
                fresh.entry(*key).or_insert(member);
            }
        }
        let limits = self.taster.limits;
        // the longest first, so that no thread is left alone with it at the end
        let mut fresh: Vec<(FactKey, &Member)> = fresh.into_iter().collect();
        fresh.sort_unstable_by_key(|(key, m)| (std::cmp::Reverse(m.data.len()), *key));
        let observed = self.taster.threads.each(fresh, is_small, |(key, m)| {
            let facts = foretaste_lang::observe(&m.path, &m.data, &limits);
            (key, Arc::new(facts))
        });
        self.stats.observed += observed.len() as u32;
        let source = |f: &(FactKey, Arc<FileFacts>)| stats::source_bytes(&f.1);
        self.stats.source_bytes += observed.iter().map(source).sum::<u64>();
        self.keep(&observed);
        self.known.extend(observed);
        for (member, key) in members.into_iter().zip(keys) {
            let Some(facts) = self.known.get(&key) else {
                continue;
            };
            self.files.push(FileEntry {
                path: member.path.as_str().into(),
                digest: key.digest,
                executable: member.executable,
                facts: facts.clone(),
            });
        }
        self.stats.files = self.files.len() as u32;
        self.stats.repeated = self
            .stats
            .files
            .saturating_sub(self.stats.cached + self.stats.observed);
    }

    /// Takes what the store has.
    fn load(&mut self, keys: &[FactKey]) {
        let Some(store) = &self.taster.store else {
            return;
        };
        let mut wanted: Vec<FactKey> = keys
            .iter()
            .filter(|k| !self.known.contains_key(k))
            .copied()
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        let found = self.taster.runtime.block_on(store.get_many(&wanted));
        for (key, facts) in wanted.into_iter().zip(found) {
            if let Some(facts) = facts {
                self.stats.cached += 1;
                self.known.insert(key, Arc::new(facts));
            }
        }
    }

    /// Gives the store what is new.
    fn keep(&self, observed: &[(FactKey, Arc<FileFacts>)]) {
        let Some(store) = &self.taster.store else {
            return;
        };
        let lasting = observed
            .iter()
            .filter(|(_, facts)| !known::ended_early(facts))
            .map(|(key, facts)| (*key, &**facts));
        self.taster.runtime.block_on(store.put_many(lasting));
    }
}

fn sort(files: &mut [FileEntry]) {
    files.sort_by(|a, b| a.path.cmp(&b.path).then_with(|| a.digest.cmp(&b.digest)));
}

/// An artifact as it is stored, under the name it has here.
fn whole(filename: &str, digest: ContentDigest, stored: StoredArtifact) -> ArtifactFacts {
    let digest = Digest {
        algorithm: DigestAlgorithm::Sha256,
        value: digest.to_hex().into(),
    };
    let (table, files) = known::files(stored);
    let (size, anomalies) = (table.size, table.anomalies);
    assemble(filename, table.kind, size, Some(digest), files, anomalies)
}

fn assemble(
    filename: &str,
    kind: ArtifactKind,
    size: u64,
    digest: Option<Digest>,
    files: Vec<FileEntry>,
    anomalies: Vec<Anomaly>,
) -> ArtifactFacts {
    let mut coverage = Coverage::default();
    for file in &files {
        let bytes = file.facts.shape.bytes;
        coverage.files += 1;
        coverage.bytes += bytes;
        match file.facts.outcome {
            ParseOutcome::Parsed => {
                coverage.parsed += 1;
                coverage.parsed_bytes += bytes;
            }
            ParseOutcome::Fallback => coverage.fallback += 1,
            ParseOutcome::Scanned => coverage.scanned += 1,
            ParseOutcome::Unreadable => coverage.unreadable += 1,
        }
    }
    ArtifactFacts {
        filename: filename.into(),
        kind,
        size,
        digest,
        files,
        anomalies,
        coverage,
    }
}

#[cfg(test)]
mod tests {
    use foretaste_fake_registries::{tar_gz, zip};

    use super::*;

    /// Files none of which is another one's, and that stay long when they are compressed.
    fn files() -> Vec<(String, String)> {
        let line = |n: u64| {
            let noise = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            format!("VALUE_{noise:016x} = {noise}\n")
        };
        let text = |n: u64| (n * 1_000..n * 1_000 + 400).map(line).collect();
        let path = |n: u64| format!("package/module_{n}.py");
        (0..40).map(|n| (path(n), text(n))).collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_seen_of_the_beginning_is_not_observed_again() {
        let files = files();
        let borrowed: Vec<(&str, &str)> = files.iter().map(|(p, t)| (&**p, &**t)).collect();
        let packed = [
            ("a-1.0.tar.gz", tar_gz(&borrowed)),
            ("a-1.0-py3-none-any.whl", zip(&files)),
        ];
        for (filename, bytes) in packed {
            let folder = tempfile::tempdir().expect("a folder");
            let store = Store::below(folder.path());
            let runtime = tokio::runtime::Handle::current();
            let taster = Taster::new(Limits::default(), Some(store), runtime);
            let work = move || {
                let late = &bytes[..bytes.len() / 3];
                taster.ahead(filename, late, || true);
                taster.ahead(filename, &bytes[..bytes.len() * 2 / 3], || false);
                taster.archive(filename, &bytes).1
            };
            let stats = tokio::task::spawn_blocking(work).await.expect("tasted");
            assert_eq!(stats.files, 40, "{filename}");
            assert!(
                (20..40).contains(&stats.cached),
                "{filename}: {}",
                stats.cached
            );
            assert_eq!(stats.observed + stats.cached, 40, "{filename}");
        }
    }
}
