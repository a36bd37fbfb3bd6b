//! An endpoint for Prometheus.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use foretaste_io::{ListenError, listen};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Bytes of a request's head.
const MAX_HEAD: usize = 8192;

/// Answers every request with the text as it is at that moment, on a thread of its own, for as long as the process lives.
/// Gives the address that it listens on.
///
/// # Errors
/// The address cannot be listened on.
pub fn serve_metrics(
    address: SocketAddr,
    text: Arc<Mutex<String>>,
) -> Result<SocketAddr, ListenError> {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
        else {
            return;
        };
        runtime.block_on(async {
            let listener = match listen(address).await {
                Ok(listener) => {
                    let _ = sender.send(Ok(listener.local_addr().unwrap_or(address)));
                    listener
                }
                Err(error) => {
                    let _ = sender.send(Err(error));
                    return;
                }
            };
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, text.clone()));
            }
        });
    });
    receiver.recv().unwrap_or(Ok(address))
}

async fn answer(mut stream: tokio::net::TcpStream, text: Arc<Mutex<String>>) {
    let mut head = vec![0; MAX_HEAD];
    let mut length = 0;
    while length < MAX_HEAD && !head[..length].windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut head[length..]).await {
            Ok(0) | Err(_) => return,
            Ok(more) => length += more,
        }
    }
    let body = text.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain; version=0.0.4\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    // who asked may be gone
    let _ = stream.write_all(answer.as_bytes()).await;
}
