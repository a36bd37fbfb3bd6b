//! The core metadata of a wheel, read and never executed.

use std::io::Read as _;
use std::path::Path;

use foretaste_io::files;
use foretaste_model::{Ecosystem, PackageName};
use foretaste_pypi::PypiVersion;

/// Bytes of a wheel that is read.
const WHEEL_LIMIT: u64 = 4 << 30;
/// Bytes of its metadata.
const METADATA_LIMIT: u64 = 4 << 20;

/// The text of `*.dist-info/METADATA`.
///
/// # Errors
/// Why the file is no wheel.
pub(super) fn metadata(path: &Path) -> Result<String, String> {
    let bytes = files::read(path, WHEEL_LIMIT).map_err(|e| e.to_string())?;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes))
        .map_err(|e| format!("the wheel is no zip archive: {e}"))?;
    let found: Vec<String> = archive
        .file_names()
        .filter_map(Result::ok)
        .filter(|name| name.ends_with(".dist-info/METADATA") && name.matches('/').count() == 1)
        .map(std::borrow::Cow::into_owned)
        .collect();
    let [name] = found.as_slice() else {
        return Err(format!(
            "a wheel has one `.dist-info/METADATA`, and this one has {}",
            found.len()
        ));
    };
    let entry = archive.by_name(name).map_err(|e| e.to_string())?;
    let mut text = Vec::new();
    entry
        .take(METADATA_LIMIT + 1)
        .read_to_end(&mut text)
        .map_err(|e| format!("`{name}` cannot be read: {e}"))?;
    if text.len() as u64 > METADATA_LIMIT {
        return Err(format!("`{name}` is too large"));
    }
    String::from_utf8(text).map_err(|_| format!("`{name}` is not UTF-8"))
}

/// Whether the metadata is of this release: a wheel that says otherwise would be installed under another name.
///
/// # Errors
/// What differs.
pub(super) fn belongs(metadata: &str, name: &str, version: &PypiVersion) -> Result<(), String> {
    let header = |wanted: &str| {
        metadata
            .lines()
            .take_while(|line| !line.trim().is_empty())
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.trim())
            .unwrap_or_default()
    };
    let own = PackageName::new(Ecosystem::Pypi, header("Name"));
    if own != PackageName::new(Ecosystem::Pypi, name) {
        return Err(format!(
            "the wheel's own metadata calls it {:?}",
            header("Name")
        ));
    }
    if !PypiVersion::new(header("Version")).same(version) {
        return Err(format!(
            "the wheel's own metadata says version {:?}",
            header("Version")
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_must_be_of_the_release() {
        let text = "Metadata-Version: 2.1\nName: Acme_Utils\nVersion: 1.0\n\nName: other\n";
        let version = PypiVersion::new("1.0.0");
        assert_eq!(belongs(text, "acme-utils", &version), Ok(()));
        assert!(belongs(text, "other", &version).is_err());
        assert!(belongs(text, "acme-utils", &PypiVersion::new("2.0")).is_err());
    }
}
