//! HTTPS: connections whose handshake is done, one after the other.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use foretaste_io::files;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::gate::GateError;
use crate::settings::Tls;

/// How long a handshake may take; whoever is slower holds nobody up.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Connections that are ready and wait to be served.
const WAITING: usize = 64;

/// A listener for TLS.
pub(crate) struct TlsListener {
    address: io::Result<SocketAddr>,
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
}

/// Reads certificate and key.
///
/// # Errors
/// A file cannot be read, or holds no PEM, or the two do not belong together.
pub(crate) fn acceptor(settings: &Tls) -> Result<TlsAcceptor, GateError> {
    let wrong = |path: &Path, reason: &dyn std::fmt::Display| {
        GateError::Unfit(format!("{}: {reason}", path.display()))
    };
    let text = files::read(&settings.certificate, files::CONFIG_LIMIT)?;
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .map_err(|e| wrong(&settings.certificate, &e))?;
    if chain.is_empty() {
        return Err(wrong(&settings.certificate, &"it holds no PEM certificate"));
    }
    let text = files::read(&settings.key, files::CONFIG_LIMIT)?;
    let key = PrivateKeyDer::from_pem_slice(&text).map_err(|e| wrong(&settings.key, &e))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| wrong(&settings.certificate, &e))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|e| wrong(&settings.certificate, &e))?;
    // HTTP/1.1 alone: HTTP/2 has no reason phrase, in which pip and uv show why something is refused
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

impl TlsListener {
    /// Begins to take connections.
    pub(crate) fn start(tcp: TcpListener, acceptor: TlsAcceptor) -> Self {
        let (done, ready) = mpsc::channel(WAITING);
        let address = tcp.local_addr();
        tokio::spawn(async move {
            loop {
                let taken = tokio::select! {
                    taken = tcp.accept() => taken,
                    () = done.closed() => return,
                };
                let Ok((socket, address)) = taken else {
                    // no descriptors are left; some will be free in a moment
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                };
                let _ = socket.set_nodelay(true);
                let (acceptor, done) = (acceptor.clone(), done.clone());
                tokio::spawn(async move {
                    let shaken = tokio::time::timeout(HANDSHAKE, acceptor.accept(socket)).await;
                    if let Ok(Ok(stream)) = shaken {
                        let _ = done.send((stream, address)).await;
                    }
                });
            }
        });
        Self { address, ready }
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(ready) => ready,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        match &self.address {
            Ok(address) => Ok(*address),
            Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
        }
    }
}
