//! Sends lines, to each place in its own protocol.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};

use foretaste_io::http::CachePolicy;
use foretaste_io::otlp::with_headers;
use foretaste_io::{Auth, Environment, FileError, HttpClient, HttpError, Request, Secret, files};
use serde_json::{Value, json};
use thiserror::Error;
use url::Url;

use super::ecs::is_alert;
use super::otlp;
use super::place::Place;

/// Lines in one request.
const BATCH: usize = 500;
/// Bytes of one datagram that every network carries.
const MAX_DATAGRAM: usize = 8192;

/// Lines that did not arrive, or of which that is not known.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The receiver did not take them.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// It took some and said that it refuses others.
    #[error("{url} refused events: {why}")]
    Refused {
        /// The receiver.
        url: String,
        /// Its words.
        why: String,
    },
    /// A variable with a key is not set.
    #[error("the variable {0} is not set, which {1} needs")]
    Unset(&'static str, &'static str),
    /// The file cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The network or standard output cannot be written to.
    #[error("cannot send to {place}: {source}")]
    Write {
        /// Where.
        place: String,
        /// Why.
        source: std::io::Error,
    },
}

/// Sends to several places.
#[derive(Clone, Debug)]
pub struct Exporter {
    places: Vec<Place>,
    http: HttpClient,
    environment: Environment,
    host: String,
}

impl Exporter {
    /// For these places.
    pub fn new(places: Vec<Place>, http: HttpClient, environment: Environment) -> Self {
        let host = crate::session::host_name();
        Self {
            places,
            http,
            environment,
            host,
        }
    }

    /// Sends lines everywhere. What fails in one place goes on in the others.
    pub async fn send(&self, lines: &[Value]) -> Vec<ExportError> {
        let mut failures = Vec::new();
        for place in &self.places {
            for batch in lines.chunks(BATCH) {
                if let Err(error) = self.batch(place, batch).await {
                    failures.push(error);
                    break;
                }
            }
        }
        failures
    }

    async fn batch(&self, place: &Place, lines: &[Value]) -> Result<(), ExportError> {
        match place {
            Place::Stdout => {
                use std::io::Write as _;
                std::io::stdout()
                    .lock()
                    .write_all(joined(lines).as_bytes())
                    .map_err(|source| ExportError::Write {
                        place: "standard output".to_owned(),
                        source,
                    })
            }
            Place::File(path) => Ok(files::append_line(path, joined(lines).trim_end())?),
            Place::Syslog(server) => self.syslog(server, lines).await,
            Place::Elastic(url) => self.elastic(url, lines).await,
            Place::Splunk(url) => self.splunk(url, lines).await,
            Place::Datadog(url) => self.datadog(url, lines).await,
            Place::Otlp(url) => self.otlp(url, lines).await,
        }
    }

    fn variable(&self, name: &'static str, who: &'static str) -> Result<&str, ExportError> {
        self.environment
            .var(name)
            .ok_or(ExportError::Unset(name, who))
    }

