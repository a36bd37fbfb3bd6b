//! Answers that say no, in the channel that the client shows.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use foretaste_model::words::counted;
use hyper::ext::ReasonPhrase;

use crate::decide::Ruling;
use crate::outage::{self, Outage};

/// Characters of a reason phrase.
const PHRASE_CHARS: usize = 400;
/// Seconds after which a client should come again.
const AGAIN: &str = "2";

const DECISION: HeaderName = HeaderName::from_static("foretaste-decision");
const REASON: HeaderName = HeaderName::from_static("foretaste-reason");

/// An answer of plain text, whose text also stands in the status line: pip, uv and twine show that and not the body.
pub(crate) fn text(status: StatusCode, message: &str) -> Response {
    let mut response = plain(status, message);
    say_in_status_line(&mut response, message);
    response
}

/// Puts a message into the status line of an answer.
pub(crate) fn say_in_status_line(response: &mut Response, message: &str) {
    if let Ok(phrase) = ReasonPhrase::try_from(reason_phrase(message).into_bytes()) {
        response.extensions_mut().insert(phrase);
    }
}

/// An answer of plain text.
pub(crate) fn plain(status: StatusCode, message: &str) -> Response {
    let mut response = Response::new(Body::from(format!("{message}\n")));
    *response.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}

/// What may stand in a status line: printable ASCII, and not too much.
pub(crate) fn reason_phrase(message: &str) -> String {
    message
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() || c == ' ' {
                c
            } else {
                '?'
            }
        })
        .take(PHRASE_CHARS)
        .collect()
}

/// Marks an answer with the decision that it tells.
pub(crate) fn decision_headers(response: &mut Response, ruling: &Ruling) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&ruling.id) {
        headers.insert(DECISION, id);
    }
    if let Ok(reason) = HeaderValue::from_str(&reason_phrase(&ruling.reason)) {
        headers.insert(REASON, reason);
    }
}

/// "Come again": never "not found" for what is not known yet.
pub(crate) fn trouble(reason: &str) -> Response {
    let mut response = text(StatusCode::SERVICE_UNAVAILABLE, reason);
    let again = HeaderValue::from_static(AGAIN);
    response.headers_mut().insert(RETRY_AFTER, again);
    response
}

/// "Come again", because something failed on this side.
pub(crate) fn outage(error: &dyn Outage) -> Response {
    trouble(&outage::told(error))
}

/// "Not so often."
pub(crate) fn too_often(seconds: u64) -> Response {
    let reason = format!(
        "too many requests; come again in {}",
        counted(seconds, "second")
    );
    let mut response = text(StatusCode::TOO_MANY_REQUESTS, &reason);
    let again = HeaderValue::from(seconds);
    response.headers_mut().insert(RETRY_AFTER, again);
    response
}

/// "Who are you?"
pub(crate) fn unauthorized(reason: &str) -> Response {
    let mut response = text(StatusCode::UNAUTHORIZED, reason);
    let basic = HeaderValue::from_static("Basic realm=\"foretaste\"");
    response.headers_mut().insert(WWW_AUTHENTICATE, basic);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_reason_cannot_split_the_answer() {
        let phrase = reason_phrase("evil\r\nSet-Cookie: a=b\u{1b}[31m é");
        assert_eq!(phrase, "evil??Set-Cookie: a=b?[31m ?");
        let long = "x".repeat(9_000);
        assert_eq!(text(StatusCode::FORBIDDEN, &long).status(), 403);
    }
}
