//! Connections: looked at, decided, relayed or trapped.

use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::time::Duration;

use foretaste_behaviour::{Access, Action};
use foretaste_io::outbound;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::decide::{Attempt, Claim, decide, is_metadata};
use super::gatekeeper::Gatekeeper;
use super::{desk, dns, hello, http, listeners, trap};
use crate::policy::file::Denied;

/// How long a client may take for its first bytes.
const FIRST_BYTES: Duration = Duration::from_secs(15);
/// How long a client of another protocol may wait for the server to speak first.
const SERVER_FIRST: Duration = Duration::from_millis(300);
/// The most bytes that are looked at before the decision.
const MAX_FIRST: usize = 1 << 17;
/// Connections at one time, where descriptors suffice.
const MAX_CONNECTIONS: usize = 1024;
/// Descriptors that the rest of this process needs.
const OTHER_DESCRIPTORS: usize = 128;
/// How long nobody is let in when there are no descriptors left.
const PAUSE: Duration = Duration::from_millis(20);

/// How long those that are open at the end may take.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Takes connections until the run ends.
pub(super) async fn accept_all(
    gatekeeper: Arc<Gatekeeper>,
    listeners: Vec<StdListener>,
    over: &tokio::sync::Notify,
) {
    let connections = connections();
    let room = Arc::new(Semaphore::new(connections));
    let mut listening = Vec::new();
    for listener in listeners {
        let prepared = listener.set_nonblocking(true).and_then(|()| {
            listening.push(listener.try_clone()?);
            TcpListener::from_std(listener)
        });
        let Ok(listener) = prepared else { continue };
        let (gatekeeper, room) = (Arc::clone(&gatekeeper), Arc::clone(&room));
        tokio::spawn(async move {
            while let Ok(permit) = Arc::clone(&room).acquire_owned().await {
                match listener.accept().await {
                    Ok((stream, _)) => take(&gatekeeper, stream, permit),
                    Err(_) => tokio::time::sleep(PAUSE).await,
                }
            }
        });
    }
    over.notified().await;
    // what the command said last is looked at as well: nobody is left who could connect, and who did is in the queue
    for listener in &listening {
        while let Ok(permit) = Arc::clone(&room).try_acquire_owned()
            && let Ok((stream, _)) = listener.accept()
            && stream.set_nonblocking(true).is_ok()
            && let Ok(stream) = TcpStream::from_std(stream)
        {
            take(&gatekeeper, stream, permit);
        }
    }
    // each listener holds a place for whom it takes next
    let places = connections.saturating_sub(listening.len()) as u32;
    let _ = timeout(LAST_WORDS, room.acquire_many(places)).await;
}

/// Serves a connection, which has a place as long as it lasts.
fn take(gatekeeper: &Arc<Gatekeeper>, stream: TcpStream, place: OwnedSemaphorePermit) {
    let gatekeeper = Arc::clone(gatekeeper);
    tokio::spawn(async move {
        // a client that goes away is no error of anybody
        let _ = serve(&gatekeeper, stream).await;
        drop(place);
    });
}

/// How many connections there may be at one time: each has a descriptor on both sides.
fn connections() -> usize {
    use nix::sys::resource::{Resource, getrlimit};
    let descriptors = getrlimit(Resource::RLIMIT_NOFILE).map_or(1024, |(soft, _)| soft);
    let descriptors = usize::try_from(descriptors).unwrap_or(usize::MAX);
    (descriptors.saturating_sub(OTHER_DESCRIPTORS) / 2).clamp(16, MAX_CONNECTIONS)
}

/// One connection of the run.
pub(super) struct Connection {
    pub(super) stream: TcpStream,
    pub(super) about: About,
    /// The name that the address was given out for.
    name: Option<String>,
    /// What was read so far.
    pub(super) first: Vec<u8>,
}

/// Whose connection it is, and where it was meant to go.
#[derive(Clone, Copy)]
pub(super) struct About {
    /// Where it was meant to go.
    pub(super) to: SocketAddr,
    /// The process that made it.
    pub(super) process: Option<usize>,
}

impl About {
    /// Takes a connection down.
    pub(super) fn note(
        &self,
        gatekeeper: &Gatekeeper,
        host: Option<&str>,
        access: Access,
        reason: Option<String>,
        bytes: (u64, u64),
    ) {
        let is_own = gatekeeper.name(self.to.ip()).is_some();
        let address = if is_own {
            String::new()
        } else {
            self.to.ip().to_string()
        };
        gatekeeper.add(
            self.process,
            Action::Connection {
                address,
                port: self.to.port(),
                protocol: "tcp".to_owned(),
                host: host.map(str::to_owned),
                access,
                reason,
                sent: bytes.0,
                received: bytes.1,
            },
        );
    }
}

