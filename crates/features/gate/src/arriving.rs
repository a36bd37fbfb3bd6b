//! Files that go to a client while they are fetched and vetted: all but the last part of what has come. That part waits for
//! the digest and the verdict; if those are bad, the connection is cut, and no whole file was ever sent.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use foretaste_io::digests::Hashing;
use foretaste_io::{Arrived, files};
use http_body::Frame;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::admit::{Admission, FileFlight, FileKey};
use crate::blobs::Blob;
use crate::candidate::Candidate;
use crate::gate::Gate;
use crate::web::Caller;

/// Bytes that are held back. A wheel's directory of contents lies in its last bytes, and no client takes a file whose end is
/// missing; smaller files wait as a whole.
pub(crate) const HELD: u64 = 64 << 10;
/// Bytes that are read at once.
const PART: u64 = 256 << 10;
/// After so long without anything new a few of the held bytes are let go, lest the client believes the gate dead: pip waits
/// for 15 seconds.
const SILENCE: Duration = Duration::from_secs(5);
const CRUMB: u64 = 16;
/// How long a client that comes back after a cut is told of wrong digests without another fetch.
const REMEMBERED: Duration = Duration::from_secs(30);

/// The first pip, as major and minor version, that tells a file which ends early from one that was tampered with.
const PIP: (u32, u32) = (25, 1);

/// True if a client that is cut says so, and shows why: it asks again, and is told. The others wait for the whole file instead:
/// older pips take a file that ends early for one that somebody tampered with; npm gives up and blames the network.
pub(crate) fn takes_a_cut_well(headers: &HeaderMap) -> bool {
    let agent = headers.get(USER_AGENT).and_then(|v| v.to_str().ok());
    let agent = agent.unwrap_or_default();
    if agent.starts_with("npm/") {
        return false;
    }
    let Some(version) = agent.strip_prefix("pip/") else {
        return true;
    };
    let mut numbers = version
        .split(|c: char| !c.is_ascii_digit())
        .map_while(|n| n.parse().ok());
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    version >= PIP
}

/// What was just refused because its bytes are not those that the index names, with the reason.
#[derive(Debug, Default)]
pub(crate) struct Mismatches(Mutex<HashMap<FileKey, (Instant, String)>>);

impl Mismatches {
    fn put(&self, key: FileKey, reason: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (since, _)| since.elapsed() < REMEMBERED);
        all.insert(key, (Instant::now(), reason.to_owned()));
    }

    /// Why a file was refused a moment ago.
    pub(crate) fn get(&self, key: &FileKey) -> Option<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, reason) = all.get(key)?;
        (since.elapsed() < REMEMBERED).then(|| reason.clone())
    }
}

/// A file on its way, and whoever gets it.
pub(crate) struct Arriving {
    pub(crate) candidate: Candidate,
    pub(crate) flight: FileFlight,
    /// As far as it was announced.
    pub(crate) length: Option<u64>,
    pub(crate) caller: Caller,
    pub(crate) team: String,
}

/// The body of the answer. `None` ends it; without that, it broke off.
struct Pouring(mpsc::Receiver<Option<Bytes>>);

impl HttpBody for Pouring {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(match ready!(self.0.poll_recv(context)) {
            Some(Some(bytes)) => Some(Ok(Frame::data(bytes))),
            Some(None) => None,
            None => Some(Err(io::Error::other("the rest of the file is withheld"))),
        })
    }
}

/// Sends a file as it comes.
pub(crate) fn pour(gate: Arc<Gate>, arriving: Arriving) -> Body {
    let (out, body) = mpsc::channel(2);
    tokio::spawn(async move {
        let jug = Jug {
            out,
            sent: 0,
            hashing: Hashing::new(&[]),
            open: None,
        };
        if let Err(Cut(reason)) = jug.pour(&gate, arriving).await {
            tracing::info!(reason, "an answer was cut");
        }
    });
    Body::new(Pouring(body))
}

/// Why an answer ended early.
struct Cut(String);

