//! Asking services that a run can do without: little patience, and a memory for those that do not answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use foretaste_io::{HttpClient, HttpError, HttpOptions, Request, Response};
use foretaste_model::{SkipKind, SkipReason};
use serde_json::Value;
use url::Url;

use crate::Options;

/// Failures in a row after which a host that did answer before is given up.
const PATIENCE: u8 = 3;
/// Pause before the one retry of a server error.
const PAUSE: Duration = Duration::from_millis(300);

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The service knows that it has no such thing.
    NotFound,
    /// Anything else.
    Skipped(SkipReason),
}

impl Refusal {
    /// The reason to report where "not found" says nothing.
    pub(crate) fn into_reason(self, what: &str) -> SkipReason {
        match self {
            Self::NotFound => {
                SkipReason::new(SkipKind::Unsupported, format!("{what} is not there"))
            }
            Self::Skipped(reason) => reason,
        }
    }
}

/// What is known of a host.
#[derive(Clone, Debug)]
enum State {
    Unknown,
    Answers { failures: u8 },
    Gone(SkipReason),
}

/// A client that asks each unknown host once before it asks it many times.
#[derive(Debug)]
pub(crate) struct Web {
    http: HttpClient,
    hosts: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<State>>>>,
}

impl Web {
    pub(crate) fn new(http: &HttpClient, options: &Options) -> Self {
        let http = http.sibling(HttpOptions {
            connect_timeout: options.connect_limit,
            read_timeout: options.read_limit,
            retries: 0,
            ..http.options().clone()
        });
        Self {
            http,
            hosts: Mutex::default(),
        }
    }

    pub(crate) fn is_offline(&self) -> bool {
        self.http.is_offline()
    }

    /// GET.
    pub(crate) async fn get(&self, request: Request) -> Result<Response, Refusal> {
        self.send(request, None).await
    }

    /// POST of a query.
    pub(crate) async fn post(&self, request: Request, body: &Value) -> Result<Response, Refusal> {
        self.send(request, Some(body)).await
    }

    async fn send(&self, request: Request, body: Option<&Value>) -> Result<Response, Refusal> {
        let host = self.host(&request.safe_url().origin());
        let mut state = host.lock().await;
        match &*state {
            State::Gone(reason) => return Err(Refusal::Skipped(reason.clone())),
            State::Unknown => {
                // everybody else waits for this first answer, so that a silent host costs its time-out once
                let outcome = self.ask(&request, body).await;
                note(&mut state, &outcome);
                return outcome.map_err(|e| refusal(&e));
            }
            State::Answers { .. } => {}
        }
        drop(state);
        let outcome = self.ask(&request, body).await;
        note(&mut *host.lock().await, &outcome);
        outcome.map_err(|e| refusal(&e))
    }

    async fn ask(&self, request: &Request, body: Option<&Value>) -> Result<Response, HttpError> {
        match self.once(request, body).await {
            Err(HttpError::Status { status: 500.., .. }) => {
                tokio::time::sleep(PAUSE).await;
                self.once(request, body).await
            }
            other => other,
        }
    }

    async fn once(&self, request: &Request, body: Option<&Value>) -> Result<Response, HttpError> {
        match body {
            Some(body) => self.http.post_json(request.clone(), body).await,
            None => self.http.get(request.clone()).await,
        }
    }

    fn host(&self, origin: &str) -> Arc<tokio::sync::Mutex<State>> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Arc::new(tokio::sync::Mutex::new(State::Unknown));
        Arc::clone(hosts.entry(origin.to_owned()).or_insert_with(fresh))
    }
}

/// Learns from an outcome.
fn note(state: &mut State, outcome: &Result<Response, HttpError>) {
    let error = match outcome {
        Ok(response) if response.from_cache => return,
        Err(HttpError::Offline { .. } | HttpError::Setup { .. } | HttpError::CaBundle { .. }) => {
            return;
        }
        Ok(_) => {
            *state = State::Answers { failures: 0 };
            return;
        }
        Err(error) => error,
    };
    if is_rate_limit(error) || is_refused_token(error) {
        let reason = skip_reason(error);
        *state = State::Gone(reason);
        return;
    }
    if !matches!(
        error,
        HttpError::Timeout { .. } | HttpError::Transport { .. }
    ) {
        *state = State::Answers { failures: 0 };
        return;
    }
    let failures = match state {
        State::Answers { failures } => failures.saturating_add(1),
        State::Unknown | State::Gone(_) => PATIENCE,
    };
    *state = if failures >= PATIENCE {
        State::Gone(skip_reason(error))
    } else {
        State::Answers { failures }
    };
}

fn refusal(error: &HttpError) -> Refusal {
    if error.is_not_found() {
        Refusal::NotFound
    } else {
        Refusal::Skipped(skip_reason(error))
    }
}

fn skip_reason(error: &HttpError) -> SkipReason {
    if let HttpError::Timeout { url } | HttpError::Transport { url, .. } = error {
        let detail = format!("{} cannot be reached", url.host());
        return SkipReason::new(SkipKind::Offline, detail);
    }
    let kind = if is_rate_limit(error) {
        SkipKind::RateLimited
    } else if is_refused_token(error) {
        SkipKind::NotConfigured
    } else if matches!(error, HttpError::Unauthorized { .. }) {
        SkipKind::Failed
    } else {
        return error.skip_reason();
    };
    SkipReason::new(kind, error.to_string())
}

/// 429, and 403 where the service means the same by it.
fn is_rate_limit(error: &HttpError) -> bool {
    match error {
        HttpError::RateLimited { .. } => true,
        HttpError::Unauthorized {
            status: 403,
            message,
            ..
        } => {
            let message = message.to_ascii_lowercase();
            message.contains("rate limit") || message.contains("abuse")
        }
        _ => false,
    }
}

fn is_refused_token(error: &HttpError) -> bool {
    matches!(error, HttpError::Unauthorized { status: 401, .. })
}

/// `base` with path segments added; each is escaped as a whole, so that `a/b` is one segment.
pub(crate) fn below(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    // fails only for URLs that cannot be a base; bases are http or https
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_cannot_leave_its_place() {
        let base = Url::parse("http://127.0.0.1/api/v4/").expect("a URL");
        assert_eq!(
            below(&base, &["projects", "a/b", "..", "x?y"]).as_str(),
            "http://127.0.0.1/api/v4/projects/a%2Fb/x%3Fy"
        );
    }
}
