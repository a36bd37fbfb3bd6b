//! The client.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use reqwest::header;
use tokio::sync::{Semaphore, watch};
use url::Url;

use super::attempt::{Answer, Attempt, failed_status, gunzip, read_body, reason, transport};
use super::cache::{Cache, Stored, Validators};
use super::headers::{header_text, headers, validators};
use super::incoming::Arrived;
use super::reach::Guarded;
use super::save::{self, Destination};
use super::{CachePolicy, HttpError, HttpOptions, Request, Response, Saved, retry, tls};
use crate::{Notebook, SafeUrl, digests};
use foretaste_model::report::IndexDigest;
use foretaste_model::{ContentDigest, Digest};

/// An HTTP client to share: clones have one connection pool, one limit and one cache.
#[derive(Clone, Debug)]
pub struct HttpClient {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    options: HttpOptions,
    cache: Option<Cache>,
    permits: Semaphore,
    // Built at the first request: reading the system's certificates takes longer than a run that needs no network.
    client: OnceLock<Result<reqwest::Client, HttpError>>,
    counters: Arc<Counters>,
}

#[derive(Debug, Default)]
struct Counters {
    asked: AtomicU64,
    unchanged: AtomicU64,
    kept: AtomicU64,
}

/// What a client and its siblings did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HttpCounts {
    /// Requests that a server was asked; tries again count.
    pub asked: u64,
    /// Of these, answered with "not modified".
    pub unchanged: u64,
    /// Answers that were used from the cache without asking, because they are fresh there, or offline.
    pub kept: u64,
}

/// What an attempt is about.
#[derive(Clone, Copy)]
struct Exchange<'a> {
    body: Option<&'a [u8]>,
    stored: Option<&'a Stored>,
    to: Option<Destination<'a>>,
}

impl HttpClient {
    /// A client with these options; nothing is read or opened before the first request.
    pub fn new(options: HttpOptions) -> Self {
        Self::counting(options, Arc::default())
    }

    /// A client with other options, and connections of its own, whose requests are counted with this one's.
    #[must_use]
    pub fn sibling(&self, options: HttpOptions) -> Self {
        Self::counting(options, self.inner.counters.clone())
    }

    fn counting(options: HttpOptions, counters: Arc<Counters>) -> Self {
        let cache = options
            .cache_dir
            .clone()
            .map(|dir| Cache::new(dir, options.default_freshness));
        Self {
            inner: Arc::new(Inner {
                permits: Semaphore::new(options.concurrency.max(1)),
                cache,
                client: OnceLock::new(),
                options,
                counters,
            }),
        }
    }

    /// What was asked, and what needed no asking.
    pub fn counts(&self) -> HttpCounts {
        let counters = &self.inner.counters;
        HttpCounts {
            asked: counters.asked.load(Ordering::Relaxed),
            unchanged: counters.unchanged.load(Ordering::Relaxed),
            kept: counters.kept.load(Ordering::Relaxed),
        }
    }

    /// How it behaves, e.g. to build a less patient one for services that a run can do without.
    pub fn options(&self) -> &HttpOptions {
        &self.inner.options
    }

    /// True if only the cache is asked.
    pub fn is_offline(&self) -> bool {
        self.inner.options.offline
    }

    /// Gets a URL: from the cache if it is fresh there, else from the network, with retries.
    ///
    /// # Errors
    /// Every failure as an [`HttpError`]; an answer other than 2xx is one.
    pub async fn get(&self, request: Request) -> Result<Response, HttpError> {
        self.fetch(request, None).await
    }

    /// The answer to a GET that is in the cache and a little out of date (`stale_for`), for what changes slowly: to be used
    /// while it is asked for again. None where [`Self::get`] is to be asked: there is none, a fresh one, or `refresh` is set.
    pub async fn stale(&self, request: &Request) -> Option<Result<Response, HttpError>> {
        let stale_for = self.inner.options.stale_for;
        let is_usable = |found: &Stored| found.is_stale_by_at_most(stale_for, Timestamp::now());
        self.kept(request, None, is_usable).await
    }

    /// The answer to a query (a GET, or a POST of JSON) that is in the cache and fresh, if there is one: its host is not asked,
    /// and need not be reached.
    pub async fn fresh(
        &self,
        request: &Request,
        body: Option<&serde_json::Value>,
    ) -> Option<Result<Response, HttpError>> {
        let body = body.map(|body| body.to_string().into_bytes());
        let is_usable = |found: &Stored| found.is_fresh(Timestamp::now());
        self.kept(request, body.as_deref(), is_usable).await
    }

