//! What meets a connection that is not allowed: somebody who listens, takes down what would have been sent, and says no.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use foretaste_behaviour::Access;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::authority::Authority;
use super::gatekeeper::Gatekeeper;
use super::{http, relay};
use crate::policy::file::Denied;

/// The most bytes of a request that are read.
const MAX_REQUEST: usize = 4 << 20;
/// How long a client may pause.
const PAUSE: Duration = Duration::from_secs(10);

/// Whose connection it is.
pub(super) struct Trapped {
    pub(super) host: String,
    pub(super) process: Option<usize>,
    /// It goes to the cloud's metadata service.
    pub(super) is_metadata: bool,
}

/// TLS: the run trusts the authority that vouches here, unless the program has its own mind about that.
pub(super) async fn tls(
    gatekeeper: &Gatekeeper,
    stream: TcpStream,
    first: Vec<u8>,
    trapped: &Trapped,
) -> std::io::Result<()> {
    let Some(mut stream) = accept(gatekeeper, stream, first).await? else {
        return Ok(());
    };
    let mut bytes = Vec::new();
    loop {
        match http::read(&bytes) {
            http::Read::Head(head) => {
                return requested(gatekeeper, &mut stream, bytes, head, trapped).await;
            }
            http::Read::Other => return drain(gatekeeper, &mut stream, bytes, trapped).await,
            http::Read::Partial => {}
        }
        if !more(&mut stream, &mut bytes).await? {
            return drain(gatekeeper, &mut stream, bytes, trapped).await;
        }
    }
}

/// Opens a connection whose first bytes were read. `None` where nobody could vouch for its server.
pub(super) async fn accept(
    gatekeeper: &Gatekeeper,
    stream: TcpStream,
    first: Vec<u8>,
) -> std::io::Result<Option<TlsStream<Again>>> {
    let Some(config) = gatekeeper.authority().and_then(Authority::server) else {
        return Ok(None);
    };
    let again = Again {
        first,
        at: 0,
        stream,
    };
    Ok(Some(
        timeout(PAUSE, TlsAcceptor::from(config).accept(again)).await??,
    ))
}

/// Plain HTTP.
pub(super) async fn plain(
    gatekeeper: &Gatekeeper,
    mut stream: TcpStream,
    first: Vec<u8>,
    head: http::Head,
    trapped: &Trapped,
) -> std::io::Result<()> {
    requested(gatekeeper, &mut stream, first, head, trapped).await
}

/// Any other protocol: what comes is read and not answered.
pub(super) async fn other(
    gatekeeper: &Gatekeeper,
    mut stream: TcpStream,
    trapped: &Trapped,
) -> std::io::Result<()> {
    drain(gatekeeper, &mut stream, Vec::new(), trapped).await
}

async fn requested(
    gatekeeper: &Gatekeeper,
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    mut bytes: Vec<u8>,
    head: http::Head,
    trapped: &Trapped,
) -> std::io::Result<()> {
    // a client that waits for leave to send its body gets it
    if memchr::memmem::find(&bytes, b"100-continue").is_some() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    let whole = head
        .body
        .map(|body| (head.length as u64).saturating_add(body));
    while bytes.len() < MAX_REQUEST
        && whole.map_or(head.method != "GET" && head.method != "HEAD", |whole| {
            (bytes.len() as u64) < whole
        })
        && more(stream, &mut bytes).await?
    {}
    gatekeeper.inspect(&bytes, &trapped.host, trapped.process);
    relay::request(
        gatekeeper,
        trapped.process,
        &head,
        &trapped.host,
        bytes.len() as u64,
        Access::Denied,
    );
    let answer = answer(gatekeeper, &head, trapped);
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

/// What a client is told.
fn answer(gatekeeper: &Gatekeeper, head: &http::Head, trapped: &Trapped) -> String {
    let (status, kind, body) = if gatekeeper.denied() == Denied::Pretend {
        let credentials = trapped
            .is_metadata
            .then(|| gatekeeper.metadata(&head.path))
            .flatten();
        let body = credentials.unwrap_or_else(|| "{}\n".to_owned());
        ("200 OK", "application/json", body)
    } else {
        let body = "foretaste run: this host is not allowed by the policy\n".to_owned();
        ("403 Not allowed by foretaste", "text/plain", body)
    };
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

async fn drain(
    gatekeeper: &Gatekeeper,
    stream: &mut (impl AsyncRead + Unpin),
    mut bytes: Vec<u8>,
    trapped: &Trapped,
) -> std::io::Result<()> {
    while bytes.len() < MAX_REQUEST && more(stream, &mut bytes).await? {}
    gatekeeper.inspect(&bytes, &trapped.host, trapped.process);
    Ok(())
}

/// Reads what comes next. False at the end, or when nothing comes.
async fn more(stream: &mut (impl AsyncRead + Unpin), bytes: &mut Vec<u8>) -> std::io::Result<bool> {
    let mut buffer = vec![0; 64 << 10];
    match timeout(PAUSE, stream.read(&mut buffer)).await {
        Ok(Ok(length @ 1..)) => {
            bytes.extend_from_slice(buffer.get(..length).unwrap_or(&[]));
            Ok(true)
        }
        Ok(Err(error)) => Err(error),
        _ => Ok(false),
    }
}

/// A stream of which the first bytes were read already.
pub(super) struct Again {
    first: Vec<u8>,
    at: usize,
    stream: TcpStream,
}

impl AsyncRead for Again {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let this = &mut *self;
        let rest = this.first.get(this.at..).unwrap_or(&[]);
        if rest.is_empty() {
            return Pin::new(&mut this.stream).poll_read(context, buffer);
        }
        let length = rest.len().min(buffer.remaining());
        buffer.put_slice(rest.get(..length).unwrap_or(&[]));
        this.at += length;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Again {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
