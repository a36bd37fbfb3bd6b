//! The desk of a registry: what is read goes through, and nothing else. Nothing can be published in a run, whosever token it found.
//!
//! The supervisor opens the connection, with the run's own authority towards the command. Each request is looked at alone;
//! answers pass unread. The user's credentials for the registry are added here, so that the run never sees them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use foretaste_behaviour::Access;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Url;

use super::gatekeeper::Gatekeeper;
use super::relay::{self, About, Connection};
use super::{http, trap};

/// How long a client may take for its first request, and a registry for its greeting.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes behind a refused head that are looked at, and how long a client may pause in them.
const MAX_REST: usize = 4 << 20;
const PAUSE: Duration = Duration::from_millis(300);
/// Bytes that are passed on at once.
const PART: usize = 64 << 10;
/// What a connection that is refused for its content is told.
const REFUSED: &str = "foretaste run: a registry is only read in a run; publish outside of it, or set `registry = \"open\"` in the policy\n";

/// Serves a connection to an allowed registry, whose first bytes are a TLS greeting.
pub(super) async fn tls(
    gatekeeper: &Gatekeeper,
    connection: Connection,
    host: &str,
) -> std::io::Result<()> {
    let visit = Visit {
        gatekeeper,
        host,
        is_tls: true,
        about: connection.about,
    };
    match trap::accept(gatekeeper, connection.stream, connection.first).await? {
        Some(stream) => visit.talk(stream, Vec::new()).await,
        None => Ok(()),
    }
}

/// Serves one whose first bytes are a request.
pub(super) async fn plain(
    gatekeeper: &Gatekeeper,
    connection: Connection,
    host: &str,
) -> std::io::Result<()> {
    let visit = Visit {
        gatekeeper,
        host,
        is_tls: false,
        about: connection.about,
    };
    visit.talk(connection.stream, connection.first).await
}

/// One connection of the run to a registry.
struct Visit<'a> {
    gatekeeper: &'a Gatekeeper,
    host: &'a str,
    is_tls: bool,
    about: About,
}

/// What the client says next.
enum Next {
    /// A request, which is the first bytes of the buffer.
    Request(http::Head),
    /// Nothing any more.
    End,
    /// What is no request.
    Other,
}

impl Visit<'_> {
    async fn talk<C>(&self, client: C, mut bytes: Vec<u8>) -> std::io::Result<()>
    where
        C: AsyncRead + AsyncWrite + Unpin,
    {
        let (mut from_client, mut to_client) = tokio::io::split(client);
        let said = timeout(PATIENCE, next(&mut from_client, &mut bytes)).await??;
        let head = match self.checked(said, &bytes) {
            Ok(Some(head)) => head,
            Ok(None) => return Ok(()),
            Err(reason) => {
                self.rest(&mut from_client, &mut bytes).await;
                self.note(Access::Denied, Some(reason), (bytes.len() as u64, 0));
                return say(&mut to_client, "405 Not allowed by foretaste", REFUSED).await;
            }
        };
        let server = match self.server().await {
            Ok(server) => server,
            Err((access, reason)) => {
                let body = format!("foretaste run: {reason}\n");
                self.note(access, Some(reason), (0, 0));
                return say(&mut to_client, "502 Registry not reached", &body).await;
            }
        };
        let (from_server, mut to_server) = tokio::io::split(server);
        let (sent, received) = (AtomicU64::new(0), AtomicU64::new(0));
        let upward = async {
            let mut head = head;
            loop {
                let length = self.forward(&head, &bytes, &mut to_server).await?;
                sent.fetch_add(length, Ordering::Relaxed);
                bytes.drain(..head.length.min(bytes.len()));
                let said = next(&mut from_client, &mut bytes).await?;
                head = match self.checked(said, &bytes) {
                    Ok(Some(head)) => head,
                    Ok(None) => return to_server.shutdown().await,
                    // an answer could stand in the middle of another one
                    Err(reason) => {
                        self.rest(&mut from_client, &mut bytes).await;
                        let bytes = (count(&sent), count(&received));
                        self.note(Access::Denied, Some(reason), bytes);
                        return Err(std::io::ErrorKind::PermissionDenied.into());
                    }
                };
            }
        };
        let downward = async {
            pass(from_server, &mut to_client, &received).await?;
            to_client.shutdown().await
        };
        let ended = tokio::try_join!(upward, downward);
        if !ended.is_err_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied) {
            self.note(Access::Allowed, None, (count(&sent), count(&received)));
        }
        Ok(())
    }

    /// The request if it only reads; `None` at the end; otherwise why not.
    fn checked(&self, next: Next, bytes: &[u8]) -> Result<Option<http::Head>, String> {
        let head = match next {
            Next::End => return Ok(None),
            Next::Other => return Err("what was sent to the registry is no request".to_owned()),
            Next::Request(head) => head,
        };
        let raw = bytes.get(..head.length).unwrap_or(&[]);
        let wrong = if !matches!(&*head.method, "GET" | "HEAD") {
            Some(format!(
                "a registry is only read in a run, not {}",
                head.method
            ))
        } else if head.host.as_deref() != Some(self.host) {
            Some("the request is for another host".to_owned())
        } else {
            http::is_only_a_head(raw).err().map(str::to_owned)
        };
        let access = if wrong.is_some() {
            Access::Denied
        } else {
            Access::Allowed
        };
        let size = raw.len() as u64 + head.body.unwrap_or(0);
        relay::request(
            self.gatekeeper,
            self.about.process,
            &head,
            self.host,
            size,
            access,
        );
        self.gatekeeper.inspect(raw, self.host, self.about.process);
        wrong.map_or(Ok(Some(head)), Err)
    }

    /// Looks at what is sent behind a head that is refused: it may be what somebody wanted to get out.
    async fn rest(&self, from: &mut (impl AsyncRead + Unpin), bytes: &mut Vec<u8>) {
        let mut part = vec![0; PART];
        while bytes.len() < MAX_REST
            && let Ok(Ok(length @ 1..)) = timeout(PAUSE, from.read(&mut part)).await
        {
            bytes.extend_from_slice(part.get(..length).unwrap_or(&[]));
        }
        self.gatekeeper
            .inspect(bytes, self.host, self.about.process);
    }

    fn note(&self, access: Access, reason: Option<String>, bytes: (u64, u64)) {
        let host = Some(self.host);
        self.about
            .note(self.gatekeeper, host, access, reason, bytes);
    }

    /// Passes a head on, with the user's credentials if it brings none.
    async fn forward(
        &self,
        head: &http::Head,
        bytes: &[u8],
        to: &mut (impl AsyncWrite + Unpin),
    ) -> std::io::Result<u64> {
        let raw = bytes.get(..head.length).unwrap_or(&[]);
        let end = memchr::memmem::find(raw, b"\r\n").map_or(raw.len(), |at| at + 2);
        let (line, rest) = raw.split_at(end);
        let scheme = if self.is_tls { "https" } else { "http" };
        let authorization = address(scheme, self.host, self.about.to.port(), &head.path)
            .filter(|_| !http::has_field(rest, "authorization"))
            .and_then(|url| self.gatekeeper.authorization(&url));
        let mut whole = line.to_vec();
        if let Some(value) = authorization {
            whole.extend(format!("authorization: {}\r\n", value.expose()).bytes());
        }
        whole.extend_from_slice(rest);
        to.write_all(&whole).await?;
        to.flush().await?;
        Ok(raw.len() as u64)
    }

    /// Connects to the registry, and asks who it is.
    async fn server(&self) -> Result<Box<dyn Stream>, (Access, String)> {
        let port = self.about.to.port();
        let server = relay::connect(self.gatekeeper, self.host, port).await?;
        if !self.is_tls {
            return Ok(Box::new(server));
        }
        let failed = |error: &dyn std::fmt::Display| {
            (
                Access::Allowed,
                format!("{} is not who it should be: {error}", self.host),
            )
        };
        let name = ServerName::try_from(self.host.to_owned()).map_err(|e| failed(&e))?;
        let config = self.gatekeeper.outside().map_err(|e| failed(&e))?;
        let connector = TlsConnector::from(Arc::clone(config));
        let connected = timeout(PATIENCE, connector.connect(name, server)).await;
        let connected = connected.map_err(|e| failed(&e))?;
        Ok(Box::new(connected.map_err(|e| failed(&e))?))
    }
}