/// What the first bytes are.
enum First {
    Tls(hello::Hello),
    Http(http::Head),
    Other,
}

async fn serve(gatekeeper: &Gatekeeper, stream: TcpStream) -> std::io::Result<()> {
    let to = stream.local_addr()?;
    let to = SocketAddr::new(to.ip().to_canonical(), to.port());
    let process = gatekeeper.process(to.ip(), to.port());
    let name = gatekeeper.name(to.ip());
    stream.set_nodelay(true)?;
    let mut connection = Connection {
        stream,
        about: About { to, process },
        name,
        first: Vec::new(),
    };
    if to.port() == listeners::DNS {
        return questions(gatekeeper, connection).await;
    }
    let first = look(&mut connection).await?;
    let claim = match &first {
        First::Tls(hello) => Claim::Tls {
            name: hello.name.as_deref(),
            is_encrypted: hello.is_encrypted,
        },
        First::Http(head) => Claim::Http {
            host: head.host.as_deref(),
        },
        First::Other => Claim::Other,
    };
    let attempt = Attempt {
        address: to.ip(),
        port: to.port(),
        name: connection.name.as_deref(),
        claim,
    };
    match decide(&attempt, gatekeeper.allowed(), gatekeeper.learns()) {
        Ok(host) if gatekeeper.is_read_only(&host, to.port()) => match first {
            First::Other => {
                let reason = "a registry is asked in HTTP".to_owned();
                refuse(gatekeeper, connection, first, reason).await
            }
            First::Tls(_) => desk::tls(gatekeeper, connection, &host).await,
            First::Http(_) => desk::plain(gatekeeper, connection, &host).await,
        },
        Ok(host) => relay(gatekeeper, connection, &first, &host).await,
        Err(reason) => refuse(gatekeeper, connection, first, reason).await,
    }
}

/// Reads until the first message is whole.
async fn look(connection: &mut Connection) -> std::io::Result<First> {
    let is_web = [80, 443].contains(&connection.about.to.port());
    let wait = if is_web { FIRST_BYTES } else { SERVER_FIRST };
    let mut buffer = vec![0; 16 << 10];
    loop {
        let bytes = &connection.first;
        let partial = match (hello::read(bytes), http::read(bytes)) {
            (hello::Read::Hello(hello), _) => return Ok(First::Tls(hello)),
            (_, http::Read::Head(head)) => return Ok(First::Http(head)),
            (hello::Read::Other, http::Read::Other) => return Ok(First::Other),
            _ => bytes.len() < MAX_FIRST,
        };
        if !partial {
            return Ok(First::Other);
        }
        match timeout(wait, connection.stream.read(&mut buffer)).await {
            Ok(Ok(0)) | Err(_) => return Ok(First::Other),
            Ok(Ok(length)) => connection
                .first
                .extend_from_slice(buffer.get(..length).unwrap_or(&[])),
            Ok(Err(error)) => return Err(error),
        }
    }
}

/// DNS over TCP: each question behind its length.
async fn questions(gatekeeper: &Gatekeeper, mut connection: Connection) -> std::io::Result<()> {
    loop {
        let length = timeout(FIRST_BYTES, connection.stream.read_u16()).await??;
        let mut question = vec![0; usize::from(length)];
        timeout(FIRST_BYTES, connection.stream.read_exact(&mut question)).await??;
        let Some(answer) = dns::answer(gatekeeper, &question, connection.about.to, "tcp") else {
            return Ok(());
        };
        let length = u16::try_from(answer.len()).unwrap_or(0);
        connection
            .stream
            .write_all(&[&length.to_be_bytes()[..], &answer].concat())
            .await?;
    }
}

async fn relay(
    gatekeeper: &Gatekeeper,
    mut connection: Connection,
    first: &First,
    host: &str,
) -> std::io::Result<()> {
    let server = match connect(gatekeeper, host, connection.about.to.port()).await {
        Ok(server) => server,
        Err((access, reason)) => {
            let about = connection.about;
            about.note(gatekeeper, Some(host), access, Some(reason), (0, 0));
            return reset(&connection.stream);
        }
    };
    let plain = match first {
        First::Http(head) => {
            request(
                gatekeeper,
                connection.about.process,
                head,
                host,
                connection.first.len() as u64,
                Access::Allowed,
            );
            true
        }
        First::Tls(_) => false,
        First::Other => true,
    };
    let bytes = copy(gatekeeper, &mut connection, server, host, plain).await;
    let about = connection.about;
    about.note(gatekeeper, Some(host), Access::Allowed, None, bytes);
    Ok(())
}

