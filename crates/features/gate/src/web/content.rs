//! Pages and files as answers.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE,
    ETAG, IF_NONE_MATCH, IF_RANGE, RANGE, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use foretaste_io::files;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::{encodings, outage};
use crate::blobs::Blob;
use crate::pages::Page;

/// Bytes that are read from disk at once; each client that a file is sent to holds two of these.
const CHUNK: usize = 256 << 10;

/// A page, or "not modified".
pub(crate) fn page(page: &Arc<Page>, headers: &HeaderMap) -> Response {
    let (body, encoding, etag) = page.encoded(&encodings(headers));
    let mut response = if matches_tag(headers, etag.as_bytes()) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        Response::new(Body::from(body.clone()))
    };
    let out = response.headers_mut();
    out.insert(CONTENT_TYPE, HeaderValue::from_static(page.content_type));
    if let Some(id) = encoding.id() {
        out.insert(CONTENT_ENCODING, HeaderValue::from_static(id));
    }
    out.insert(ETAG, etag);
    // always asked again: what is blocked a minute later must not be served from a client's cache
    out.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    out.insert(VARY, HeaderValue::from_static("accept, accept-encoding"));
    response
}

fn matches_tag(headers: &HeaderMap, etag: &[u8]) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag.as_bytes() == etag || tag == "*")
}

/// A file or a part of it.
pub(crate) async fn file(
    blob: &Blob,
    content_type: &'static str,
    method: &Method,
    headers: &HeaderMap,
) -> Response {
    let etag = format!("\"{}\"", blob.sha256);
    if matches_tag(headers, etag.as_bytes()) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        identify(&mut response, Some(&blob.sha256));
        return response;
    }
    let size = blob.size;
    let wanted = headers
        .get(RANGE)
        .and_then(|v| v.to_str().ok())
        .filter(|_| {
            headers
                .get(IF_RANGE)
                .is_none_or(|tag| tag.as_bytes() == etag.as_bytes())
        })
        .and_then(|text| range(text, size));
    let (start, length, status) = match wanted {
        None => (0, size, StatusCode::OK),
        Some(Ok((start, end))) => (start, end - start + 1, StatusCode::PARTIAL_CONTENT),
        Some(Err(Unsatisfiable)) => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            if let Ok(value) = HeaderValue::from_str(&format!("bytes */{size}")) {
                response.headers_mut().insert(CONTENT_RANGE, value);
            }
            return response;
        }
    };
    let body = if *method == Method::HEAD {
        Body::empty()
    } else {
        match part(blob, start, length).await {
            Ok(body) => body,
            Err(error) => return outage(&error),
        }
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    identify(&mut response, Some(&blob.sha256));
    let out = response.headers_mut();
    out.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    out.insert(CONTENT_LENGTH, HeaderValue::from(length));
    if status == StatusCode::PARTIAL_CONTENT
        && let Ok(value) =
            HeaderValue::from_str(&format!("bytes {start}-{}/{size}", start + length - 1))
    {
        out.insert(CONTENT_RANGE, value);
    }
    response
}

/// A file of which only the beginning is there.
pub(crate) fn arriving(
    body: Body,
    length: Option<u64>,
    content_type: &'static str,
    sha256: Option<&str>,
) -> Response {
    let mut response = Response::new(body);
    identify(&mut response, sha256);
    let out = response.headers_mut();
    out.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(length) = length {
        out.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}

/// Bytes of a file, from memory or as they are read.
async fn part(blob: &Blob, start: u64, length: u64) -> std::io::Result<Body> {
    if let Some(bytes) = &blob.hot {
        let slice = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).min(bytes.len());
        return Ok(Body::from(bytes.slice(slice(start)..slice(start + length))));
    }
    let (mut file, _) = files::open_async(&blob.path)
        .await
        .map_err(std::io::Error::other)?;
    if start > 0 {
        file.seek(std::io::SeekFrom::Start(start)).await?;
    }
    // the reader asks the disk for as much at once as it hands on
    file.set_max_buf_size(CHUNK);
    let stream = ReaderStream::with_capacity(file.take(length), CHUNK);
    Ok(Body::from_stream(stream))
}

fn identify(response: &mut Response, sha256: Option<&str>) {
    let out = response.headers_mut();
    let tag = sha256.map(|hex| HeaderValue::from_str(&format!("\"{hex}\"")));
    if let Some(Ok(tag)) = tag {
        out.insert(ETAG, tag);
    }
    // the bytes never change, but whether they may be had does: no shared cache may answer in the gate's place
    let lasting = HeaderValue::from_static("private, max-age=86400, immutable");
    out.insert(CACHE_CONTROL, lasting);
    out.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
}

/// A range that lies outside of the file.
#[derive(Debug, PartialEq, Eq)]
struct Unsatisfiable;

/// Reads a single range (RFC 9110 §14.1.2), as first and last byte; several, and what cannot be read, are ignored.
fn range(text: &str, size: u64) -> Option<Result<(u64, u64), Unsatisfiable>> {
    let (first, last) = text.trim().strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| text.trim().parse::<u64>().ok();
    if first.trim().is_empty() {
        let count = number(last)?;
        return Some(if count == 0 || size == 0 {
            Err(Unsatisfiable)
        } else {
            Ok((size.saturating_sub(count), size - 1))
        });
    }
    let first = number(first)?;
    let last = if last.trim().is_empty() {
        size.saturating_sub(1)
    } else {
        number(last)?
    };
    if last < first && first < size {
        return None;
    }
    Some(if first >= size {
        Err(Unsatisfiable)
    } else {
        Ok((first, last.min(size - 1)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_has_them() {
        assert_eq!(range("bytes=0-99", 1000), Some(Ok((0, 99))));
        assert_eq!(range("bytes=990-", 1000), Some(Ok((990, 999))));
        assert_eq!(range("bytes=-5", 1000), Some(Ok((995, 999))));
        assert_eq!(range("bytes=-5000", 1000), Some(Ok((0, 999))));
        assert_eq!(range("bytes=0-5000", 1000), Some(Ok((0, 999))));
        assert_eq!(range("bytes=1000-", 1000), Some(Err(Unsatisfiable)));
        assert_eq!(range("bytes=-0", 1000), Some(Err(Unsatisfiable)));
        for ignored in [
            "bytes=5-1",
            "bytes=0-1,5-6",
            "lines=1-2",
            "bytes=",
            "bytes=a-b",
        ] {
            assert_eq!(range(ignored, 1000), None, "{ignored}");
        }
    }
}