impl<E: std::error::Error> From<E> for Cut {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

struct Jug {
    out: mpsc::Sender<Option<Bytes>>,
    sent: u64,
    /// Of everything that was sent: another try of the upstream may have brought other bytes.
    hashing: Hashing,
    open: Option<(PathBuf, tokio::fs::File)>,
}

impl Jug {
    async fn pour(mut self, gate: &Arc<Gate>, arriving: Arriving) -> Result<(), Cut> {
        let Arriving {
            candidate,
            mut flight,
            length,
            caller,
            team,
        } = arriving;
        let mut news = flight.progress.subscribe();
        let patience = gate.settings().decide.verdict_wait();
        let mut last_news = Instant::now();
        let landed = loop {
            let arrived = news.borrow_and_update().clone();
            if let Some(arrived) = &arrived {
                self.follow(arrived, HELD).await?;
            }
            tokio::select! {
                landed = flight.landed() => break landed,
                _ = news.changed() => last_news = Instant::now(),
                () = self.out.closed() => return Err(Cut("the client left".to_owned())),
                () = sleep(SILENCE) => {
                    if last_news.elapsed() > patience {
                        return Err(Cut(format!("{} took too long", candidate.filename)));
                    }
                    if let Some(arrived) = &arrived {
                        // nothing more than half of what is held, however long it takes
                        let held = arrived.written.saturating_sub(self.sent);
                        self.follow(arrived, (held.saturating_sub(CRUMB)).max(HELD / 2)).await?;
                    }
                }
            }
        };
        let admission = gate.admit_landed(&candidate, &team, landed).await?;
        let reason = match admission {
            Admission::Serve(blob, ruling) => {
                let last = self.all_but_the_last(&blob, length).await?;
                gate.log_download(&ruling, &candidate.release, &caller)
                    .await;
                self.out.send(Some(last)).await?;
                self.out.send(None).await?;
                return Ok(());
            }
            Admission::Turned(ruling) => {
                gate.log_download(&ruling, &candidate.release, &caller)
                    .await;
                if ruling.check == crate::decide::Check::Digest {
                    gate.mismatches.put(candidate.file_key(), &ruling.reason);
                }
                ruling.line()
            }
            Admission::Later(reason) | Admission::Gone(reason) => reason,
        };
        Err(Cut(reason))
    }

    /// Sends what has come, but for the last `held` bytes.
    async fn follow(&mut self, arrived: &Arrived, held: u64) -> Result<(), Cut> {
        let until = arrived.written.saturating_sub(held);
        while self.sent < until {
            let bytes = match self.read(&arrived.path, until - self.sent).await {
                Ok(bytes) if !bytes.is_empty() => bytes,
                // it has its name by now, or another try has begun: the next news says where it lies
                _ => return Ok(()),
            };
            self.hashing.update(&bytes);
            self.sent += bytes.len() as u64;
            self.out.send(Some(bytes)).await?;
        }
        Ok(())
    }

    /// Sends a vetted file but for its last part, which is returned if with it the client has what was vetted.
    async fn all_but_the_last(&mut self, blob: &Blob, length: Option<u64>) -> Result<Bytes, Cut> {
        let other = || Cut("what was sent is not what was vetted".to_owned());
        if length.is_some_and(|length| length != blob.size) || self.sent > blob.size {
            return Err(other());
        }
        let whole = Arrived::all(&blob.path, blob.size);
        self.follow(&whole, HELD).await?;
        let mut last = Vec::new();
        while self.sent < blob.size {
            let bytes = self.read(&blob.path, blob.size - self.sent).await?;
            if bytes.is_empty() || last.len() as u64 > HELD {
                return Err(other());
            }
            self.hashing.update(&bytes);
            self.sent += bytes.len() as u64;
            last.extend_from_slice(&bytes);
        }
        let hashing = std::mem::replace(&mut self.hashing, Hashing::new(&[]));
        if hashing.finish().0.to_hex() != blob.sha256 {
            return Err(other());
        }
        Ok(last.into())
    }

    async fn read(&mut self, path: &PathBuf, most: u64) -> io::Result<Bytes> {
        let mut file = match self.open.take() {
            Some((open, file)) if open == *path => file,
            _ => {
                let (mut file, _) = files::open_async(path).await.map_err(io::Error::other)?;
                file.seek(io::SeekFrom::Start(self.sent)).await?;
                file
            }
        };
        let mut bytes = Vec::new();
        (&mut file)
            .take(most.min(PART))
            .read_to_end(&mut bytes)
            .await?;
        self.open = Some((path.clone(), file));
        Ok(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_pips_and_npm_wait_for_the_whole_file() {
        let takes_it = |agent: &str| {
            let agent = agent.parse().expect("a header");
            takes_a_cut_well(&HeaderMap::from_iter([(USER_AGENT, agent)]))
        };
        for agent in [
            "pip/25.1 {}",
            "pip/26.3 {\"a\": 1}",
            "pip/25.10",
            "uv/0.9.1",
            "pnpm/9.15.9 npm/? node/v20.19.2 linux x64",
            "yarn/1.22.22 npm/? node/v20.19.2 linux x64",
        ] {
            assert!(takes_it(agent), "{agent}");
        }
        for agent in [
            "pip/23.2.1 {\"a\": 1}",
            "pip/25.0.1",
            "pip/x",
            "pip/",
            "npm/11.19.1 node/v20.19.2 linux x64 workspaces/false",
        ] {
            assert!(!takes_it(agent), "{agent}");
        }
    }
}
