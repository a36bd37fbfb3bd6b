//! An HTTP server on the loopback interface whose answers are a function of the question.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use base64::Engine as _;
use md5::{Digest as _, Md5};

/// A request as the server saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// `GET`, `POST`, ...
    pub method: String,
    /// The path as sent, still percent-encoded, without the query.
    pub path: String,
    /// The query, without the question mark.
    pub query: String,
    /// Headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Ask {
    /// A header, or an empty text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// 200 with a body of a media type.
    pub fn ok(media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            headers: vec![("content-type".to_owned(), media_type.to_owned())],
            body: body.into(),
        }
    }

    /// 200 with JSON.
    pub fn json(value: &serde_json::Value) -> Self {
        Self::ok("application/json", value.to_string())
    }

    /// Another status with a line of text.
    pub fn status(status: u16, text: &str) -> Self {
        Self {
            status,
            ..Self::ok("text/plain", text)
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// How a registry treats its visitors, whatever they ask for.
#[derive(Clone, Debug, Default)]
pub struct Manners {
    /// The value of `Authorization` that every request must have; others get 401.
    pub authorization: Option<String>,
    /// How many requests are first turned away with 429 and `Retry-After`.
    pub busy: u32,
    /// The value of that `Retry-After`.
    pub retry_after: String,
    /// How it misbehaves. The first one that fits a path is taken.
    pub faults: Vec<Fault>,
}

impl Manners {
    /// Asks for HTTP Basic credentials.
    #[must_use]
    pub fn basic(mut self, user: &str, password: &str) -> Self {
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        self.authorization = Some(format!("Basic {pair}"));
        self
    }

    /// Misbehaves `times` times (`u32::MAX` for always) where the path contains `path`.
    #[must_use]
    pub fn fault(mut self, path: &str, times: u32, kind: FaultKind) -> Self {
        self.faults.push(Fault {
            path: path.to_owned(),
            times,
            kind,
        });
        self
    }
}

/// A planned misbehaviour.
#[derive(Clone, Debug)]
pub struct Fault {
    /// What the path must contain.
    pub path: String,
    /// How many more times.
    pub times: u32,
    /// What happens.
    pub kind: FaultKind,
}

/// Ways to misbehave.
#[derive(Clone, Debug)]
pub enum FaultKind {
    /// Another answer.
    Answer(Answer),
    /// Silence before the answer.
    Slow(Duration),
    /// The connection is closed in the middle of the body, which was announced in full.
    Truncated,
    /// One byte in the middle of the body is another.
    Corrupt,
}

/// A running server.
#[derive(Debug)]
pub struct FakeServer {
    address: SocketAddr,
    log: Arc<Mutex<Vec<Ask>>>,
    task: tokio::task::JoinHandle<()>,
}

impl FakeServer {
    /// Starts a server on a free port. `answer` gets the question and the server's own base URL (no slash at its end).
    ///
    /// Successful answers get an entity tag, and conditional requests 304.
    ///
    /// # Panics
    /// When no port of the loopback interface can be had.
    pub async fn start(
        manners: Manners,
        answer: impl Fn(&Ask, &str) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        let log = Arc::new(Mutex::new(Vec::new()));
        let base = format!("http://{address}");
        let answer = Arc::new(answer);
        let busy = Arc::new(Mutex::new(manners.busy));
        let faults = Arc::new(Mutex::new(manners.faults.clone()));
        let shared = Arc::clone(&log);
        let app = Router::new().fallback(move |request: Request| {
            let (answer, log, base) = (Arc::clone(&answer), Arc::clone(&shared), base.clone());
            let (manners, busy) = (manners.clone(), Arc::clone(&busy));
            let faults = Arc::clone(&faults);
            async move {
                let ask = read(request).await;
                let reply = refuse(&ask, &manners, &busy)
                    .unwrap_or_else(|| conditional(&ask, answer(&ask, &base)));
                let fault = fault(&ask, &faults);
                log.lock().unwrap_or_else(PoisonError::into_inner).push(ask);
                misbehave(reply, fault).await
            }
        });
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, app).await;
        });
        Self { address, log, task }
    }

    /// The base URL, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything it was asked so far.
    pub fn log(&self) -> Vec<Ask> {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The paths it was asked for so far.
    pub fn paths(&self) -> Vec<String> {
        self.log().into_iter().map(|ask| ask.path).collect()
    }
}

impl Drop for FakeServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn read(request: Request) -> Ask {
    let (parts, body) = request.into_parts();
    let headers = parts.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    Ask {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or("").to_owned(),
        headers: headers.collect(),
        body: to_bytes(body, 16 << 20)
            .await
            .map_or_else(|_| Vec::new(), |b| b.to_vec()),
    }
}

fn refuse(ask: &Ask, manners: &Manners, busy: &Mutex<u32>) -> Option<Answer> {
    let mut left = busy.lock().unwrap_or_else(PoisonError::into_inner);
    if *left > 0 {
        *left -= 1;
        let wait = if manners.retry_after.is_empty() {
            "0"
        } else {
            &manners.retry_after
        };
        return Some(Answer::status(429, "slow down").header("retry-after", wait));
    }
    match &manners.authorization {
        Some(wanted) if ask.header("authorization") != wanted => {
            Some(Answer::status(401, "who are you?"))
        }
        _ => None,
    }
}

fn fault(ask: &Ask, faults: &Mutex<Vec<Fault>>) -> Option<FaultKind> {
    let mut faults = faults.lock().unwrap_or_else(PoisonError::into_inner);
    let found = faults
        .iter_mut()
        .find(|fault| fault.times > 0 && ask.path.contains(&fault.path))?;
    if found.times != u32::MAX {
        found.times -= 1;
    }
    Some(found.kind.clone())
}

async fn misbehave(mut reply: Answer, fault: Option<FaultKind>) -> Response {
    match fault {
        None => {}
        Some(FaultKind::Answer(other)) => reply = other,
        Some(FaultKind::Slow(time)) => tokio::time::sleep(time).await,
        Some(FaultKind::Corrupt) => {
            let middle = reply.body.len() / 2;
            if let Some(byte) = reply.body.get_mut(middle) {
                *byte ^= 0xff;
            }
        }
        Some(FaultKind::Truncated) => {
            let announced = reply.body.len();
            reply.body.truncate(announced / 2);
            let half = Bytes::from(std::mem::take(&mut reply.body));
            let mut response = respond(reply.header("content-length", &announced.to_string()));
            *response.body_mut() = Body::new(Broken(Some(half)));
            return response;
        }
    }
    respond(reply)
}

/// Gives some bytes, then fails, so that the connection is closed.
struct Broken(Option<Bytes>);

impl HttpBody for Broken {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
        Poll::Ready(Some(match self.0.take() {
            Some(bytes) => Ok(http_body::Frame::data(bytes)),
            None => Err(std::io::Error::other("closed on purpose")),
        }))
    }
}

fn conditional(ask: &Ask, answer: Answer) -> Answer {
    if answer.status != 200 {
        return answer;
    }
    // bundler compares it with the MD5 of what it got
    let tag = format!("\"{}\"", hex::encode(Md5::digest(&answer.body)));
    if ask.header("if-none-match") == tag {
        return Answer {
            status: 304,
            headers: Vec::new(),
            body: Vec::new(),
        }
        .header("etag", &tag);
    }
    answer.header("etag", &tag)
}

fn respond(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).expect("a status");
    for (name, value) in answer.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name");
        let value = HeaderValue::from_str(&value).expect("a header value");
        response.headers_mut().append(name, value);
    }
    response
}
