//! What the rules on dependency sources share.

use std::collections::BTreeSet;

use foretaste_engine::prelude::*;
use foretaste_model::facts::{ArtifactFacts, FileEntry};
use foretaste_model::manifest::Dependency;

/// Every dependency whose source `pick` takes, once for each name and source, with its evidence: those of the
/// artifact's own manifests first, then those that only the registry lists.
pub(super) fn from_elsewhere<'a>(
    scene: &'a Scene<'_>,
    pick: impl Fn(&'a Dependency) -> Option<&'a str>,
) -> Vec<(&'a Dependency, &'a str, Evidence)> {
    let listed = scene
        .record()
        .and_then(|r| r.dependencies.known())
        .map_or(&[][..], Vec::as_slice);
    let declared = scene.manifests().flat_map(|(artifact, path, manifest)| {
        let place = (&*artifact.filename, path);
        manifest.dependencies.iter().map(move |d| (place, d))
    });
    let mut seen = BTreeSet::new();
    declared
        .chain(listed.iter().map(|d| (("", ""), d)))
        .filter_map(|((artifact, path), dependency)| {
            let source = pick(dependency)?;
            if !seen.insert((dependency.name.clone(), source)) {
                return None;
            }
            let note = format!("{} = {source}", dependency.name);
            let mut evidence = Evidence::file(artifact, path, note);
            evidence.span = dependency.span;
            Some((dependency, source, evidence))
        })
        .collect()
}

/// Lines of C, C++, Cython, Fortran and assembly.
pub(super) fn native_lines(artifact: &ArtifactFacts) -> u32 {
    const ENDINGS: &[&str] = &[
        "c", "cc", "cpp", "cxx", "h", "hpp", "hh", "pyx", "pxd", "pxi", "f", "f90", "s", "m",
    ];
    let native = artifact.files.iter().filter(|f| {
        f.path
            .rsplit_once('.')
            .is_some_and(|(_, ending)| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
    });
    native.fold(0, |lines, file| {
        lines.saturating_add(file.facts.shape.lines)
    })
}

/// Lines of the programs of an artifact that `counts` picks.
pub(super) fn lines_of_programs(
    artifact: &ArtifactFacts,
    counts: impl Fn(&FileEntry) -> bool,
) -> u32 {
    let programs = artifact
        .files
        .iter()
        .filter(|f| f.facts.language.is_program_text() && counts(f));
    programs.fold(0, |lines, f| lines.saturating_add(f.facts.shape.lines))
}
