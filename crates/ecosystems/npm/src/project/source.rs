//! What the readers share: text, problems, digests, and where a tarball's address points.

use std::sync::Arc;

use base64::Engine as _;
use foretaste_model::Digest;
use foretaste_model::facts;
use foretaste_project::{
    Constraint, Document, Input, Location, Lock, LockedArtifact, Manifest, Origin, Place, Problem,
    Reading,
};

use super::specifier::specifier;

/// The text of a file; what is not UTF-8 is replaced, and said.
pub(super) fn text(input: &Input<'_>, problems: &mut Vec<Problem>) -> String {
    let text = String::from_utf8_lossy(input.bytes);
    if matches!(text, std::borrow::Cow::Owned(_)) {
        problems.push(Problem::new(
            Place::file(input.path),
            "the file is not UTF-8 throughout",
        ));
    }
    text.into_owned()
}

/// Problems of the JSON and YAML readers, with their file.
pub(super) fn problems(path: &Arc<str>, found: Vec<facts::Problem>) -> Vec<Problem> {
    found
        .into_iter()
        .map(|p| {
            Problem::new(
                p.span
                    .map_or_else(|| Place::file(path), |s| Place::new(path, s)),
                p.message,
            )
        })
        .collect()
}

pub(super) fn lock(lock: Lock, problems: Vec<Problem>) -> Reading {
    Reading {
        document: Some(Document::Lock(lock)),
        problems,
    }
}

pub(super) fn manifest(manifest: Manifest, problems: Vec<Problem>) -> Reading {
    Reading {
        document: Some(Document::Manifest(manifest)),
        problems,
    }
}

/// Every digest of an `integrity` (<https://w3c.github.io/webappsec-subresource-integrity/>), strongest first.
pub(super) fn integrity(text: &str) -> Vec<Digest> {
    let mut digests: Vec<Digest> = text
        .split_whitespace()
        .take(32)
        .filter_map(|entry| {
            let (algorithm, value) = entry.split_once('-')?;
            let value = value.split('?').next()?;
            let bytes = base64::engine::general_purpose::STANDARD
                .decode(value)
                .ok()?;
            format!("{algorithm}:{}", hex::encode(bytes)).parse().ok()
        })
        .collect();
    digests.sort_by_key(|d| std::cmp::Reverse((d.algorithm.is_strong(), d.value.len())));
    digests
}

/// The one file of a package: its address and its digests. None if nothing is known.
pub(super) fn artifact(url: Option<&str>, hashes: Vec<Digest>) -> Option<LockedArtifact> {
    if url.is_none() && hashes.is_empty() {
        return None;
    }
    let filename = url.map_or("", |u| {
        u.split(['?', '#'])
            .next()
            .and_then(|u| u.rsplit('/').next())
            .unwrap_or("")
    });
    Some(LockedArtifact {
        filename: filename.into(),
        url: url.map(Location::new),
        hashes,
        other_hashes: Vec::new(),
        size: None,
    })
}

/// Where a package of this name comes from, if its archive has this address: a registry's archives lie at
/// `<registry>/<name>/-/<file>`.
pub(super) fn origin(name: &str, resolved: &str) -> Origin {
    if let Some((before, _)) = resolved.split_once(&format!("/{name}/-/")) {
        return Origin::Registry(Some(Location::new(&format!("{before}/"))));
    }
    match specifier(name, resolved).constraint {
        Constraint::Vcs {
            url,
            rev,
            subdirectory,
        } => Origin::Vcs {
            url,
            rev,
            subdirectory,
        },
        Constraint::Path(path) => Origin::Path {
            path,
            editable: false,
        },
        Constraint::Url(url) => {
            // registries that serve archives from elsewhere (GitHub packages, artifact stores) keep `/-/` or `/download/`
            let text = url.expose();
            let known = text.contains("/-/") || text.contains("/download/");
            if known {
                let host = text.split('/').take(3).collect::<Vec<_>>().join("/");
                Origin::Registry(Some(Location::new(&format!("{host}/"))))
            } else {
                Origin::Url(url)
            }
        }
        _ => Origin::Registry(None),
    }
}

/// What a specifier that is no version says about where its package comes from.
pub(super) fn asked_origin(constraint: &Constraint) -> Option<Origin> {
    Some(match constraint {
        Constraint::Url(url) => Origin::Url(url.clone()),
        Constraint::Vcs {
            url,
            rev,
            subdirectory,
        } => Origin::Vcs {
            url: url.clone(),
            rev: rev.clone(),
            subdirectory: subdirectory.clone(),
        },
        Constraint::Path(path) => Origin::Path {
            path: path.clone(),
            editable: false,
        },
        _ => return None,
    })
}

/// The version in the name of a registry's archive: `ms-2.1.3.tgz` of `ms`.
pub(super) fn version_in(name: &str, url: &str) -> Option<String> {
    let bare = name.rsplit('/').next()?;
    let file = url.split(['?', '#']).next()?.rsplit('/').next()?;
    let version = file
        .strip_prefix(bare)?
        .strip_prefix('-')?
        .strip_suffix(".tgz")?;
    nodejs_semver::Version::parse(version).ok()?;
    Some(version.to_owned())
}

/// The folder of a path, empty for the root.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// `folder` and `name` with a slash between them where both are something.
pub(super) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}
