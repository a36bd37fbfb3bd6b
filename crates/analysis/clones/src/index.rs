//! The index as it is edited: add, remove, exclude.

use std::collections::{BTreeMap, BTreeSet};

use foretaste_model::facts::{ArtifactFacts, FileFacts, Language, Sketch};
use serde::{Deserialize, Serialize};

use crate::hex_digest;
use crate::key::{Kind, key, of_digest};
use crate::records::{Indicator, KnownArtifact, KnownCode, KnownFile, KnownRelease};

/// Tokens below which code says too little to be recognised by its shape.
pub(crate) const MIN_SHAPE_TOKENS: u32 = 24;
/// Bytes below which a file says too little to be recognised by its digest.
const MIN_FILE_BYTES: u64 = 48;
/// Tokens below which a chunk says too little to be kept.
const MIN_CHUNK_TOKENS: u16 = 8;

/// Everything that is known to be bad, as it is edited and exported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Index {
    /// Known-bad artifacts.
    pub artifacts: Vec<KnownArtifact>,
    /// Their files and decoded layers.
    pub files: Vec<KnownFile>,
    /// Releases that feeds name.
    pub releases: Vec<KnownRelease>,
    /// Hosts, addresses and digests that feeds name.
    pub indicators: Vec<Indicator>,
    /// Keys of what benign files have: it counts for nothing, whoever has it.
    pub benign: BTreeSet<u64>,
}

/// What adding something did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Artifacts that are new.
    pub artifacts: usize,
    /// Files and layers that are new.
    pub files: usize,
    /// Artifacts that were already known.
    pub known: usize,
    /// Releases that are new.
    pub releases: usize,
    /// Indicators that are new.
    pub indicators: usize,
    /// Pieces of benign code that are new.
    pub benign: usize,
}

impl std::ops::AddAssign for Added {
    fn add_assign(&mut self, other: Self) {
        self.artifacts += other.artifacts;
        self.files += other.files;
        self.known += other.known;
        self.releases += other.releases;
        self.indicators += other.indicators;
        self.benign += other.benign;
    }
}

impl Index {
    /// Adds a known-bad artifact. `culprits` are the paths of the files that were themselves found to be bad: if there
    /// are any, the others are left out, because bad packages carry copies of good ones.
    pub fn add(
        &mut self,
        mut artifact: KnownArtifact,
        facts: &ArtifactFacts,
        culprits: &BTreeSet<&str>,
    ) -> Added {
        artifact.digest = artifact.digest.or_else(|| {
            let digest = facts.digest.as_ref()?;
            hex_digest::read(&digest.value)
        });
        let is_known =
            artifact.digest.is_some() && self.artifacts.iter().any(|a| a.digest == artifact.digest);
        if is_known {
            return Added {
                known: 1,
                ..Added::default()
            };
        }
        let number = self.artifacts.len() as u32;
        self.artifacts.push(artifact);
        let before = self.files.len();
        for entry in &facts.files {
            let culprit = culprits.contains(&*entry.path);
            if !culprits.is_empty() && !culprit {
                continue;
            }
            let file = |digest, facts: &FileFacts| KnownFile {
                artifact: number,
                path: entry.path.to_string(),
                digest,
                culprit,
                code: code(&facts.sketch),
            };
            let worth = is_program(&entry.facts) && entry.facts.shape.bytes >= MIN_FILE_BYTES;
            let own = file(worth.then_some(entry.digest), &entry.facts);
            if own.digest.is_some() || own.code.is_some() {
                self.files.push(own);
            }
            let mut layers: Vec<&FileFacts> = below(&entry.facts);
            while let Some(layer) = layers.pop() {
                layers.extend(below(layer));
                let inner = file(None, layer);
                if inner.code.is_some() {
                    self.files.push(inner);
                }
            }
        }
        Added {
            artifacts: 1,
            files: self.files.len() - before,
            ..Added::default()
        }
    }

    /// Adds an artifact of which only the digest is known.
    pub fn add_digest(&mut self, artifact: KnownArtifact) -> Added {
        let known = self.artifacts.iter().any(|a| a.digest == artifact.digest);
        if !known {
            self.artifacts.push(artifact);
        }
        Added {
            artifacts: usize::from(!known),
            known: usize::from(known),
            ..Added::default()
        }
    }

