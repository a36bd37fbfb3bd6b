//! Answers that go to disk while they arrive, hashed on the way.

use std::path::Path;

use foretaste_model::report::IndexDigest;
use foretaste_model::{ContentDigest, Digest};
use tokio::sync::watch;

use super::attempt::{Attempt, transport};
use super::incoming::Arrived;
use super::{HttpError, Request};
use crate::digests::Hashing;
use crate::files::{Draft, FileError};

/// A body on disk that has no name yet.
#[derive(Debug)]
pub struct Saved {
    /// The bytes; give them a name with [`Draft::keep`], or drop them.
    pub draft: Draft,
    /// Their SHA-256.
    pub sha256: ContentDigest,
    /// Whether they have the digests that were expected.
    pub index_digest: IndexDigest,
}

/// Where a body goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Destination<'a> {
    pub(super) folder: &'a Path,
    pub(super) expected: &'a [Digest],
    pub(super) arrived: Option<&'a watch::Sender<Option<Arrived>>>,
}

impl Destination<'_> {
    fn tell(&self, draft: &Draft, length: Option<u64>) {
        if let Some(arrived) = self.arrived {
            arrived.send_replace(Some(Arrived {
                path: draft.path().to_owned(),
                length,
                written: draft.size(),
                whole: false,
            }));
        }
    }
}

/// Writes a body to a draft.
pub(super) async fn body(
    request: &Request,
    mut answer: reqwest::Response,
    to: Destination<'_>,
) -> Result<Saved, Attempt> {
    let too_large = || HttpError::TooLarge {
        url: request.safe_url(),
        limit: request.max_bytes,
    };
    let length = answer.content_length();
    if length.is_some_and(|length| length > request.max_bytes) {
        return Err(Attempt::permanent(too_large()));
    }
    let disk = |error: FileError| {
        Attempt::permanent(HttpError::Disk {
            url: request.safe_url(),
            path: error.path().to_owned(),
            reason: error.without_path(),
        })
    };
    let mut draft = Draft::in_folder(to.folder).map_err(disk)?;
    to.tell(&draft, length);
    let mut hashing = Hashing::new(to.expected);
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) => {
                if draft.size() + chunk.len() as u64 > request.max_bytes {
                    return Err(Attempt::permanent(too_large()));
                }
                hashing.update(&chunk);
                draft.write(&chunk).map_err(disk)?;
                to.tell(&draft, length);
            }
            Ok(None) => break,
            Err(error) => return Err(transport(request, error)),
        }
    }
    let (sha256, index_digest) = hashing.finish();
    Ok(Saved {
        draft,
        sha256,
        index_digest,
    })
}
