//! Templates as answers, and what their rows are made of.

use askama::Template;
use axum::http::HeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::response::{Html, IntoResponse as _, Response};
use foretaste_model::ContentDigest;
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::database::{DatabaseError, Event};
use crate::web;

/// A page, or that it cannot be made.
pub(super) fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => web::trouble(&error.to_string()),
    }
}

pub(super) fn failed(error: &DatabaseError) -> Response {
    web::outage(error)
}

/// No script but our own file, no frames, nothing from elsewhere: even if some text were not escaped, it could do nothing.
pub(super) async fn guard(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The page of a package.
pub(super) fn link(ecosystem: &str, name: &str) -> String {
    let escaped: Vec<String> = name
        .split('/')
        .map(|part| utf8_percent_encode(part, NON_ALPHANUMERIC).to_string())
        .collect();
    format!("/admin/package/{ecosystem}/{}", escaped.join("/"))
}

/// A moment, to the minute.
pub(super) fn time(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(
        |_| String::new(),
        |t| t.strftime("%Y-%m-%d %H:%M UTC").to_string(),
    )
}

/// A line of the log.
pub(super) struct Row(pub(super) Event);

impl Row {
    pub(super) fn title(&self) -> String {
        let file = if self.0.filename.is_empty() {
            String::new()
        } else {
            format!(" ({})", self.0.filename)
        };
        format!("{} {}{file}", self.0.name, self.0.version)
    }

    pub(super) fn has_package(&self) -> bool {
        !self.0.name.is_empty()
    }

    /// Names its link, so that it keeps the keyboard's focus when the list is fetched anew.
    pub(super) fn anchor(&self) -> String {
        let hex = ContentDigest::of(format!("{:?}", self.0).as_bytes()).to_hex();
        format!("e{}", hex.get(..16).unwrap_or_default())
    }

    pub(super) fn link(&self) -> String {
        link(&self.0.ecosystem, &self.0.name)
    }

    pub(super) fn time(&self) -> String {
        time(self.0.at)
    }

    pub(super) fn kind(&self) -> &str {
        &self.0.kind
    }

    pub(super) fn outcome(&self) -> &str {
        &self.0.outcome
    }

    pub(super) fn reason(&self) -> &str {
        &self.0.reason
    }

    pub(super) fn who(&self) -> String {
        let decision = if self.0.decision.is_empty() {
            String::new()
        } else {
            format!(" · {}", self.0.decision)
        };
        let again = match self.0.again {
            0 => String::new(),
            more => format!(" · {} times within a minute", more + 1),
        };
        format!("{} {}{decision}{again}", self.0.who, self.0.client)
    }
}
