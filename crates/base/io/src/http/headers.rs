//! Headers, both ways.

use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::cache::{Stored, Validators};
use super::{HttpError, Request};

/// What a request is sent with.
pub(super) fn headers(request: &Request, stored: Option<&Stored>) -> Result<HeaderMap, HttpError> {
    let mut headers = HeaderMap::new();
    let mut put = |name: HeaderName, value: &str, sensitive: bool| {
        let mut value = HeaderValue::from_str(value).map_err(|_| HttpError::Transport {
            url: request.safe_url(),
            reason: format!("the value for the header `{name}` has characters that HTTP forbids"),
        })?;
        value.set_sensitive(sensitive);
        headers.insert(name, value);
        Ok(())
    };
    put(
        header::ACCEPT,
        request.accept.as_deref().unwrap_or("*/*"),
        false,
    )?;
    let encoding = if request.compressed {
        "gzip"
    } else {
        "identity"
    };
    put(header::ACCEPT_ENCODING, encoding, false)?;
    if let Some(stored) = stored {
        if let Some(etag) = &stored.entry.etag {
            put(header::IF_NONE_MATCH, etag, false)?;
        }
        if let Some(time) = &stored.entry.last_modified {
            put(header::IF_MODIFIED_SINCE, time, false)?;
        }
    }
    for (name, value) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| HttpError::Transport {
            url: request.safe_url(),
            reason: format!("`{name}` is no header name"),
        })?;
        put(name, value, false)?;
    }
    if let Some(auth) = &request.auth {
        put(header::AUTHORIZATION, auth.header().expose(), true)?;
    }
    Ok(headers)
}

/// What an answer says about how long it is good.
pub(super) fn validators(headers: &HeaderMap) -> Validators {
    Validators {
        etag: header_text(headers, &header::ETAG),
        last_modified: header_text(headers, &header::LAST_MODIFIED),
        cache_control: header_text(headers, &header::CACHE_CONTROL),
        age: header_text(headers, &header::AGE),
    }
}

/// A header's text.
pub(super) fn header_text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}