/// Connects to an allowed host; otherwise tells whether it was refused for where the name leads, and why.
pub(super) async fn connect(
    gatekeeper: &Gatekeeper,
    host: &str,
    port: u16,
) -> Result<TcpStream, (Access, String)> {
    let route = outbound::Route {
        fixed: gatekeeper.fixed(host),
        may_be_private: gatekeeper.may_be_private(host),
    };
    let server = outbound::connect(host, port, route).await;
    server.map_err(|error| {
        let access = if error.is_refusal() {
            Access::Denied
        } else {
            Access::Allowed
        };
        (access, error.to_string())
    })
}

/// Copies both ways until both have ended; what is not encrypted is looked at.
async fn copy(
    gatekeeper: &Gatekeeper,
    connection: &mut Connection,
    server: TcpStream,
    host: &str,
    plain: bool,
) -> (u64, u64) {
    let (mut from_server, mut to_server) = server.into_split();
    let (mut from_client, mut to_client) = connection.stream.split();
    let first = std::mem::take(&mut connection.first);
    let process = connection.about.process;
    let upward = async {
        let mut sent = first.len() as u64;
        let mut window = Window::default();
        if plain {
            window.push(gatekeeper, &first, host, process);
        }
        if to_server.write_all(&first).await.is_err() {
            return sent;
        }
        let mut buffer = vec![0; 64 << 10];
        while let Ok(length @ 1..) = from_client.read(&mut buffer).await {
            let part = buffer.get(..length).unwrap_or(&[]);
            if plain {
                window.push(gatekeeper, part, host, process);
            }
            if to_server.write_all(part).await.is_err() {
                break;
            }
            sent += length as u64;
        }
        let _ = to_server.shutdown().await;
        sent
    };
    let downward = async {
        let received = tokio::io::copy(&mut from_server, &mut to_client)
            .await
            .unwrap_or(0);
        let _ = to_client.shutdown().await;
        received
    };
    tokio::join!(upward, downward)
}

/// The last bytes that were looked at, so that nothing hides across two reads.
#[derive(Default)]
struct Window(Vec<u8>);

impl Window {
    /// Bytes that are looked at twice: the longest canary in its longest encoding.
    const OVERLAP: usize = 512;

    fn push(&mut self, gatekeeper: &Gatekeeper, part: &[u8], host: &str, process: Option<usize>) {
        self.0.extend_from_slice(part);
        gatekeeper.inspect(&self.0, host, process);
        let from = self.0.len().saturating_sub(Self::OVERLAP);
        self.0.drain(..from);
    }
}

async fn refuse(
    gatekeeper: &Gatekeeper,
    connection: Connection,
    first: First,
    reason: String,
) -> std::io::Result<()> {
    let claimed = match &first {
        First::Tls(hello) => hello.name.clone(),
        First::Http(head) => head.host.clone(),
        First::Other => None,
    };
    // what a connection to a bare address claims is no name of it
    let host = connection.name.clone();
    let protocol = if connection.about.to.port() == 853 {
        "DNS over TLS: "
    } else {
        ""
    };
    connection.about.note(
        gatekeeper,
        host.as_deref(),
        Access::Denied,
        Some(format!("{protocol}{reason}")),
        (connection.first.len() as u64, 0),
    );
    let host = host
        .or(claimed)
        .unwrap_or_else(|| connection.about.to.ip().to_string());
    gatekeeper.inspect(&connection.first, &host, connection.about.process);
    if gatekeeper.denied() == Denied::Refuse {
        return reset(&connection.stream);
    }
    let trapped = trap::Trapped {
        host,
        process: connection.about.process,
        is_metadata: is_metadata(connection.about.to.ip()),
    };
    match first {
        First::Tls(hello) if !hello.is_encrypted => {
            trap::tls(gatekeeper, connection.stream, connection.first, &trapped).await
        }
        First::Http(head) => {
            trap::plain(
                gatekeeper,
                connection.stream,
                connection.first,
                head,
                &trapped,
            )
            .await
        }
        _ => trap::other(gatekeeper, connection.stream, &trapped).await,
    }
}

pub(super) fn request(
    gatekeeper: &Gatekeeper,
    process: Option<usize>,
    head: &http::Head,
    host: &str,
    bytes: u64,
    access: Access,
) {
    gatekeeper.add(
        process,
        Action::Request {
            host: host.to_owned(),
            method: head.method.clone(),
            path: head.path.clone(),
            bytes,
            access,
        },
    );
}

/// Ends a connection at once, as if nobody were there.
fn reset(stream: &TcpStream) -> std::io::Result<()> {
    let linger = libc::linger {
        l_onoff: 1,
        l_linger: 0,
    };
    Ok(nix::sys::socket::setsockopt(
        stream,
        nix::sys::socket::sockopt::Linger,
        &linger,
    )?)
}
