//! A request and its answer.

use std::time::Duration;

use foretaste_model::{ContentDigest, Digest};
use url::Url;

use crate::{Auth, SafeUrl};

/// One GET or POST.
#[derive(Clone, Debug)]
pub struct Request {
    pub(crate) url: Url,
    pub(crate) accept: Option<Box<str>>,
    pub(crate) headers: Vec<(Box<str>, Box<str>)>,
    pub(crate) auth: Option<Auth>,
    pub(crate) max_bytes: u64,
    pub(crate) cache: CachePolicy,
    pub(crate) total_timeout: Duration,
    pub(crate) compressed: bool,
    pub(crate) optional: bool,
}

/// How an answer may be kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CachePolicy {
    /// Not at all.
    Never,
    /// As the server says (`Cache-Control`, `ETag`, `Last-Modified`), else for the client's default freshness.
    #[default]
    AsServed,
    /// For ever, because the content is named by its digests; it is kept only if it has them.
    Immutable(Vec<Digest>),
}

impl Request {
    /// A GET of at most 64 MiB, cached as the server says, user-info of the URL sent as credentials.
    pub fn get(url: Url) -> Self {
        let (safe, auth) = SafeUrl::split(url);
        Self {
            url: safe.url().clone(),
            accept: None,
            headers: Vec::new(),
            auth,
            max_bytes: 64 << 20,
            cache: CachePolicy::AsServed,
            total_timeout: Duration::from_mins(2),
            compressed: true,
            optional: false,
        }
    }

    /// A GET of an artifact: sent as it is (no content encoding), up to `max_bytes`, ten minutes, kept by digest.
    pub fn artifact(url: Url, max_bytes: u64, digests: &[Digest]) -> Self {
        let strong: Vec<Digest> = digests
            .iter()
            .filter(|d| d.algorithm.is_strong())
            .cloned()
            .collect();
        Self {
            max_bytes,
            cache: if strong.is_empty() {
                CachePolicy::AsServed
            } else {
                CachePolicy::Immutable(strong)
            },
            total_timeout: Duration::from_mins(10),
            compressed: false,
            ..Self::get(url)
        }
    }

    /// Sets `Accept`.
    #[must_use]
    pub fn accept(mut self, value: &str) -> Self {
        self.accept = Some(value.into());
        self
    }

    /// Adds a header. Not for credentials: use [`Self::auth`].
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets credentials, unless the URL brought its own.
    #[must_use]
    pub fn auth(mut self, auth: Option<Auth>) -> Self {
        self.auth = self.auth.or(auth);
        self
    }

    /// Sets the size limit.
    #[must_use]
    pub const fn max_bytes(mut self, limit: u64) -> Self {
        self.max_bytes = limit;
        self
    }

    /// Sets the cache policy.
    #[must_use]
    pub fn cache(mut self, policy: CachePolicy) -> Self {
        self.cache = policy;
        self
    }

    /// Says that many servers do not offer this: "there is no such thing" and "not in this way" are answers, which are
    /// remembered like others, and used without the network however old they are.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Sets the limit on the whole exchange, one attempt.
    #[must_use]
    pub const fn total_timeout(mut self, limit: Duration) -> Self {
        self.total_timeout = limit;
        self
    }

    /// The URL as it may be shown.
    pub fn safe_url(&self) -> SafeUrl {
        SafeUrl::new(self.url.clone())
    }
}

/// A successful answer (2xx).
#[derive(Clone, Debug)]
pub struct Response {
    /// Where it came from in the end, after redirects.
    pub url: SafeUrl,
    /// The status.
    pub status: u16,
    /// `Content-Type`, lower case, with parameters.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
    /// True if the network was not asked, or answered "not modified".
    pub from_cache: bool,
    /// The SHA-256 of the body, where it was worked out on the way.
    pub content: Option<ContentDigest>,
    /// True if the body was found to have every digest of [`CachePolicy::Immutable`].
    pub verified: bool,
}

impl Response {
    /// The media type without parameters, e.g. `text/html`.
    pub fn media_type(&self) -> &str {
        self.content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
    }

    /// The body as text, lossy.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}