    /// Notes what a benign artifact has: it counts for nothing from now on.
    pub fn add_benign(&mut self, facts: &ArtifactFacts) -> Added {
        let before = self.benign.len();
        for entry in &facts.files {
            if is_program(&entry.facts) {
                self.benign.insert(of_digest(Kind::File, &entry.digest));
            }
            let mut all: Vec<&FileFacts> = vec![&entry.facts];
            while let Some(facts) = all.pop() {
                all.extend(below(facts));
                if let Some(code) = code(&facts.sketch) {
                    self.benign.insert(key(Kind::Shape, code.shape));
                    let chunks = code.chunks.iter().map(|(hash, _)| key(Kind::Chunk, *hash));
                    self.benign.extend(chunks);
                }
            }
        }
        Added {
            benign: self.benign.len() - before,
            ..Added::default()
        }
    }

    /// Adds a release that a feed names.
    pub fn add_release(&mut self, release: KnownRelease) -> Added {
        let new = !self.releases.contains(&release);
        if new {
            self.releases.push(release);
        }
        Added {
            releases: usize::from(new),
            ..Added::default()
        }
    }

    /// Adds an indicator that a feed names.
    pub fn add_indicator(&mut self, indicator: Indicator) -> Added {
        let same = |i: &Indicator| i.kind == indicator.kind && i.value == indicator.value;
        let new = !self.indicators.iter().any(same);
        if new {
            self.indicators.push(indicator);
        }
        Added {
            indicators: usize::from(new),
            ..Added::default()
        }
    }

    /// Adds everything of another index.
    pub fn merge(&mut self, other: Self) -> Added {
        let mut added = Added::default();
        let digests: BTreeSet<_> = self.artifacts.iter().filter_map(|a| a.digest).collect();
        let mut moved = BTreeMap::new();
        for (number, artifact) in other.artifacts.into_iter().enumerate() {
            if artifact.digest.is_some_and(|d| digests.contains(&d)) {
                added.known += 1;
                continue;
            }
            moved.insert(number as u32, self.artifacts.len() as u32);
            self.artifacts.push(artifact);
            added.artifacts += 1;
        }
        for mut file in other.files {
            if let Some(number) = moved.get(&file.artifact) {
                file.artifact = *number;
                self.files.push(file);
                added.files += 1;
            }
        }
        for release in other.releases {
            added += self.add_release(release);
        }
        for indicator in other.indicators {
            added += self.add_indicator(indicator);
        }
        let before = self.benign.len();
        self.benign.extend(other.benign);
        added.benign = self.benign.len() - before;
        added
    }

    /// Removes what has this name, family, source, record id or value; returns how much.
    pub fn remove(&mut self, what: &str) -> usize {
        let gone: BTreeSet<u32> = (0_u32..)
            .zip(&self.artifacts)
            .filter(|(_, a)| {
                [&a.name, &a.family, &a.source].iter().any(|t| *t == what)
                    || a.digest.is_some_and(|d| d.to_hex() == what)
            })
            .map(|(number, _)| number)
            .collect();
        let count =
            |index: &Self| index.artifacts.len() + index.releases.len() + index.indicators.len();
        let before = count(self);
        let mut new_numbers = BTreeMap::new();
        let mut kept = Vec::new();
        for (number, artifact) in (0_u32..).zip(std::mem::take(&mut self.artifacts)) {
            if !gone.contains(&number) {
                new_numbers.insert(number, kept.len() as u32);
                kept.push(artifact);
            }
        }
        self.artifacts = kept;
        self.files.retain_mut(|file| {
            new_numbers.get(&file.artifact).is_some_and(|number| {
                file.artifact = *number;
                true
            })
        });
        self.releases
            .retain(|r| r.name != what && r.id != what && r.source != what);
        self.indicators
            .retain(|i| i.value != what && i.source != what);
        before - count(self)
    }
}

/// The layers right below.
pub(crate) fn below(facts: &FileFacts) -> Vec<&FileFacts> {
    facts.layers.iter().map(|l| &*l.facts).collect()
}

/// Prose, data and pictures are shared by packages that have nothing to do with one another.
pub(crate) const fn is_program(facts: &FileFacts) -> bool {
    facts.language.is_program_text()
        || matches!(facts.language, Language::Native | Language::Bytecode)
}

fn code(sketch: &Sketch) -> Option<KnownCode> {
    (sketch.tokens >= MIN_SHAPE_TOKENS).then(|| KnownCode {
        shape: sketch.shape,
        tokens: sketch.tokens,
        chunks: sketch
            .chunks
            .iter()
            .filter(|c| c.tokens >= MIN_CHUNK_TOKENS)
            .map(|c| (c.hash, c.tokens))
            .collect(),
    })
}