    async fn kept(
        &self,
        request: &Request,
        body: Option<&[u8]>,
        is_usable: impl Fn(&Stored) -> bool,
    ) -> Option<Result<Response, HttpError>> {
        let options = &self.inner.options;
        let cache = self.inner.cache.clone()?;
        if options.offline || options.refresh || request.cache != CachePolicy::AsServed {
            return None;
        }
        let (key, limit) = (Cache::key(request, body), request.max_bytes);
        let found = aside(move || cache.page(&key, limit)).await;
        let found = found.filter(is_usable)?;
        self.inner.counters.kept.fetch_add(1, Ordering::Relaxed);
        Some(match found.entry.absent {
            Some(status) => Err(absence(request, status)),
            None => Ok(from_cache(request, found)),
        })
    }

    /// Small answers that are kept beside the pages; none without a cache.
    pub fn notebook(&self) -> Option<Notebook> {
        let dir = self.inner.options.cache_dir.as_ref()?;
        Some(Notebook::new(dir.join("notes")))
    }

    /// Gets a URL into a draft below `folder`, hashed on the way; nothing is cached, and no content encoding is asked for.
    /// How far it has come is told to `arrived`.
    ///
    /// # Errors
    /// As [`Self::get`]. Bytes with other digests than `expected` are a result.
    pub async fn save(
        &self,
        request: Request,
        expected: &[Digest],
        folder: &Path,
        arrived: Option<&watch::Sender<Option<Arrived>>>,
    ) -> Result<Saved, HttpError> {
        let mut request = request;
        request.compressed = false;
        if self.inner.options.offline {
            return Err(HttpError::Offline {
                url: request.safe_url(),
            });
        }
        let exchange = Exchange {
            body: None,
            stored: None,
            to: Some(Destination {
                folder,
                expected,
                arrived,
            }),
        };
        match self.with_retries(&request, exchange).await? {
            (Some(Answer::Saved(saved)), _) => Ok(saved),
            _ => Err(unconditional(&request)),
        }
    }

    pub(super) async fn fetch(
        &self,
        request: Request,
        body: Option<Vec<u8>>,
    ) -> Result<Response, HttpError> {
        let options = &self.inner.options;
        let key = Cache::key(&request, body.as_deref());
        let stored = match (&self.inner.cache, &request.cache) {
            (Some(cache), CachePolicy::Immutable(digests)) => {
                let (cache, digests, limit) = (cache.clone(), digests.clone(), request.max_bytes);
                if let Some(bytes) = aside(move || cache.artifact(&digests, limit)).await {
                    return Ok(Response {
                        url: request.safe_url(),
                        status: 200,
                        content_type: String::new(),
                        body: bytes,
                        from_cache: true,
                        content: None,
                        verified: true,
                    });
                }
                None
            }
            (Some(cache), CachePolicy::AsServed) => {
                let (cache, key, limit) = (cache.clone(), key.clone(), request.max_bytes);
                aside(move || cache.page(&key, limit)).await
            }
            _ => None,
        };
        let is_good = |found: &mut Stored| {
            let is_fresh = found.is_fresh(Timestamp::now());
            // what was missing once may be there by now: without the network, nobody can say
            let is_certain = found.entry.absent.is_none() || request.optional;
            (options.offline && (is_fresh || is_certain)) || (!options.refresh && is_fresh)
        };
        let mut stored = stored;
        if let Some(found) = stored.take_if(is_good) {
            self.inner.counters.kept.fetch_add(1, Ordering::Relaxed);
            return match found.entry.absent {
                Some(status) => Err(absence(&request, status)),
                None => Ok(from_cache(&request, found)),
            };
        }
        let stored = stored.filter(|s| s.entry.absent.is_none());
        if options.offline {
            return Err(HttpError::Offline {
                url: request.safe_url(),
            });
        }
        let exchange = Exchange {
            body: body.as_deref(),
            stored: stored.as_ref(),
            to: None,
        };
        let outcome = self.with_retries(&request, exchange).await;
        if let Err(error) = &outcome {
            self.keep_absence(&request, &key, error);
        }
        match outcome? {
            (Some(Answer::Saved(_)), _) => Err(unconditional(&request)),
            (Some(Answer::Held(response)), validators) => {
                Ok(self.keep(&request, key, response, validators).await)
            }
            (None, validators) => {
                let Some(mut found) = stored else {
                    return Err(unconditional(&request));
                };
                let validators = Validators {
                    etag: validators.etag.or(found.entry.etag.take()),
                    last_modified: validators
                        .last_modified
                        .or(found.entry.last_modified.take()),
                    ..validators
                };
                let response = from_cache(&request, found);
                Ok(self.keep(&request, key, response, validators).await)
            }
        }
    }

