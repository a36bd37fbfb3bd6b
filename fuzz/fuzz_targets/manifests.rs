//! The manifests of every ecosystem on arbitrary text. The first byte of the input chooses the path.
#![no_main]

use foretaste_fuzz::check_span;
use foretaste_model::Ecosystem;
use foretaste_model::facts::{InstallSurface, Problem};
use foretaste_model::manifest::ManifestFacts;
use libfuzzer_sys::fuzz_target;

type Observed = (ManifestFacts, Vec<InstallSurface>, Vec<Problem>);

const PYPI: [&str; 8] = [
    "pyproject.toml",
    "a-1/setup.cfg",
    "a-1/PKG-INFO",
    "a-1.dist-info/METADATA",
    "a-1.dist-info/WHEEL",
    "a-1.dist-info/entry_points.txt",
    "a.egg-info/requires.txt",
    "EGG-INFO/entry_points.txt",
];
const NPM: [&str; 2] = ["package/package.json", "package.json"];
const GYP: [&str; 2] = ["package/binding.gyp", "common.gypi"];
const CARGO: [&str; 2] = ["a-1/Cargo.toml", "a-1/.cargo_vcs_info.json"];

fuzz_target!(|input: &[u8]| {
    let Some((choice, bytes)) = input.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(bytes);
    let choice = usize::from(choice % 24);
    match choice {
        0..8 => check(&text, foretaste_pypi::manifest::observe(PYPI[choice], &text)),
        8..11 => check(&text, foretaste_npm::manifest::observe(NPM[choice % 2], &text)),
        11..13 => {
            let (surfaces, problems) =
                foretaste_npm::gyp::observe(GYP[choice % 2], &text).expect("a gyp file");
            check_places(&text, &surfaces, &problems);
        }
        13..16 => check(&text, foretaste_cargo::manifest::observe(CARGO[choice % 2], &text)),
        16 => check(&text, Some(foretaste_rubygems::observe(&text))),
        17 => check(&text, Some(foretaste_packagist::observe(&text))),
        18 => check(&text, Some(foretaste_actions::observe(&text))),
        19 => check(&text, without_surfaces(foretaste_golang::observe(&text))),
        20 => check(&text, without_surfaces(foretaste_nuget::nuspec(&text))),
        21 => check(&text, without_surfaces(foretaste_maven::observe(&text))),
        22 => {
            let (surfaces, problems) = foretaste_nuget::msbuild(&text);
            check_places(&text, &surfaces, &problems);
        }
        _ => {
            let mut facts = ManifestFacts::new(Ecosystem::Npm);
            let mut surfaces = Vec::new();
            foretaste_vscode::adjust(&text, &mut facts, &mut surfaces);
            check_places(&text, &surfaces, &[]);
        }
    }
});

fn without_surfaces((facts, problems): (ManifestFacts, Vec<Problem>)) -> Option<Observed> {
    Some((facts, Vec::new(), problems))
}

fn check(text: &str, observed: Option<Observed>) {
    let (facts, surfaces, problems) = observed.expect("the path of a manifest");
    check_places(text, &surfaces, &problems);
    for dependency in &facts.dependencies {
        if let Some(span) = dependency.span {
            check_span(text, span);
        }
    }
}

fn check_places(text: &str, surfaces: &[InstallSurface], problems: &[Problem]) {
    let spans = surfaces.iter().map(|s| s.span);
    for span in spans.chain(problems.iter().map(|p| p.span)).flatten() {
        check_span(text, span);
    }
}
