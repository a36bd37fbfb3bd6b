//! Where events go.

use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;
use url::Url;

/// A place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Standard output.
    Stdout,
    /// A file, to which lines are added.
    File(PathBuf),
    /// A syslog server over UDP (RFC 5424).
    Syslog(String),
    /// Elasticsearch or OpenSearch, by the bulk interface. The key is in `FORETASTE_ELASTIC_API_KEY`.
    Elastic(Url),
    /// Splunk's HTTP event collector. The token is in `FORETASTE_SPLUNK_TOKEN`.
    Splunk(Url),
    /// Datadog's log intake. The key is in `DD_API_KEY`.
    Datadog(Url),
    /// OTLP over HTTP with JSON. Headers are in `OTEL_EXPORTER_OTLP_HEADERS`.
    Otlp(Url),
}

/// A place that is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{text}` is no place for events: {why}\n  hint: stdout, file:PATH, syslog:HOST:PORT, elastic:URL, splunk:URL, datadog:URL or otlp:URL"
)]
pub struct PlaceError {
    text: String,
    why: String,
}

impl FromStr for Place {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |why: &str| PlaceError {
            text: text.to_owned(),
            why: why.to_owned(),
        };
        if matches!(text, "stdout" | "-") {
            return Ok(Self::Stdout);
        }
        let (kind, place) = text
            .split_once(':')
            .ok_or_else(|| wrong("it says no kind"))?;
        let url = || {
            let url = Url::parse(place).map_err(|error| wrong(&error.to_string()))?;
            match url.scheme() {
                "http" | "https" => Ok(url),
                _ => Err(wrong("an http(s) URL is expected")),
            }
        };
        Ok(match kind {
            "file" if !place.is_empty() => Self::File(place.into()),
            "syslog"
                if place
                    .rsplit_once(':')
                    .is_some_and(|(_, port)| port.parse::<u16>().is_ok()) =>
            {
                Self::Syslog(place.to_owned())
            }
            "syslog" => return Err(wrong("HOST:PORT is expected")),
            "elastic" => Self::Elastic(url()?),
            "splunk" => Self::Splunk(url()?),
            "datadog" => Self::Datadog(url()?),
            "otlp" => Self::Otlp(url()?),
            _ => return Err(wrong("its kind is not known")),
        })
    }
}