    /// Puts an answer into the cache as its request allows, and finds out whether it has the digests that were asked for.
    async fn keep(
        &self,
        request: &Request,
        key: String,
        mut response: Response,
        validators: Validators,
    ) -> Response {
        let (policy, cache) = (request.cache.clone(), self.inner.cache.clone());
        aside(move || {
            match (policy, cache) {
                (CachePolicy::AsServed, Some(cache)) => {
                    let url = response.url.url().as_str();
                    let answer = (url, &*response.content_type, &*response.body);
                    cache.put_page(&key, answer, &validators, Timestamp::now());
                }
                (CachePolicy::Immutable(published), cache) => {
                    let compared = digests::check(&response.body, &published);
                    response.verified = compared == IndexDigest::Match;
                    if let Some(cache) = cache.filter(|_| response.verified) {
                        cache.put_artifact(&published, &response.body);
                    }
                }
                (CachePolicy::AsServed, None) | (CachePolicy::Never, _) => {}
            }
            response
        })
        .await
    }

    fn keep_absence(&self, request: &Request, key: &str, error: &HttpError) {
        let (status, is_remembered) = match error {
            HttpError::NotFound { status, .. } => {
                let any = self.inner.options.remember_missing;
                (status, any || request.optional)
            }
            HttpError::Status {
                status: status @ (405 | 501),
                ..
            } => (status, request.optional),
            _ => return,
        };
        if is_remembered
            && request.cache == CachePolicy::AsServed
            && let Some(cache) = &self.inner.cache
        {
            cache.put_absence(key, request.url.as_str(), *status, Timestamp::now());
        }
    }

    /// Tries until an answer comes that another try would not better. `None` means "not modified".
    async fn with_retries(
        &self,
        request: &Request,
        exchange: Exchange<'_>,
    ) -> Result<(Option<Answer>, Validators), HttpError> {
        let options = &self.inner.options;
        let client = self.client()?;
        let mut attempt = 0;
        loop {
            let permit = self.inner.permits.acquire().await;
            tracing::debug!(url = %request.safe_url(), attempt, "asking the network");
            self.inner.counters.asked.fetch_add(1, Ordering::Relaxed);
            let outcome = match tokio::time::timeout(
                request.total_timeout,
                self.once(&client, request, exchange),
            )
            .await
            {
                Ok(outcome) => outcome,
                Err(_) => Attempt::Failed {
                    error: HttpError::Timeout {
                        url: request.safe_url(),
                    },
                    transient: true,
                    retry_after: None,
                },
            };
            drop(permit);
            match outcome {
                Attempt::Done(answer, validators) => return Ok((Some(answer), validators)),
                Attempt::NotModified(validators) => {
                    let unchanged = &self.inner.counters.unchanged;
                    unchanged.fetch_add(1, Ordering::Relaxed);
                    return Ok((None, validators));
                }
                Attempt::Failed {
                    error,
                    transient,
                    retry_after,
                } => {
                    let patient = retry_after.is_none_or(|wait| wait <= options.longest_pause);
                    if !transient || attempt >= options.retries || !patient {
                        return Err(error);
                    }
                    let pause = retry_after.unwrap_or_default().max(retry::backoff(
                        options.backoff,
                        attempt,
                        options.longest_pause,
                    ));
                    tracing::debug!(%error, ?pause, "trying again");
                    tokio::time::sleep(pause).await;
                    attempt += 1;
                }
            }
        }
    }

