//! Sockets that wait for clients.

use std::net::SocketAddr;

use thiserror::Error;
use tokio::net::TcpListener;

/// An address that cannot be listened on.
#[derive(Debug, Error)]
#[error("cannot listen on {address}: {source}")]
pub struct ListenError {
    address: SocketAddr,
    source: std::io::Error,
}

/// Listens on an address; port 0 means a free one.
///
/// # Errors
/// The address is taken, or not this machine's, or needs rights that the process lacks.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| ListenError { address, source })
}
