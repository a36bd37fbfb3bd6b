//! The name server of a blocking monitor, over UDP and TCP. It asks the machine's own servers, for allowed names alone.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::RecordType;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

use super::Guard;
use crate::observation::Observation;
use crate::source::dns::{self, Told};
use crate::source::{Outlet, SourceError, Stop};

const WHAT: &str = "the name server of the monitor";
/// How often another port is tried.
const MAX_TRIES: u32 = 64;
/// How long another server may take.
const PATIENCE: Duration = Duration::from_secs(4);
/// Bytes of a message.
const MAX_MESSAGE: usize = 65_535;

/// Sockets that wait for questions.
#[derive(Debug)]
pub(crate) struct Server {
    sockets: Vec<(std::net::UdpSocket, std::net::TcpListener)>,
    upstream: Vec<SocketAddr>,
}

impl Server {
    /// Binds a free port on 127.0.0.1 and on ::1, the same for UDP and TCP.
    ///
    /// # Errors
    /// There is none on 127.0.0.1; a machine without the new protocol has one on that alone.
    pub(crate) fn bind(resolvers: &[IpAddr]) -> Result<Self, SourceError> {
        let mut sockets =
            vec![pair(IpAddr::V4(Ipv4Addr::LOCALHOST)).map_err(SourceError::of(WHAT))?];
        sockets.extend(pair(IpAddr::V6(Ipv6Addr::LOCALHOST)));
        // a resolver of this machine would be led here again: whom it asks is asked
        let (own, others): (Vec<_>, Vec<_>) =
            resolvers.iter().partition(|address| address.is_loopback());
        let upstream = if others.is_empty() { own } else { others };
        let upstream: Vec<SocketAddr> = upstream
            .into_iter()
            .map(|address: &IpAddr| SocketAddr::new(*address, 53))
            .collect();
        if upstream.is_empty() {
            return Err(SourceError {
                what: WHAT,
                why: "/etc/resolv.conf names no server to ask".to_owned(),
            });
        }
        Ok(Self { sockets, upstream })
    }

    /// The ports on 127.0.0.1 and ::1; 0 for none.
    pub(crate) fn ports(&self) -> (u16, u16) {
        let port = |at: usize| {
            let socket = self.sockets.get(at)?;
            socket.0.local_addr().ok().map(|address| address.port())
        };
        (port(0).unwrap_or(0), port(1).unwrap_or(0))
    }

