//! Wheels that pip installs.

use base64::Engine as _;
use sha2::{Digest as _, Sha256};

use crate::{FakeFile, zip};

/// A pure wheel with these files, what it needs (`Requires-Dist`), a true RECORD, and its metadata beside it (PEP 658).
/// The result depends on its input alone.
///
/// # Panics
/// When memory does not take an archive.
pub fn wheel(name: &str, version: &str, needs: &[&str], files: &[(&str, &str)]) -> FakeFile {
    let base = format!("{}-{version}", name.replace('-', "_"));
    let mut metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n");
    for need in needs {
        metadata.extend(["Requires-Dist: ", need, "\n"]);
    }
    let info = format!("{base}.dist-info");
    let mut all: Vec<(String, String)> = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    all.push((format!("{info}/METADATA"), metadata.clone()));
    all.push((
        format!("{info}/WHEEL"),
        "Wheel-Version: 1.0\nGenerator: fake\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            .to_owned(),
    ));
    let mut record: String = all
        .iter()
        .map(|(path, text)| {
            let digest = base64::engine::general_purpose::URL_SAFE_NO_PAD
                .encode(Sha256::digest(text.as_bytes()));
            format!("{path},sha256={digest},{}\n", text.len())
        })
        .collect();
    record.extend([&*info, "/RECORD,,\n"]);
    all.push((format!("{info}/RECORD"), record));
    let bytes = zip(&all);
    FakeFile::new(&format!("{base}-py3-none-any.whl"), &bytes).metadata(&metadata)
}
