//! One attempt at a request: what it gave, its body, and how it failed.

use std::error::Error as _;
use std::io::Read as _;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header;

use super::cache::Validators;
use super::headers::header_text;
use super::{HttpError, Request, Response, Saved, retry};
use crate::SafeUrl;

/// Characters of an error answer that are kept.
const MESSAGE_CHARS: usize = 200;

/// What one attempt gave.
pub(super) enum Attempt {
    Done(Answer, Validators),
    NotModified(Validators),
    Failed {
        error: HttpError,
        transient: bool,
        retry_after: Option<Duration>,
    },
}

/// An answer with its body, in memory or on disk.
pub(super) enum Answer {
    Held(Response),
    Saved(Saved),
}

/// The bytes of an answer, within the request's bound.
pub(super) async fn read_body(
    request: &Request,
    mut answer: reqwest::Response,
) -> Result<Vec<u8>, Attempt> {
    let too_large = || {
        Attempt::permanent(HttpError::TooLarge {
            url: request.safe_url(),
            limit: request.max_bytes,
        })
    };
    let stated = answer.content_length();
    if stated.is_some_and(|length| length > request.max_bytes) {
        return Err(too_large());
    }
    // What a server states is believed only up to a point: memory is taken as bytes arrive.
    let mut body = Vec::with_capacity(stated.unwrap_or(0).min(8 << 20) as usize);
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) => {
                if (body.len() + chunk.len()) as u64 > request.max_bytes {
                    return Err(too_large());
                }
                body.extend_from_slice(&chunk);
            }
            Ok(None) => return Ok(body),
            Err(error) => return Err(transport(request, error)),
        }
    }
}

/// The plain form of a body that came in gzip.
pub(super) fn gunzip(request: &Request, body: &[u8]) -> Result<Vec<u8>, HttpError> {
    let mut plain = Vec::new();
    flate2::read::MultiGzDecoder::new(body)
        .take(request.max_bytes.saturating_add(1))
        .read_to_end(&mut plain)
        .map_err(|e| HttpError::Transport {
            url: request.safe_url(),
            reason: format!("the answer's gzip encoding is broken: {e}"),
        })?;
    if plain.len() as u64 > request.max_bytes {
        return Err(HttpError::TooLarge {
            url: request.safe_url(),
            limit: request.max_bytes,
        });
    }
    Ok(plain)
}

/// What an answer that is an error says.
pub(super) async fn failed_status(request: &Request, mut answer: reqwest::Response) -> Attempt {
    let status = answer.status().as_u16();
    let url = SafeUrl::new(answer.url().clone());
    let retry_after = header_text(answer.headers(), &header::RETRY_AFTER)
        .and_then(|value| retry::retry_after(&value, Timestamp::now()));
    let mut start = Vec::new();
    while start.len() < 4 * MESSAGE_CHARS
        && let Ok(Some(chunk)) = answer.chunk().await
    {
        start.extend_from_slice(&chunk);
    }
    let message = message(&start);
    let error = match status {
        404 | 410 => HttpError::NotFound { url, status },
        401 | 403 => HttpError::Unauthorized {
            url,
            status,
            message,
            with_credentials: request.auth.is_some(),
        },
        429 => HttpError::RateLimited { url, retry_after },
        _ => HttpError::Status {
            url,
            status,
            message,
        },
    };
    Attempt::Failed {
        error,
        transient: retry::is_transient(status),
        retry_after,
    }
}

/// The start of an error page as one printable line; empty for HTML.
fn message(start: &[u8]) -> String {
    let text = String::from_utf8_lossy(start);
    if text.trim_start().starts_with('<') {
        return String::new();
    }
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .filter(|c| !c.is_control())
        .take(MESSAGE_CHARS)
        .collect()
}

impl Attempt {
    /// A failure that another try would not better.
    pub(super) const fn permanent(error: HttpError) -> Self {
        Self::Failed {
            error,
            transient: false,
            retry_after: None,
        }
    }
}

/// What a connection that broke says.
pub(super) fn transport(request: &Request, error: reqwest::Error) -> Attempt {
    let url = request.safe_url();
    let transient = !error.is_redirect() && !error.is_builder();
    let error = if error.is_timeout() {
        HttpError::Timeout { url }
    } else {
        HttpError::Transport {
            url,
            reason: reason(error),
        }
    };
    Attempt::Failed {
        error,
        transient,
        retry_after: None,
    }
}

/// The innermost causes of a transport error as one line, without its URL (which may hold credentials).
pub(super) fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut parts = vec![error.to_string()];
    let mut source = error.source();
    while let Some(inner) = source {
        let text = inner.to_string();
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        source = inner.source();
    }
    parts.join(": ")
}
