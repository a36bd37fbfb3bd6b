//! How large a package is, and what that leaves of evidence in code that does not simply run by itself.
//!
//! An attack runs by itself, or its package holds little else. In an application of thousands of functions some of them
//! download, delete and start programs, because that is what it is for. So evidence that waits to be called weighs less
//! the more there is around it, and so does what an import only reaches through other functions. It never weighs nothing:
//! padding cannot hide a chain, and what runs at install or at the top of a module does not depend on size at all.

use std::collections::BTreeSet;

use foretaste_model::facts::{ArtifactFacts, Callee, FileFacts, Language};
use foretaste_model::{Confidence, Evidence, ExecutionContext, Finding, Span};

use crate::paths::{is_asset, is_test_path};
use crate::score::STRETCH;
use crate::view::function_at;

/// How large the artifacts of a release are, in functions.
#[derive(Debug)]
pub(crate) struct Bulk<'a> {
    artifacts: &'a [ArtifactFacts],
    shares: Vec<f64>,
}

impl<'a> Bulk<'a> {
    /// Up to so many functions, nothing is lost: half of all malicious packages have fewer than ten.
    const SMALL: f64 = 60.0;
    /// From so many functions on, only [`Self::LEAST`] is left.
    const LARGE: f64 = 2000.0;
    /// The least that is left.
    pub(crate) const LEAST: f64 = 0.5;
    /// What the top of a module calls, and what that calls in turn, is as good as written there.
    const DIRECT: usize = 2;

    /// Measures artifacts: programs in source form that are neither tests nor assets.
    pub(crate) fn of(artifacts: &'a [ArtifactFacts]) -> Self {
        let functions = |artifact: &ArtifactFacts| {
            artifact
                .files
                .iter()
                .filter(|f| is_program(f.facts.language) && !f.path.contains('!'))
                .filter(|f| !is_test_path(&f.path) && !is_asset(&f.path, &f.facts, artifact.kind))
                .map(|f| f.facts.functions.len())
                .sum()
        };
        Self {
            artifacts,
            shares: artifacts
                .iter()
                .map(|a| Self::left_by(functions(a)))
                .collect(),
        }
    }

    /// What a finding keeps of its weight.
    pub(crate) fn share(&self, finding: &Finding) -> f64 {
        let Some(site) = finding.evidence.last() else {
            return 1.0;
        };
        let of_site = self.artifacts.iter().zip(&self.shares);
        let of_site =
            of_site.filter(|(a, _)| site.artifact.is_empty() || a.filename == site.artifact);
        let found = of_site
            .map(|(artifact, share)| (artifact, share.min(share_of_file(artifact, site))))
            .find(|(_, share)| *share < 1.0);
        let Some((artifact, share)) = found else {
            return 1.0;
        };
        match finding.context {
            None | Some(ExecutionContext::Install | ExecutionContext::Start) => 1.0,
            Some(ExecutionContext::Import)
                if is_direct(artifact, site) && stands_in_one_place(artifact, finding) =>
            {
                1.0
            }
            // what is certain in itself depends on what stands around it only half as much
            Some(_) if finding.confidence == Confidence::Certain => f64::midpoint(share, 1.0),
            Some(_) => share,
        }
    }

    fn left_by(functions: usize) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a count of functions")]
        let size = (functions as f64).clamp(Self::SMALL, Self::LARGE);
        let above = (size / Self::SMALL).ln() / (Self::LARGE / Self::SMALL).ln();
        let left = 1.0 - above * (1.0 - Self::LEAST);
        (left * 100.0).round() / 100.0
    }
}

/// What a whole program in one file leaves, though the artifact counts that file as an asset.
fn share_of_file(artifact: &ArtifactFacts, site: &Evidence) -> f64 {
    match artifact.file(&site.path) {
        Some(file) if is_whole_program(&file.facts) => Bulk::LEAST,
        _ => 1.0,
    }
}

/// True if evidence stands at the top of its module, or in what is called from there without detours.
fn is_direct(artifact: &ArtifactFacts, site: &Evidence) -> bool {
    let (Some(span), Some(file)) = (site.span, artifact.file(&site.path)) else {
        return true;
    };
    let Some(function) = function_at(&file.facts, span) else {
        return true;
    };
    reached_from_top(&file.facts).contains(&function)
}

/// False for a chain whose ends lie far apart in a whole program that is one file.
///
/// What was put into such a file stands together. Ends that are thousands of lines apart are joined by what the program
/// keeps on its heap, which is the same for everything in it.
fn stands_in_one_place(artifact: &ArtifactFacts, finding: &Finding) -> bool {
    let Some(site) = finding.evidence.last() else {
        return true;
    };
    let Some(file) = artifact.file(&site.path) else {
        return true;
    };
    if !is_whole_program(&file.facts) {
        return true;
    }
    let beside = finding.evidence.iter().filter(|e| e.path == site.path);
    let spans: Vec<Span> = beside.filter_map(|e| e.span).collect();
    !spans
        .iter()
        .any(|a| spans.iter().any(|b| are_far_apart(*a, *b)))
}

/// True for places that lie a stretch of lines apart, or as much text where a minifier left one line.
const fn are_far_apart(a: Span, b: Span) -> bool {
    /// Characters of a line as people write them.
    const LINE: u32 = 40;
    if a.line == b.line {
        a.column.abs_diff(b.column) > STRETCH * LINE
    } else {
        a.line.abs_diff(b.line) > STRETCH
    }
}

/// True for a whole program in one file, as bundlers make it.
pub fn is_whole_program(facts: &FileFacts) -> bool {
    facts.functions.len() >= Bulk::LARGE as usize
}

fn reached_from_top(facts: &FileFacts) -> BTreeSet<u32> {
    let mut reached = BTreeSet::from([0]);
    // a whole program in one file calls most of itself within two steps
    let steps = if is_whole_program(facts) {
        1
    } else {
        Bulk::DIRECT
    };
    for _ in 0..steps {
        let next: Vec<u32> = reached
            .iter()
            .filter_map(|f| facts.functions.get(*f as usize))
            .flat_map(|f| &f.calls)
            .filter_map(|callee| match callee {
                Callee::Local(local) => Some(*local),
                Callee::External(_) => None,
            })
            .collect();
        reached.extend(next);
    }
    reached
}

const fn is_program(language: Language) -> bool {
    matches!(
        language,
        Language::Python
            | Language::JavaScript
            | Language::TypeScript
            | Language::Rust
            | Language::Ruby
            | Language::Php
            | Language::Go
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_apart_is_counted_in_lines_or_within_one() {
        let at = |line, column| Span {
            line,
            column,
            end_line: line,
            end_column: column + 1,
        };
        assert!(!are_far_apart(at(1, 1), at(1501, 1)));
        assert!(are_far_apart(at(1, 1), at(1502, 1)));
        assert!(!are_far_apart(at(1, 1), at(1, 60_001)));
        assert!(are_far_apart(at(1, 60_002), at(1, 1)));
    }

    #[test]
    fn size_lowers_the_share_smoothly_and_never_to_nothing() {
        let mut last = 1.0;
        for functions in [0, 1, 60, 61, 100, 500, 1999, 2000, 1_000_000] {
            let share = Bulk::left_by(functions);
            assert!(
                share <= last && share >= Bulk::LEAST,
                "{functions}: {share}"
            );
            last = share;
        }
        assert!((Bulk::left_by(60) - 1.0).abs() < 1e-9);
        assert!((Bulk::left_by(2000) - 0.5).abs() < 1e-9);
    }
}
