//! TLS roots: the system's, plus the bundles that the user's clients are configured with.

use std::path::{Path, PathBuf};

use reqwest::Certificate;

use super::HttpError;
use crate::files;

/// Bytes of one bundle; the largest real ones have a few hundred KiB.
const BUNDLE_LIMIT: u64 = 16 << 20;

/// Makes `ring` the provider of this process; that another part did so already is fine.
pub(super) fn install_provider() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Reads PEM bundles; each path once, folders file by file (files without certificates in a folder are passed over).
pub(super) fn read_bundles(paths: &[PathBuf]) -> Result<Vec<Certificate>, HttpError> {
    let mut done: Vec<&Path> = Vec::new();
    let mut certificates = Vec::new();
    for path in paths {
        if done.contains(&path.as_path()) {
            continue;
        }
        done.push(path);
        if files::is_dir(path) {
            for name in files::list(path).map_err(|e| bundle_error(path, &e))? {
                certificates.extend(read_bundle(&path.join(name)).unwrap_or_default());
            }
        } else {
            let found = read_bundle(path)?;
            if found.is_empty() {
                return Err(bundle_error(path, &"it holds no PEM certificate"));
            }
            certificates.extend(found);
        }
    }
    Ok(certificates)
}

fn read_bundle(path: &Path) -> Result<Vec<Certificate>, HttpError> {
    let bytes = files::read(path, BUNDLE_LIMIT).map_err(|e| bundle_error(path, &e))?;
    Certificate::from_pem_bundle(&bytes).map_err(|e| bundle_error(path, &e))
}

fn bundle_error(path: &Path, reason: &dyn std::fmt::Display) -> HttpError {
    HttpError::CaBundle {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}
