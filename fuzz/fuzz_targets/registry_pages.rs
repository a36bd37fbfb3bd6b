//! What registries answer, as arbitrary bytes. The first byte of the input chooses the kind of answer.
#![no_main]

use foretaste_model::metadata::ReleaseMetadata;
use foretaste_model::{Ecosystem, ReleaseId};
use foretaste_pypi::version::python_allowed;
use foretaste_pypi::{DistFilename, Platform, PypiVersion, simple};
use foretaste_registry::Endpoint;
use libfuzzer_sys::fuzz_target;
use url::Url;

const MEDIA_TYPES: [&str; 4] = [
    "application/vnd.pypi.simple.v1+json",
    "application/vnd.pypi.simple.v1+html",
    "text/html",
    "application/octet-stream",
];
const WANTED: [Option<&str>; 4] = [None, Some("1.0.0"), Some(">=1, <3"), Some("beta")];
const DOWNLOAD: [&str; 2] = ["https://d.example/", "https://d.example/{lowerprefix}/{crate}/{version}"];

fuzz_target!(|input: &[u8]| {
    let Some((choice, body)) = input.split_first() else {
        return;
    };
    let choice = usize::from(*choice);
    let wanted = WANTED[choice / 16 % 4];
    match choice % 16 {
        kind @ 0..8 => simple_page(MEDIA_TYPES[kind % 4], body),
        8 | 9 => {
            foretaste_pypi::fuzzing::project_json(body);
        }
        10..13 => {
            let endpoint = Endpoint::parse("https://npm.example/registry/", "--registry").expect("a URL");
            foretaste_npm::fuzzing::packument(body, "@scope/pad", wanted, &endpoint);
        }
        13 => {
            foretaste_npm::fuzzing::advisories(body, "pad");
        }
        14 => {
            let text = String::from_utf8_lossy(body);
            foretaste_cargo::fuzzing::index(&text, wanted, DOWNLOAD[choice / 64 % 2]);
        }
        _ => {
            let mut release = ReleaseMetadata::new(ReleaseId::new(Ecosystem::Cargo, "pad", "1.0.0"));
            foretaste_cargo::fuzzing::api(&mut release, body);
        }
    }
});

fn simple_page(media_type: &str, body: &[u8]) {
    let base = Url::parse("https://pkgs.example/simple/pad/").expect("a URL");
    let Ok(page) = simple::parse(&base, media_type, body) else {
        return;
    };
    let platform = Platform::assumed();
    let mut versions = Vec::new();
    for file in &page.files {
        assert!(!file.filename.contains('/'), "{:?}", file.filename);
        if let Some(dist) = DistFilename::parse(&file.filename, "pad") {
            platform.accepts(&dist);
            versions.extend(dist.version().map(PypiVersion::new));
        }
        if let Some(specifiers) = &file.requires_python {
            python_allowed(specifiers, &platform.python_version());
        }
    }
    versions.extend(page.versions.iter().map(|v| PypiVersion::new(v)));
    versions.sort();
    assert!(versions.windows(2).all(|pair| pair[0] <= pair[1]));
}