    async fn once(
        &self,
        client: &reqwest::Client,
        request: &Request,
        exchange: Exchange<'_>,
    ) -> Attempt {
        if let Some(reach) = &self.inner.options.reach
            && let Some(objection) = reach.objection(&request.url)
        {
            return Attempt::permanent(HttpError::Transport {
                url: request.safe_url(),
                reason: objection,
            });
        }
        let headers = match headers(request, exchange.stored) {
            Ok(headers) => headers,
            Err(error) => return Attempt::permanent(error),
        };
        let builder = match exchange.body {
            None => client.get(request.url.clone()),
            Some(body) => client.post(request.url.clone()).body(body.to_vec()),
        };
        let answer = match builder.headers(headers).send().await {
            Ok(answer) => answer,
            Err(error) => return transport(request, error),
        };
        let status = answer.status().as_u16();
        let validators = validators(answer.headers());
        if status == 304 {
            return Attempt::NotModified(validators);
        }
        if !answer.status().is_success() {
            return failed_status(request, answer).await;
        }
        if let Some(to) = exchange.to {
            return match save::body(request, answer, to).await {
                Ok(saved) => Attempt::Done(Answer::Saved(saved), validators),
                Err(failed) => failed,
            };
        }
        let url = SafeUrl::new(answer.url().clone());
        let content_type = header_text(answer.headers(), &header::CONTENT_TYPE)
            .unwrap_or_default()
            .to_ascii_lowercase();
        let gzipped = header_text(answer.headers(), &header::CONTENT_ENCODING)
            .is_some_and(|e| e.eq_ignore_ascii_case("gzip") || e.eq_ignore_ascii_case("x-gzip"));
        let body = match read_body(request, answer).await {
            Ok(body) => body,
            Err(failed) => return failed,
        };
        // Only what we asked to be encoded is decoded: some servers label a `.tar.gz` itself as "gzip-encoded".
        let body = if gzipped && request.compressed {
            match gunzip(request, &body) {
                Ok(body) => body,
                Err(error) => return Attempt::permanent(error),
            }
        } else {
            body
        };
        let response = Response {
            url,
            status,
            content_type,
            body,
            from_cache: false,
            content: None,
            verified: false,
        };
        Attempt::Done(Answer::Held(response), validators)
    }

    fn client(&self) -> Result<reqwest::Client, HttpError> {
        self.inner
            .client
            .get_or_init(|| build(&self.inner.options))
            .clone()
    }
}

/// The client that everything here uses.
pub(crate) fn build(options: &HttpOptions) -> Result<reqwest::Client, HttpError> {
    tls::install_provider();
    let reach = options.reach.clone().map(Arc::new);
    let bound = reach.clone();
    let redirects = reqwest::redirect::Policy::custom(move |attempt| {
        let objection = bound.as_ref().and_then(|r| r.objection(attempt.url()));
        let downgrade = attempt.url().scheme() != "https"
            && attempt.previous().iter().any(|u| u.scheme() == "https");
        if let Some(objection) = objection {
            attempt.error(format!("a redirect is not followed: {objection}"))
        } else if downgrade {
            attempt.error("a redirect leads from https to an unencrypted URL")
        } else if attempt.previous().len() > 10 {
            attempt.error("more than 10 redirects")
        } else {
            // Credentials are dropped by the client when scheme, host or port change.
            attempt.follow()
        }
    });
    let mut builder = reqwest::Client::builder();
    if let Some(reach) = reach {
        builder = builder.dns_resolver(Arc::new(Guarded(reach)));
    }
    builder
        .user_agent(&options.user_agent)
        .connect_timeout(options.connect_timeout)
        .read_timeout(options.read_timeout)
        .redirect(redirects)
        .referer(false)
        .gzip(false)
        .retry(reqwest::retry::never())
        .tls_certs_merge(tls::read_bundles(&options.ca_bundles)?)
        .build()
        .map_err(|e| HttpError::Setup { reason: reason(e) })
}

/// The error that a remembered absence stands for.
fn absence(request: &Request, status: u16) -> HttpError {
    let url = request.safe_url();
    match status {
        405 | 501 => HttpError::Status {
            url,
            status,
            message: String::new(),
        },
        _ => HttpError::NotFound { url, status },
    }
}

fn from_cache(request: &Request, stored: Stored) -> Response {
    let url = Url::parse(&stored.entry.final_url).unwrap_or_else(|_| request.url.clone());
    Response {
        url: SafeUrl::new(url),
        status: 200,
        content_type: stored.entry.content_type,
        body: stored.body,
        from_cache: true,
        content: ContentDigest::from_hex(&stored.entry.body_sha256),
        verified: false,
    }
}

/// Does what reads, hashes or writes many bytes where no other request waits for it.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

fn unconditional(request: &Request) -> HttpError {
    HttpError::Transport {
        url: request.safe_url(),
        reason: "answered \"not modified\" to an unconditional request".into(),
    }
}
