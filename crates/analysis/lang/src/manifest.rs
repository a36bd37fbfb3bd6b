//! Package manifests: the ecosystems read their own.

use foretaste_model::facts::{
    FileFacts, InstallSurface, Language, ParseOutcome, Problem, ProblemKind,
};
use foretaste_model::manifest::ManifestFacts;

use crate::text::{self, Setting};

/// What an ecosystem's reader gives.
type Read = (Option<ManifestFacts>, Vec<InstallSurface>, Vec<Problem>);

/// Reads a manifest; `path` is the hint of its reading.
pub(crate) fn observe(path: &str, text: &str) -> FileFacts {
    let mut builder = text::scanned(Language::Manifest, text, Setting::Code);
    if let Some((manifest, surfaces, problems)) = read(path, text) {
        let malformed = problems.iter().any(|p| p.kind == ProblemKind::Malformed);
        builder.set_outcome(if malformed {
            ParseOutcome::Fallback
        } else {
            ParseOutcome::Parsed
        });
        if let Some(manifest) = manifest {
            builder.set_manifest(manifest);
        }
        for surface in surfaces {
            let offset = surface
                .span
                .and_then(|s| crate::observe::offset_of(text, s.line, s.column));
            builder.surface(surface, offset);
        }
        let mut facts = builder.finish();
        facts.problems.extend(problems);
        return facts;
    }
    builder.finish()
}

/// Asks each ecosystem in turn.
fn read(path: &str, text: &str) -> Option<Read> {
    let whole = |(manifest, surfaces, problems)| (Some(manifest), surfaces, problems);
    match path {
        "metadata.gem" => return Some(whole(foretaste_rubygems::observe(text))),
        "composer.json" => return Some(whole(foretaste_packagist::observe(text))),
        "action.yml" => return Some(whole(foretaste_actions::observe(text))),
        "go.mod" => {
            let (manifest, problems) = foretaste_golang::observe(text);
            return Some((Some(manifest), Vec::new(), problems));
        }
        "package.nuspec" => {
            let (manifest, problems) = foretaste_nuget::nuspec(text);
            return Some((Some(manifest), Vec::new(), problems));
        }
        "pom.xml" => {
            let (manifest, problems) = foretaste_maven::observe(text);
            return Some((Some(manifest), Vec::new(), problems));
        }
        "build.targets" => {
            let (surfaces, problems) = foretaste_nuget::msbuild(text);
            return Some((None, surfaces, problems));
        }
        "package.json" => {
            let (mut manifest, mut surfaces, problems) =
                foretaste_npm::manifest::observe(path, text)?;
            foretaste_vscode::adjust(text, &mut manifest, &mut surfaces);
            return Some((Some(manifest), surfaces, problems));
        }
        _ => {}
    }
    foretaste_cargo::manifest::observe(path, text)
        .or_else(|| foretaste_pypi::manifest::observe(path, text))
        .map(whole)
        .or_else(|| {
            foretaste_npm::gyp::observe(path, text)
                .map(|(surfaces, problems)| (None, surfaces, problems))
        })
}