/// The URL that is asked for, by which the user's credentials are found: what does not begin as a path could name another host.
fn address(scheme: &str, host: &str, port: u16, path: &str) -> Option<Url> {
    let text = format!("{scheme}://{host}:{port}{path}");
    path.starts_with('/').then(|| Url::parse(&text).ok())?
}

/// Answers instead of the registry, and ends the connection.
async fn say(to: &mut (impl AsyncWrite + Unpin), status: &str, body: &str) -> std::io::Result<()> {
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\nallow: GET, HEAD\r\ncontent-type: text/plain\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    to.write_all(answer.as_bytes()).await?;
    to.shutdown().await
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Reads until the next request is whole.
async fn next(from: &mut (impl AsyncRead + Unpin), bytes: &mut Vec<u8>) -> std::io::Result<Next> {
    loop {
        match http::read(bytes) {
            http::Read::Head(head) => return Ok(Next::Request(head)),
            http::Read::Other => return Ok(Next::Other),
            http::Read::Partial => {}
        }
        let mut part = [0; 8 << 10];
        match or_end(from.read(&mut part).await)? {
            0 if bytes.is_empty() => return Ok(Next::End),
            0 => return Ok(Next::Other),
            length => bytes.extend_from_slice(part.get(..length).unwrap_or(&[])),
        }
    }
}

fn count(of: &AtomicU64) -> u64 {
    of.load(Ordering::Relaxed)
}

/// Passes everything on, and counts it.
async fn pass(
    mut from: impl AsyncRead + Unpin,
    to: &mut (impl AsyncWrite + Unpin),
    passed: &AtomicU64,
) -> std::io::Result<()> {
    let mut part = vec![0; PART];
    loop {
        let length = or_end(from.read(&mut part).await)?;
        let part = part.get(..length).unwrap_or(&[]);
        if part.is_empty() {
            return Ok(());
        }
        to.write_all(part).await?;
        to.flush().await?;
        passed.fetch_add(length as u64, Ordering::Relaxed);
    }
}

/// Who closes a connection without a word of TLS about it has ended it all the same: HTTP tells how long answers are.
fn or_end(read: std::io::Result<usize>) -> std::io::Result<usize> {
    match read {
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(0),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_those_of_the_host_that_is_asked() {
        let host = |path: &str| {
            let url = address("https", "pkgs.example", 443, path)?;
            url.host_str().map(str::to_owned)
        };
        for path in ["/simple/", "//other.example/", "/@scope/name"] {
            assert_eq!(host(path).as_deref(), Some("pkgs.example"), "{path}");
        }
        for path in [
            "@other.example/",
            ".other.example/",
            "",
            "0/",
            "\\@other.example/",
        ] {
            assert_eq!(host(path), None, "{path}");
        }
    }
}
