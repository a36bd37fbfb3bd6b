//! What a package shares with the known-bad ones.

use std::collections::{BTreeMap, BTreeSet};

use foretaste_model::facts::{ArtifactFacts, FileEntry, FileFacts, Sketch};
use foretaste_model::{KnownMatch, KnownMatchKind, Span};

use crate::compile::FileHead;
use crate::index::{MIN_SHAPE_TOKENS, is_program};
use crate::indicator::within;
use crate::key::{Kind, key, of_text};
use crate::{Indicator, IndicatorKind, KnownArtifact, Lookup, hex_digest};

/// The least part of a relative's own code that is worth telling.
const MIN_SHARE: f32 = 0.3;
/// The least shared code that is worth telling, in tokens.
const MIN_SHARED: u32 = 40;
/// Shared pieces of which the places are told.
const MAX_PLACES: usize = 4;
/// Matches of one artifact that are told.
const MAX_MATCHES: usize = 64;

impl Lookup {
    /// What an artifact shares with known-bad packages, exact matches first.
    pub fn matches(&self, artifact: &ArtifactFacts) -> Vec<KnownMatch> {
        if self.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        let digest = artifact
            .digest
            .as_ref()
            .and_then(|d| hex_digest::read(&d.value));
        if let Some(known) = digest.and_then(|d| self.artifact(&d)) {
            found.push(described(KnownMatchKind::Artifact, known, artifact));
        }
        if let Some(indicator) =
            digest.and_then(|d| self.indicator(IndicatorKind::Sha256, &d.to_hex()))
        {
            found.push(indicated(indicator, artifact));
        }
        for entry in &artifact.files {
            self.file_matches(artifact, entry, &mut found);
            if found.len() >= MAX_MATCHES {
                break;
            }
        }
        found.sort_by(|a, b| {
            a.kind
                .cmp(&b.kind)
                .then_with(|| b.share.total_cmp(&a.share))
                .then_with(|| b.tokens.cmp(&a.tokens))
                .then_with(|| {
                    (&a.path, &a.layer, &a.relative).cmp(&(&b.path, &b.layer, &b.relative))
                })
        });
        found.truncate(MAX_MATCHES);
        found
    }

    fn file_matches(
        &self,
        artifact: &ArtifactFacts,
        entry: &FileEntry,
        found: &mut Vec<KnownMatch>,
    ) {
        let place = |known: KnownMatch| KnownMatch {
            path: entry.path.clone(),
            ..known
        };
        if self.has_indicators()
            && let Some(indicator) = self.indicator(IndicatorKind::Sha256, &entry.digest.to_hex())
        {
            found.push(place(indicated(indicator, artifact)));
        }
        let same = is_program(&entry.facts)
            .then(|| self.file(&entry.digest))
            .flatten();
        if let Some((head, known)) = same {
            let exact = described(KnownMatchKind::File, known, artifact);
            found.push(place(with_head(exact, head, 1.0, head.tokens)));
        }
        // one relative for each relation is enough for one file, whatever its layers
        let mut views: Vec<(Vec<Box<str>>, &FileFacts)> = vec![(Vec::new(), &entry.facts)];
        let mut values = BTreeSet::new();
        while let Some((layer, facts)) = views.pop() {
            for inner in &facts.layers {
                let mut steps = layer.clone();
                steps.extend(inner.steps.iter().cloned());
                views.push((steps, &inner.facts));
            }
            let here = |known: KnownMatch| KnownMatch {
                layer: layer.clone(),
                ..place(known)
            };
            if same.is_none() || !layer.is_empty() {
                found.extend(self.relative(artifact, &facts.sketch).map(here));
            }
            if self.has_indicators() {
                self.constants(artifact, facts, &mut values, |known| {
                    found.push(here(known));
                });
            }
        }
    }

