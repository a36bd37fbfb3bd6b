//! The core metadata of a wheel, read and never executed.

use std::path::PathBuf;

use foretaste_model::{Ecosystem, PackageName};
use foretaste_pypi::PypiVersion;

use crate::archive::{Archive, look_through};

/// Bytes of a wheel's metadata.
const METADATA_LIMIT: usize = 4 << 20;

/// The text of `*.dist-info/METADATA`.
///
/// # Errors
/// Why the file is no wheel.
pub(super) async fn metadata(path: PathBuf, filename: &str) -> Result<String, String> {
    let is_metadata =
        |path: &str| path.ends_with(".dist-info/METADATA") && path.matches('/').count() == 1;
    let found = look_through(Archive::File(path), filename, move |member| {
        is_metadata(&member.path).then_some(member.data)
    })
    .await?;
    let [text] = found.as_slice() else {
        return Err(format!(
            "a wheel has one `.dist-info/METADATA`, and this one has {}",
            found.len()
        ));
    };
    if text.len() > METADATA_LIMIT {
        return Err("the wheel's METADATA is too large".to_owned());
    }
    String::from_utf8(text.to_vec()).map_err(|_| "the wheel's METADATA is not UTF-8".to_owned())
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
