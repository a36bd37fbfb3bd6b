//! Where a client reaches the gate.

use axum::http::HeaderValue;

use crate::gate::Gate;

/// The URL of the gate without a slash at its end: as configured, else as the client called it. A host of strange characters
/// is not repeated.
pub(crate) fn base(gate: &Gate, host: Option<&HeaderValue>) -> String {
    if let Some(url) = &gate.settings().public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let is_plain = |h: &&str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
        !h.is_empty() && h.len() < 256 && h.chars().all(plain)
    };
    let host = host.and_then(|h| h.to_str().ok()).filter(is_plain);
    let scheme = if gate.settings().tls.is_some() {
        "https"
    } else {
        "http"
    };
    format!("{scheme}://{}", host.unwrap_or(&gate.settings().listen))
}