    /// RFC 5424 over UDP (RFC 5426).
    async fn syslog(&self, server: &str, lines: &[Value]) -> Result<(), ExportError> {
        let failed = |source| ExportError::Write {
            place: format!("syslog at {server}"),
            source,
        };
        let socket = tokio::net::UdpSocket::bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)))
            .await
            .map_err(failed)?;
        for line in lines {
            // facility 13 is log audit; 4 is warning, 6 informational
            let severity = if is_alert(line) { 4 } else { 6 };
            let time = line["@timestamp"].as_str().unwrap_or("-");
            let mut message = format!(
                "<{}>1 {time} {} foretaste {} - - {line}",
                13 * 8 + severity,
                self.host,
                std::process::id()
            );
            if message.len() > MAX_DATAGRAM {
                let mut end = MAX_DATAGRAM;
                while !message.is_char_boundary(end) {
                    end -= 1;
                }
                message.truncate(end);
            }
            socket
                .send_to(message.as_bytes(), server)
                .await
                .map_err(failed)?;
        }
        Ok(())
    }

    async fn elastic(&self, url: &Url, lines: &[Value]) -> Result<(), ExportError> {
        let mut url = url.clone();
        if !url.path().trim_end_matches('/').ends_with("/_bulk") {
            // a data stream by the schema's naming
            let base = match url.path().trim_end_matches('/') {
                "" => "/logs-foretaste.monitor-default".to_owned(),
                path => path.to_owned(),
            };
            url.set_path(&format!("{base}/_bulk"));
        }
        let mut body = String::new();
        for line in lines {
            let _ = writeln!(body, "{}\n{line}", json!({"create": {}}));
        }
        let auth = self
            .environment
            .var("FORETASTE_ELASTIC_API_KEY")
            .map(|key| Auth::Raw(Secret::new(format!("ApiKey {key}"))));
        let request = Request::get(url.clone())
            .cache(CachePolicy::Never)
            .auth(auth);
        let answer = self
            .http
            .post(request, "application/x-ndjson", body.into_bytes())
            .await?;
        let answer: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if answer["errors"] == true {
            let first = answer["items"]
                .as_array()
                .into_iter()
                .flatten()
                .find_map(|item| item["create"]["error"]["reason"].as_str());
            return Err(ExportError::Refused {
                url: foretaste_io::SafeUrl::new(url).to_string(),
                why: first.unwrap_or("no reason given").to_owned(),
            });
        }
        Ok(())
    }

    async fn splunk(&self, url: &Url, lines: &[Value]) -> Result<(), ExportError> {
        let token = self.variable("FORETASTE_SPLUNK_TOKEN", "Splunk")?;
        let url = with_path(url, "/services/collector/event");
        let mut body = String::new();
        for line in lines {
            let time = line["@timestamp"]
                .as_str()
                .and_then(|text| text.parse::<jiff::Timestamp>().ok());
            let mut event = json!({"host": self.host, "source": "foretaste", "sourcetype": "foretaste:monitor", "event": line});
            if let Some(time) = time {
                event["time"] =
                    format!("{}.{:03}", time.as_second(), time.subsec_millisecond()).into();
            }
            let _ = write!(body, "{event}");
        }
        let auth = Some(Auth::Raw(Secret::new(format!("Splunk {token}"))));
        let request = Request::get(url).cache(CachePolicy::Never).auth(auth);
        self.http
            .post(request, "application/json", body.into_bytes())
            .await?;
        Ok(())
    }

    async fn datadog(&self, url: &Url, lines: &[Value]) -> Result<(), ExportError> {
        let key = self.variable("DD_API_KEY", "Datadog")?;
        let url = with_path(url, "/api/v2/logs");
        let body: Vec<Value> = lines
            .iter()
            .map(|line| {
                let status = if is_alert(line) { "warn" } else { "info" };
                let mut entry = line.clone();
                if let Some(entry) = entry.as_object_mut() {
                    entry.insert("ddsource".to_owned(), "foretaste".into());
                    entry.insert("service".to_owned(), "foretaste-monitor".into());
                    entry.insert("status".to_owned(), status.into());
                    entry.insert("hostname".to_owned(), self.host.clone().into());
                }
                entry
            })
            .collect();
        let request = Request::get(url)
            .cache(CachePolicy::Never)
            .header("dd-api-key", key);
        self.http.post_json(request, &Value::Array(body)).await?;
        Ok(())
    }

    async fn otlp(&self, url: &Url, lines: &[Value]) -> Result<(), ExportError> {
        let url = with_path(url, "/v1/logs");
        let request = Request::get(url).cache(CachePolicy::Never);
        let request = with_headers(request, &self.environment);
        self.http.post_json(request, &otlp::request(lines)).await?;
        Ok(())
    }
}

/// An address that names no more than the host, with the path at which its protocol is served.
fn with_path(url: &Url, path: &str) -> Url {
    let mut url = url.clone();
    if matches!(url.path(), "" | "/") {
        url.set_path(path);
    }
    url
}

fn joined(lines: &[Value]) -> String {
    lines.iter().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{line}");
        text
    })
}
