//! What spans cost: the same page from two gates next to each other, of which one sends its spans to a collector.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;

use super::load::Load;
use super::server::Server;
use crate::child::median;

/// Pairs of loads.
const PAIRS: usize = 5;

/// Requests per second.
pub(super) struct Traced {
    pub(super) with: f64,
    pub(super) without: f64,
    /// Spans that the collector took.
    pub(super) spans: u64,
}

/// A collector that counts spans and forgets them.
struct Collector {
    port: u16,
    spans: Arc<AtomicU64>,
}

impl Collector {
    fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let spans = Arc::<AtomicU64>::default();
        let counted = Arc::clone(&spans);
        std::thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let counted = Arc::clone(&counted);
                // a connection that breaks off has nothing more to say
                std::thread::spawn(move || take(socket, &counted));
            }
        });
        Ok(Self { port, spans })
    }
}

fn take(mut socket: TcpStream, spans: &AtomicU64) -> std::io::Result<()> {
    let mut reader = BufReader::new(socket.try_clone()?);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let line = line.trim().to_ascii_lowercase();
            if let Some(text) = line.strip_prefix("content-length:") {
                length = text.trim().parse().unwrap_or(0);
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let text = String::from_utf8_lossy(&body);
        let count = text.matches("\"spanId\"").count();
        spans.fetch_add(count as u64, Ordering::Relaxed);
        socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")?;
    }
}

/// Measures the small page.
pub(super) fn measure(home: &Path, binary: &Path, nginx: &Server, seconds: u32) -> Result<Traced> {
    let collector = Collector::start()?;
    let endpoint = format!(
        "[traces]\nendpoint = 'http://127.0.0.1:{}'\n",
        collector.port
    );
    let plain = Server::gate(home, binary, nginx, ("untraced", ""))?;
    let traced = Server::gate(home, binary, nginx, ("traced", &endpoint))?;
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        without.push(Load::run(&plain.page("small"), seconds)?);
        with.push(Load::run(&traced.page("small"), seconds)?);
    }
    // an orderly end sends what waits
    drop(traced);
    Ok(Traced {
        with: median(with),
        without: median(without),
        spans: collector.spans.load(Ordering::Relaxed),
    })
}