    /// Answers until it is stopped.
    pub(crate) fn run(self, guard: &Guard, out: &Outlet, stop: &Stop) {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
        else {
            out.tell(Observation::Gap(
                "the name server could not start".to_owned(),
            ));
            return;
        };
        let context = Arc::new(Context {
            guard: guard.clone(),
            out: out.clone(),
            upstream: self.upstream,
        });
        runtime.block_on(async {
            for (datagrams, streams) in self.sockets {
                if let (Ok(datagrams), Ok(streams)) = (
                    UdpSocket::from_std(datagrams),
                    TcpListener::from_std(streams),
                ) {
                    tokio::spawn(answer_datagrams(context.clone(), Arc::new(datagrams)));
                    tokio::spawn(answer_streams(context.clone(), streams));
                }
            }
            while !stop.is_stopped() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
    }
}

/// Two sockets with one port: where that of the first is somebody's for the second, another is taken.
fn pair(address: IpAddr) -> std::io::Result<(std::net::UdpSocket, std::net::TcpListener)> {
    let mut tries = 0;
    let (datagrams, streams) = loop {
        let datagrams = std::net::UdpSocket::bind(SocketAddr::new(address, 0))?;
        match std::net::TcpListener::bind(datagrams.local_addr()?) {
            Ok(streams) => break (datagrams, streams),
            Err(error) if error.kind() == ErrorKind::AddrInUse && tries < MAX_TRIES => tries += 1,
            Err(error) => return Err(error),
        }
    };
    datagrams.set_nonblocking(true)?;
    streams.set_nonblocking(true)?;
    Ok((datagrams, streams))
}

struct Context {
    guard: Guard,
    out: Outlet,
    upstream: Vec<SocketAddr>,
}

async fn answer_datagrams(context: Arc<Context>, socket: Arc<UdpSocket>) {
    let mut buffer = vec![0; MAX_MESSAGE];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        let question = buffer[..length].to_vec();
        let (context, socket) = (context.clone(), socket.clone());
        tokio::spawn(async move {
            if let Some(answer) = answer(&context, &question, from, "udp").await {
                let _ = socket.send_to(&answer, from).await;
            }
        });
    }
}

async fn answer_streams(context: Arc<Context>, listener: TcpListener) {
    while let Ok((mut stream, from)) = listener.accept().await {
        let context = context.clone();
        tokio::spawn(async move {
            while let Ok(question) = receive(&mut stream).await
                && let Some(answer) = answer(&context, &question, from, "tcp").await
                && send(&mut stream, &answer).await.is_ok()
            {}
        });
    }
}

async fn receive(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let length = stream.read_u16().await?;
    let mut message = vec![0; usize::from(length)];
    stream.read_exact(&mut message).await?;
    Ok(message)
}

async fn send(stream: &mut TcpStream, message: &[u8]) -> std::io::Result<()> {
    stream.write_u16(message.len() as u16).await?;
    stream.write_all(message).await
}

/// Answers a question. `None` for what is none.
async fn answer(
    context: &Context,
    question: &[u8],
    from: SocketAddr,
    protocol: &'static str,
) -> Option<Vec<u8>> {
    let message = Message::from_vec(question).ok()?;
    let query = message.queries.first()?;
    let name = dns::normal(&query.name.to_ascii());
    let allowed = context.guard.allows(&name);
    context.out.tell(Observation::Query {
        pid: crate::source::asker(protocol, from),
        name: name.clone(),
        kind: query.query_type.to_string(),
        resolver: from.ip(),
        protocol,
        denied: !allowed && name.contains('.'),
    });
    // records that lead elsewhere, or hide the name in TLS, are not handed out
    let is_address = matches!(query.query_type, RecordType::A | RecordType::AAAA);
    let is_hint = matches!(query.query_type, RecordType::HTTPS | RecordType::SVCB);
    if !allowed || is_hint {
        let mut response = Message::response(message.metadata.id, message.metadata.op_code);
        response.metadata.recursion_desired = message.metadata.recursion_desired;
        response.metadata.recursion_available = true;
        response.metadata.response_code = if allowed {
            ResponseCode::NoError
        } else {
            ResponseCode::NXDomain
        };
        response.add_query(query.clone());
        return response.to_vec().ok();
    }
    let answer = forward(context, question, protocol).await?;
    if is_address && let Some(Told::Answer { addresses, .. }) = dns::read(&answer) {
        // on the list before whoever asked can connect
        context.guard.open(&name, &addresses);
        context.out.tell(Observation::Answer { name, addresses });
    }
    Some(answer)
}

async fn forward(context: &Context, question: &[u8], protocol: &str) -> Option<Vec<u8>> {
    for server in &context.upstream {
        let asked = async {
            if protocol == "tcp" {
                let mut stream = TcpStream::connect(server).await?;
                send(&mut stream, question).await?;
                return receive(&mut stream).await;
            }
            let any: IpAddr = if server.is_ipv4() {
                Ipv4Addr::UNSPECIFIED.into()
            } else {
                Ipv6Addr::UNSPECIFIED.into()
            };
            let socket = UdpSocket::bind(SocketAddr::new(any, 0)).await?;
            socket.connect(server).await?;
            socket.send(question).await?;
            let mut buffer = vec![0; MAX_MESSAGE];
            let length = socket.recv(&mut buffer).await?;
            buffer.truncate(length);
            Ok(buffer)
        };
        if let Ok(Ok(answer)) = tokio::time::timeout(PATIENCE, asked).await {
            return Some(answer);
        }
    }
    None
}
