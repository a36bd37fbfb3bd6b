//! `npm publish`.

use std::sync::Arc;

use base64::Engine as _;
use bytes::Bytes;
use foretaste_io::digests;
use foretaste_io::files::Draft;
use foretaste_model::report::IndexDigest;
use foretaste_model::{ContentDigest, Ecosystem};
use serde_json::{Value, json};

use super::modify;
use super::route::Ask;
use crate::archive::{Archive, look_through};
use crate::database::{Upload, now};
use crate::gate::Gate;
use crate::publish::{Proposal, Refusal};
use crate::record::Key;

/// Bytes of a `package.json`.
const MANIFEST_LIMIT: usize = 8 << 20;

/// `PUT /<name>`: a version with its tarball, or a document with other deprecations.
pub(super) async fn put(gate: &Arc<Gate>, ask: &Ask, key: &Key) -> Result<Value, Refusal> {
    let document: Value = serde_json::from_slice(&ask.body)
        .map_err(|e| Refusal::Bad(format!("the document cannot be read: {e}")))?;
    if document["name"].as_str() != Some(key.1.as_str()) {
        return Err(Refusal::Bad(
            "the document is of another package than the path".to_owned(),
        ));
    }
    let attachments = document["_attachments"].as_object();
    let Some((_, attachment)) = attachments.and_then(|a| a.iter().next()) else {
        return modify::deprecate(gate, ask, key, &document).await;
    };
    gate.may_publish(&ask.caller, key).await?;
    let versions = document["versions"].as_object();
    let Some((version, manifest)) = versions.and_then(|v| v.iter().next()) else {
        return Err(Refusal::Bad("the document has no version".to_owned()));
    };
    if semver::Version::parse(version).is_err() {
        return Err(Refusal::Bad(format!("{version:?} is no version")));
    }
    let data = attachment["data"].as_str().unwrap_or_default();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(data)
        .map_err(|e| Refusal::Bad(format!("the tarball is no base64: {e}")))?;
    let text = |field: &str| manifest["dist"][field].as_str().unwrap_or_default();
    let published = foretaste_npm::published_digests(text("integrity"), text("shasum"));
    let is_strong = published.iter().any(|d| d.algorithm.is_strong());
    if !is_strong || digests::check(&bytes, &published) != IndexDigest::Match {
        let reason = "the bytes of the tarball do not have the digests of `dist`";
        return Err(Refusal::Bad(reason.to_owned()));
    }
    let bytes = Bytes::from(bytes);
    same_manifest(bytes.clone(), key.1.as_str(), version)
        .await
        .map_err(Refusal::Bad)?;
    let mut draft = Draft::in_folder(&gate.blobs.drafts())?;
    draft.write(&bytes)?;
    let bare = key.1.as_str().rsplit('/').next().unwrap_or_default();
    let upload = Upload {
        ecosystem: Ecosystem::Npm,
        name: key.1.as_str().to_owned(),
        version: version.clone(),
        filename: format!("{bare}-{version}.tgz"),
        sha256: ContentDigest::of(&bytes).to_hex(),
        size: bytes.len() as u64,
        uploaded: now(),
        uploader: ask.caller.principal.name().to_owned(),
        yanked: None,
        details: manifest.clone(),
    };
    gate.publish(Proposal {
        caller: &ask.caller,
        upload,
        draft,
    })
    .await?;
    for (tag, of) in document["dist-tags"].as_object().into_iter().flatten() {
        if of.as_str() == Some(version) {
            gate.database
                .tag(key.1.as_str(), tag, Some(version))
                .await?;
        }
    }
    gate.touch(key);
    Ok(json!({"ok": true, "success": true}))
}

/// Whether the tarball's own `package.json` is of this release: a document that says otherwise hides what is installed.
async fn same_manifest(tarball: Bytes, name: &str, version: &str) -> Result<(), String> {
    // npm takes the first folder away, whatever it is called: each of them may be the one that is installed
    let is_manifest =
        |path: &str| path.matches('/').count() == 1 && path.ends_with("/package.json");
    let found = look_through(Archive::Bytes(tarball), "package.tgz", move |member| {
        is_manifest(&member.path).then_some((member.path, member.data))
    })
    .await?;
    let seen = !found.is_empty();
    for (path, text) in found {
        if text.len() > MANIFEST_LIMIT {
            return Err(format!("`{path}` is too large"));
        }
        let own: Value =
            serde_json::from_slice(&text).map_err(|e| format!("`{path}` cannot be read: {e}"))?;
        let is = |field: &str| own[field].as_str().unwrap_or_default().to_owned();
        if is("name") != name || is("version").trim_start_matches(['v', '=']) != version {
            return Err(format!(
                "the tarball's own package.json says {:?} {:?}",
                is("name"),
                is("version")
            ));
        }
    }
    if seen {
        Ok(())
    } else {
        Err("the tarball holds no package.json".to_owned())
    }
}
