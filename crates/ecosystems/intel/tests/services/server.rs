//! A web server that answers from a function and remembers what it was asked.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::IntoResponse as _;
use foretaste_intel::{Intel, Options};
use foretaste_io::{Environment, HttpClient, HttpOptions};
use foretaste_model::metadata::ReleaseMetadata;
use foretaste_model::{Ecosystem, ReleaseId};
use foretaste_policy::{IndexUrl, SourceSettings};

/// What was asked.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    pub(crate) body: String,
}

pub(crate) struct Server {
    pub(crate) url: String,
    log: Arc<Mutex<Vec<Ask>>>,
}

impl Server {
    pub(crate) async fn start(
        answer: impl Fn(&Ask) -> (u16, String) + Send + Sync + 'static,
    ) -> Self {
        let log = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer) = (Arc::clone(&log), Arc::new(answer));
        let app = axum::Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: Bytes| {
            let ask = Ask {
                path: uri
                    .path_and_query()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                authorization: headers
                    .get("authorization")
                    .and_then(|v| v.to_str().ok())
                    .map(str::to_owned),
                body: String::from_utf8_lossy(&body).into_owned(),
            };
            let (status, text) = answer(&ask);
            kept.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(ask);
            async move { (StatusCode::from_u16(status).expect("a status"), text).into_response() }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("bound");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, log }
    }

    pub(crate) fn asked(&self) -> Vec<Ask> {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Settings in which every service is at the given address.
pub(crate) fn settings(url: &str) -> SourceSettings {
    let url: IndexUrl = serde_json::from_value(url.into()).expect("text");
    let mut settings = SourceSettings::default();
    settings.osv.url = Some(url.clone());
    settings.rdap.url = Some(url.clone());
    settings.github.api = Some(url.clone());
    settings.gitlab.api = Some(url);
    settings
}

/// No variable but `PATH`, so that tests find `git` and nobody's token.
pub(crate) fn environment(dir: &Path) -> Environment {
    let env =
        Environment::below(dir).with("FORETASTE_CACHE_DIR", &dir.join("cache").to_string_lossy());
    match Environment::of_process().var("PATH") {
        Some(path) => env.with("PATH", path),
        None => env,
    }
}

pub(crate) fn options() -> Options {
    Options {
        connect_limit: Duration::from_millis(500),
        read_limit: Duration::from_millis(800),
        dns_limit: Duration::from_millis(600),
        ask_unknown_suffixes: true,
        ..Options::default()
    }
}

pub(crate) fn http(offline: bool) -> HttpClient {
    HttpClient::new(HttpOptions {
        offline,
        ..HttpOptions::default()
    })
}

pub(crate) fn intel(url: &str) -> Intel {
    let env = Environment::below(Path::new("/nowhere"));
    Intel::with_options(&http(false), &settings(url), &env, options())
}

pub(crate) fn record(name: &str) -> ReleaseMetadata {
    ReleaseMetadata::new(ReleaseId::new(Ecosystem::Pypi, name, "1.0"))
}