    /// The nearest relative of a sketch.
    fn relative(&self, artifact: &ArtifactFacts, sketch: &Sketch) -> Option<KnownMatch> {
        if sketch.tokens < MIN_SHAPE_TOKENS {
            return None;
        }
        let whole = key(Kind::Shape, sketch.shape);
        let same = self
            .files(whole, Kind::Shape)
            .find(|(_, head, _)| head.tokens == sketch.tokens);
        if let Some((_, head, known)) = same {
            let places = sketch
                .chunks
                .iter()
                .take(1)
                .map(|c| span(c.line, 0))
                .collect();
            let known = described(KnownMatchKind::Shape, known, artifact);
            return Some(KnownMatch {
                places,
                ..with_head(known, head, 1.0, head.tokens)
            });
        }
        let mut common: BTreeMap<usize, (u32, Vec<Span>, BTreeSet<u64>)> = BTreeMap::new();
        for chunk in &sketch.chunks {
            for (number, _, _) in self.files(key(Kind::Chunk, chunk.hash), Kind::Chunk) {
                let (tokens, places, seen) = common.entry(number).or_default();
                // what is repeated counts once
                if seen.insert(chunk.hash) {
                    *tokens += u32::from(chunk.tokens);
                    places.push(span(chunk.line, chunk.more_lines));
                }
            }
        }
        let best = common
            .into_iter()
            .filter(|(_, (tokens, ..))| *tokens >= MIN_SHARED)
            .filter_map(|(number, (tokens, places, _))| {
                let (head, known) = self.file_at(number)?;
                let share = (tokens as f32 / head.own_tokens.max(1) as f32).min(1.0);
                (share >= MIN_SHARE).then_some((share, tokens, places, head, known))
            })
            .max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))?;
        let (share, tokens, mut places, head, known) = best;
        places.truncate(MAX_PLACES);
        let known = described(KnownMatchKind::Code, known, artifact);
        Some(KnownMatch {
            places,
            ..with_head(known, head, share, tokens)
        })
    }

    /// The indicators among the constants of a file or layer.
    fn constants(
        &self,
        artifact: &ArtifactFacts,
        facts: &FileFacts,
        seen: &mut BTreeSet<String>,
        mut found: impl FnMut(KnownMatch),
    ) {
        let literals = facts.literals.iter().map(|l| (&*l.value, l.span));
        let uses = facts
            .uses
            .iter()
            .flat_map(|u| u.constants.iter().map(|c| (&**c, u.span)));
        for (text, span) in literals.chain(uses) {
            for (kind, value) in within(text) {
                let Some(indicator) = self.indicator(kind, &value) else {
                    continue;
                };
                if seen.insert(value) {
                    found(KnownMatch {
                        places: vec![span],
                        ..indicated(indicator, artifact)
                    });
                }
            }
        }
    }

    fn indicator(&self, kind: IndicatorKind, value: &str) -> Option<&Indicator> {
        self.indicators(of_text(Kind::Indicator, value))
            .find(|i| i.kind == kind && i.value == value)
    }
}

const fn span(line: u32, more: u16) -> Span {
    Span {
        line,
        column: 1,
        end_line: line.saturating_add(more as u32),
        end_column: 2,
    }
}

fn described(kind: KnownMatchKind, known: &KnownArtifact, artifact: &ArtifactFacts) -> KnownMatch {
    KnownMatch {
        kind,
        relative: known.name.as_str().into(),
        family: known.family.as_str().into(),
        source: known.source.as_str().into(),
        relative_path: "".into(),
        artifact: artifact.filename.clone(),
        path: "".into(),
        layer: Vec::new(),
        places: Vec::new(),
        tokens: 0,
        share: 1.0,
        culprit: true,
    }
}

fn with_head(known: KnownMatch, head: &FileHead, share: f32, tokens: u32) -> KnownMatch {
    KnownMatch {
        relative_path: head.path.clone(),
        culprit: head.culprit,
        share,
        tokens,
        ..known
    }
}

fn indicated(indicator: &Indicator, artifact: &ArtifactFacts) -> KnownMatch {
    KnownMatch {
        kind: KnownMatchKind::Indicator {
            value: indicator.value.as_str().into(),
            note: indicator.note.as_str().into(),
            malware: indicator.malware,
        },
        relative: indicator.source.as_str().into(),
        family: "".into(),
        source: indicator.source.as_str().into(),
        relative_path: "".into(),
        artifact: artifact.filename.clone(),
        path: "".into(),
        layer: Vec::new(),
        places: Vec::new(),
        tokens: 0,
        share: 1.0,
        culprit: true,
    }
}
