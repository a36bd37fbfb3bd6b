//! Answers on disk: one file each, written atomically, never trusted blindly.
//!
//! A page is stored as one line of JSON (what it is) and its body, whose SHA-256 stands in that line: a damaged file
//! reads as absent. Artifacts are stored bare under their digest and hashed again when read.

use std::path::{Path, PathBuf};
use std::time::Duration;

use foretaste_model::report::IndexDigest;
use foretaste_model::{ContentDigest, Digest};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Request;
use super::freshness::{Freshness, freshness};
use crate::{digests, files};

/// Bumped when the layout changes; old files then read as absent.
const FORMAT: u32 = 1;

/// What is known about a stored page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    format: u32,
    /// The URL without credentials, to tell a key collision.
    key: String,
    /// After redirects.
    pub(super) final_url: String,
    pub(super) content_type: String,
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
    /// Seconds since the epoch at which it stops being fresh.
    fresh_until: i64,
    pub(super) body_sha256: String,
    /// The status of an answer that said "there is no such thing here"; the body is empty then.
    #[serde(default)]
    pub(super) absent: Option<u16>,
}

/// A page as it was stored.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) entry: Entry,
    pub(super) body: Vec<u8>,
}

impl Stored {
    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        now.as_second() < self.entry.fresh_until
    }

    /// True if it is out of date by no more than this.
    pub(super) fn is_stale_by_at_most(&self, time: Duration, now: Timestamp) -> bool {
        let late = now.as_second().saturating_sub(self.entry.fresh_until);
        u64::try_from(late).is_ok_and(|late| late <= time.as_secs())
    }
}

/// The headers of an answer that matter for keeping it.
pub(super) struct Validators {
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
    pub(super) cache_control: Option<String>,
    pub(super) age: Option<String>,
}

/// The cache folder.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    dir: PathBuf,
    default_freshness: Duration,
}

impl Cache {
    pub(super) const fn new(dir: PathBuf, default_freshness: Duration) -> Self {
        Self {
            dir,
            default_freshness,
        }
    }

    /// What makes two requests the same: URL, `Accept`, body, and who asks.
    pub(super) fn key(request: &Request, body: Option<&[u8]>) -> String {
        let auth = request
            .auth
            .as_ref()
            .map(|a| ContentDigest::of(a.header().expose().as_bytes()).to_hex())
            .unwrap_or_default();
        let body = body
            .map(|b| ContentDigest::of(b).to_hex())
            .unwrap_or_default();
        format!(
            "{}\n{}\n{auth}\n{body}",
            request.url,
            request.accept.as_deref().unwrap_or_default(),
        )
    }

    fn page_path(&self, key: &str) -> PathBuf {
        shard(
            &self.dir.join("pages"),
            &ContentDigest::of(key.as_bytes()).to_hex(),
        )
    }

    fn artifact_path(&self, digest: &Digest) -> PathBuf {
        shard(
            &self.dir.join("artifacts").join(digest.algorithm.id()),
            &digest.value,
        )
    }

    /// A stored page, fresh or not.
    pub(super) fn page(&self, key: &str, max_bytes: u64) -> Option<Stored> {
        let path = self.page_path(key);
        let mut bytes = files::read(&path, max_bytes.saturating_add(64 << 10)).ok()?;
        let end = bytes.iter().position(|b| *b == b'\n')?;
        let entry: Entry = serde_json::from_slice(bytes.get(..end)?).ok()?;
        bytes.drain(..=end);
        let body = bytes;
        let intact = entry.format == FORMAT
            && entry.key == key
            && body.len() as u64 <= max_bytes
            && entry.body_sha256 == ContentDigest::of(&body).to_hex();
        intact.then_some(Stored { entry, body })
    }

    /// Stores a page, or forgets it if the server forbids keeping it. Failures are logged: a cache is no condition.
    pub(super) fn put_page(
        &self,
        key: &str,
        answer: (&str, &str, &[u8]),
        validators: &Validators,
        now: Timestamp,
    ) {
        let (final_url, content_type, body) = answer;
        let path = self.page_path(key);
        let fresh = match freshness(
            validators.cache_control.as_deref(),
            validators.age.as_deref(),
        ) {
            Freshness::NoStore => {
                log_failure(files::remove(&path));
                return;
            }
            Freshness::For(time) => time,
            Freshness::Unstated => self.default_freshness,
        };
        let entry = Entry {
            format: FORMAT,
            key: key.to_owned(),
            final_url: final_url.to_owned(),
            content_type: content_type.to_owned(),
            etag: validators.etag.clone(),
            last_modified: validators.last_modified.clone(),
            fresh_until: now.as_second().saturating_add_unsigned(fresh.as_secs()),
            body_sha256: ContentDigest::of(body).to_hex(),
            absent: None,
        };
        write(&path, &entry, body);
    }

    /// Remembers for the default time that there is nothing at a URL.
    pub(super) fn put_absence(&self, key: &str, url: &str, status: u16, now: Timestamp) {
        let fresh = self.default_freshness.as_secs();
        let entry = Entry {
            format: FORMAT,
            key: key.to_owned(),
            final_url: url.to_owned(),
            content_type: String::new(),
            etag: None,
            last_modified: None,
            fresh_until: now.as_second().saturating_add_unsigned(fresh),
            body_sha256: ContentDigest::of(&[]).to_hex(),
            absent: Some(status),
        };
        write(&self.page_path(key), &entry, &[]);
    }

    /// An artifact with these digests.
    pub(super) fn artifact(&self, published: &[Digest], max_bytes: u64) -> Option<Vec<u8>> {
        let path = self.artifact_path(published.first()?);
        let bytes = files::read(&path, max_bytes).ok()?;
        if digests::check(&bytes, published) == IndexDigest::Match {
            return Some(bytes);
        }
        log_failure(files::remove(&path));
        None
    }

    /// Stores an artifact that has the digests it is known by.
    pub(super) fn put_artifact(&self, published: &[Digest], bytes: &[u8]) {
        if let Some(first) = published.first() {
            log_failure(files::write_private(&self.artifact_path(first), bytes));
        }
    }
}

fn write(path: &Path, entry: &Entry, body: &[u8]) {
    let Ok(mut bytes) = serde_json::to_vec(entry) else {
        return;
    };
    bytes.push(b'\n');
    bytes.extend_from_slice(body);
    log_failure(files::write_private(path, &bytes));
}

fn shard(dir: &Path, hex: &str) -> PathBuf {
    dir.join(hex.get(..2).unwrap_or("__")).join(hex)
}

fn log_failure(result: files::FileResult<()>) {
    if let Err(error) = result {
        tracing::debug!(%error, "the HTTP cache could not be written");
    }
}
