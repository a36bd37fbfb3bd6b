//! Asking services that a run can do without: little patience, and a memory for those that do not answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use foretaste_io::{HttpClient, HttpError, HttpOptions, Request, Response};
use foretaste_model::{SkipKind, SkipReason};
use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use crate::Options;
use crate::options::NOT_AGAIN;

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

/// A client that asks each unknown host once before it asks it many times. Clones share what they learn.
#[derive(Clone, Debug)]
pub(crate) struct Web {
    http: HttpClient,
    hosts: Arc<Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<State>>>>>,
    /// URLs that are asked for again while an older answer of theirs is used.
    renewed: Arc<Mutex<BTreeSet<String>>>,
    /// Hosts that an earlier run could not reach, and this one did not try.
    passed_over: Arc<Mutex<BTreeSet<String>>>,
    limit: Duration,
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
            hosts: Arc::default(),
            renewed: Arc::default(),
            passed_over: Arc::default(),
            limit: options.connect_limit + options.read_limit,
        }
    }

    pub(crate) fn is_offline(&self) -> bool {
        self.http.is_offline()
    }

    pub(crate) const fn http(&self) -> &HttpClient {
        &self.http
    }

    /// True if what was heard outlives the run.
    pub(crate) fn remembers(&self) -> bool {
        self.http.options().cache_dir.is_some()
    }

    /// Hosts that an earlier run could not reach a moment ago, which were not asked again.
    pub(crate) fn not_asked_again(&self) -> Vec<String> {
        locked(&self.passed_over).iter().cloned().collect()
    }

    /// GET of what changes slowly and accuses nobody by being old: an answer that is a little out of date is used, and asked
    /// for again meanwhile, for the next run.
    pub(crate) async fn get_or_stale(&self, request: Request) -> Result<Response, Refusal> {
        let Some(stale) = self.http.stale(&request).await else {
            return self.get(request).await;
        };
        let is_first = locked(&self.renewed).insert(request.safe_url().to_string());
        if is_first {
            let web = self.clone();
            tokio::spawn(async move { web.get(request).await });
        }
        stale.map_err(|e| refusal(&e))
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
        if let Some(kept) = self.http.fresh(&request, body).await {
            return kept.map_err(|e| refusal(&e));
        }
        let origin = request.safe_url().origin();
        let host = self.host(&origin);
        let mut state = host.lock().await;
        if let State::Unknown = &*state
            && let Some(reason) = self.was_unreachable(&origin)
        {
            let name = request.safe_url().host().to_owned();
            locked(&self.passed_over).insert(name);
            *state = State::Gone(reason);
        }
        match &*state {
            State::Gone(reason) => return Err(Refusal::Skipped(reason.clone())),
            State::Unknown => {
                // everybody else waits for this first answer, so that a silent host costs its time-out once
                let outcome = self.ask(&request, body).await;
                note(&mut state, &outcome);
                if let State::Gone(reason) = &*state {
                    self.remember(&origin, reason);
                }
                return outcome.map_err(|e| refusal(&e));
            }
            State::Answers { .. } => {}
        }
        drop(state);
        let outcome = self.ask(&request, body).await;
        let mut state = host.lock().await;
        note(&mut state, &outcome);
        if let State::Gone(reason) = &*state {
            self.remember(&origin, reason);
        }
        drop(state);
        outcome.map_err(|e| refusal(&e))
    }

    /// Why an earlier run got no answer from a host, a moment ago.
    fn was_unreachable(&self, origin: &str) -> Option<SkipReason> {
        let options = self.http.options();
        if options.offline || options.refresh {
            return None;
        }
        let note = self
            .http
            .notebook()?
            .read::<SkipReason>(&noted_as(origin))?;
        note.is_fresh(Timestamp::now()).then_some(note.value)
    }

    /// That a host cannot be reached is worth remembering; a limit of its own or a refused token is told by itself at once.
    fn remember(&self, origin: &str, reason: &SkipReason) {
        if reason.kind == SkipKind::Offline
            && let Some(notes) = self.http.notebook()
        {
            notes.write(&noted_as(origin), reason, NOT_AGAIN);
        }
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
        let request = request.clone().total_timeout(self.limit);
        match body {
            Some(body) => self.http.post_json(request, body).await,
            None => self.http.get(request).await,
        }
    }

    fn host(&self, origin: &str) -> Arc<tokio::sync::Mutex<State>> {
        let mut hosts = locked(&self.hosts);
        let fresh = || Arc::new(tokio::sync::Mutex::new(State::Unknown));
        Arc::clone(hosts.entry(origin.to_owned()).or_insert_with(fresh))
    }
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

fn noted_as(origin: &str) -> String {
    format!("unreachable {origin}")
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
