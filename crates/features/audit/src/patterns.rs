//! Rules over bytes: scanning what was tasted, when the user has such rules.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use foretaste_archive::Member;
use foretaste_engine::AnyRule;
use foretaste_io::files;
use foretaste_model::facts::{ArtifactFacts, ArtifactKind, FileEntry};
use foretaste_model::{ContentDigest, Limits};
use foretaste_user_rules::ByteRules;
use foretaste_user_rules::yara::Scanned;

use crate::auditor::Auditor;

/// The user's own rules.
#[derive(Clone, Debug, Default)]
pub struct OwnRules {
    /// All of them, for the judge.
    pub rules: Vec<AnyRule>,
    /// Those over bytes.
    pub bytes: Option<Arc<ByteRules>>,
}

impl Auditor {
    /// Scans the files of an archive that was tasted. Facts keep no bytes, so it is unpacked once more.
    pub(crate) fn scan_archive(
        &self,
        filename: &str,
        bytes: &[u8],
        facts: &ArtifactFacts,
    ) -> Scanned {
        let limits = *self.taster().limits();
        self.scanning(facts, |scan| {
            foretaste_archive::unpack_each(filename, bytes, &limits, &mut |member| {
                scan(&member.data);
                ControlFlow::Continue(())
            });
        })
    }

    /// Scans the files of a folder that was tasted, and what is in its archives.
    pub(crate) fn scan_folder(&self, root: &Path, facts: &ArtifactFacts) -> Scanned {
        let limits = *self.taster().limits();
        self.scanning(facts, |scan| {
            // what an archive holds has a path that is no file's, and comes with the archive
            for entry in &facts.files {
                let Ok(bytes) = files::read(&root.join(&*entry.path), limits.member_bytes) else {
                    continue;
                };
                let member = Member {
                    path: (*entry.path).to_owned(),
                    raw_path: entry.path.as_bytes().into(),
                    executable: entry.executable,
                    data: bytes.into(),
                    complete: true,
                    depth: 0,
                    link_to: None,
                };
                foretaste_archive::open_member(member, &limits, &mut |member| {
                    scan(&member.data);
                    ControlFlow::Continue(())
                });
            }
        })
    }

    /// Scans the files of a package that lies in a folder, as an archive or unpacked.
    pub(crate) fn scan_packed(&self, root: &Path, facts: &ArtifactFacts) -> Scanned {
        if facts.kind == ArtifactKind::Folder {
            return self.scan_folder(&root.join(&*facts.filename), facts);
        }
        if self.options().own_rules.bytes.is_none() {
            return Scanned::default();
        }
        let limit = self.taster().limits().artifact_bytes;
        match files::read(&root.join(&*facts.filename), limit) {
            Ok(bytes) => self.scan_archive(&facts.filename, &bytes, facts),
            Err(_) => Scanned {
                unfinished: vec![facts.filename.clone()],
                ..Scanned::default()
            },
        }
    }

    fn scanning(
        &self,
        facts: &ArtifactFacts,
        each: impl FnOnce(&mut dyn FnMut(&[u8])) + Send,
    ) -> Scanned {
        let Some(rules) = &self.options().own_rules.bytes else {
            return Scanned::default();
        };
        let limits = *self.taster().limits();
        let work = || {
            foretaste_lang::has_large_stack();
            let mut scanner = Scanner::new(rules, facts, limits);
            each(&mut |bytes| scanner.scan(bytes));
            scanner.scanned
        };
        // decoded layers are observed again, which needs the stack of an observer
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new()
                .stack_size(foretaste_lang::STACK_BYTES)
                .spawn_scoped(scope, work);
            let done = thread.ok().and_then(|t| t.join().ok());
            done.unwrap_or_else(|| Scanned {
                unfinished: vec![facts.filename.clone()],
                ..Scanned::default()
            })
        })
    }
}

struct Scanner<'a> {
    rules: &'a ByteRules,
    facts: &'a ArtifactFacts,
    limits: Limits,
    /// Files that were not scanned yet, by content.
    left: BTreeMap<ContentDigest, &'a FileEntry>,
    scanned: Scanned,
}

impl<'a> Scanner<'a> {
    fn new(rules: &'a ByteRules, facts: &'a ArtifactFacts, limits: Limits) -> Self {
        Self {
            rules,
            facts,
            limits,
            left: facts.files.iter().rev().map(|f| (f.digest, f)).collect(),
            scanned: Scanned::default(),
        }
    }

    /// Scans a content once, under the first path that has it.
    fn scan(&mut self, bytes: &[u8]) {
        if let Some(entry) = self.left.remove(&ContentDigest::of(bytes)) {
            let to = &mut self.scanned;
            self.rules
                .scan_file(&self.facts.filename, entry, bytes, &self.limits, to);
        }
    }
}
