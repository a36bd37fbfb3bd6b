//! What stands in a published archive, read within the limits of every audit and beside the requests.

use std::ops::ControlFlow;
use std::path::PathBuf;

use bytes::Bytes;
use foretaste_archive::{Member, unpack_each};
use foretaste_io::files;
use foretaste_model::{AnomalyKind, Limits};

use crate::outage;

/// An archive, where it is.
pub(crate) enum Archive {
    /// On this disk.
    File(PathBuf),
    /// In memory.
    Bytes(Bytes),
}

/// Gives every member of an archive to `look`, and what it says about them.
///
/// # Errors
/// The archive cannot be read whole, so that nobody can tell what else it holds.
pub(crate) async fn look_through<T: Send + 'static>(
    archive: Archive,
    filename: &str,
    mut look: impl FnMut(Member) -> Option<T> + Send + 'static,
) -> Result<Vec<T>, String> {
    let filename = filename.to_owned();
    let work = move || {
        let limits = Limits {
            // what lies in archives within it is the audit's matter
            depth: 0,
            ..Limits::default()
        };
        let bytes = match archive {
            Archive::Bytes(bytes) => bytes,
            Archive::File(path) => files::read(&path, limits.unpacked_bytes)
                .map_err(|e| outage::told(&e))?
                .into(),
        };
        let mut found = Vec::new();
        let summary = unpack_each(&filename, &bytes, &limits, &mut |member| {
            found.extend(look(member));
            ControlFlow::Continue(())
        });
        let gap = summary.anomalies.iter().find(|a| is_gap(a.kind));
        match gap {
            Some(gap) => Err(format!("{filename} cannot be read whole: {}", gap.detail)),
            None => Ok(found),
        }
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|e| format!("reading the archive broke off: {e}"))?
}

/// True of what leaves a part of an archive unread.
const fn is_gap(kind: AnomalyKind) -> bool {
    matches!(
        kind,
        AnomalyKind::TooManyBytes
            | AnomalyKind::BombRatio
            | AnomalyKind::TooManyEntries
            | AnomalyKind::NameTooLong
            | AnomalyKind::OversizedHeader
            | AnomalyKind::TimeOut
            | AnomalyKind::Corrupt
            | AnomalyKind::UnsupportedMethod
            | AnomalyKind::Encrypted
    )
}
