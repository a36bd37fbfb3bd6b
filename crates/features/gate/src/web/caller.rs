//! Who makes a request.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, USER_AGENT};
use axum::http::request::Parts;
use axum::response::Response;
use base64::Engine as _;
use foretaste_model::{Ecosystem, PackageName};

use super::refuse;
use crate::decide::Asked;
use crate::gate::Gate;
use crate::identity::{Principal, Verb};

/// Characters of a `User-Agent` that are kept.
const AGENT_CHARS: usize = 60;

/// Whoever makes a request. As an extractor, it turns away who may not read.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) principal: Principal,
    /// Address and program.
    pub(crate) client: String,
}

impl Caller {
    /// True if the verb is allowed, whatever the package.
    pub(crate) fn may(&self, gate: &Gate, verb: Verb) -> bool {
        match &self.principal {
            Principal::Anonymous => verb == Verb::Read && gate.settings().access.anonymous_read,
            Principal::Token { scopes, .. } => scopes.allow(verb),
        }
    }

    /// True if a package may be published.
    pub(crate) fn may_publish(&self, ecosystem: Ecosystem, name: &PackageName) -> bool {
        match &self.principal {
            Principal::Anonymous => false,
            Principal::Token { scopes, .. } => scopes.allow_publishing(ecosystem, name),
        }
    }

    /// The team of its token, as far as the policy knows it.
    pub(crate) fn team<'a>(&self, gate: &'a Gate) -> &'a str {
        match &self.principal {
            Principal::Anonymous => "",
            Principal::Token { scopes, .. } => gate
                .rules
                .known_team(scopes.team.as_deref().unwrap_or_default()),
        }
    }

    /// What a decision must know of whoever asks.
    pub(crate) fn asked<'a>(&self, gate: &'a Gate, owned: bool) -> Asked<'a> {
        Asked {
            owned,
            team: self.team(gate),
        }
    }

    /// True if no credentials came.
    pub(crate) fn is_anonymous(&self) -> bool {
        self.principal == Principal::Anonymous
    }

    /// Recognises whoever sent these headers.
    pub(crate) async fn of(
        gate: &Gate,
        headers: &HeaderMap,
        address: Option<SocketAddr>,
    ) -> Result<Self, Response> {
        let principal = match credentials(headers) {
            None => Principal::Anonymous,
            Some(text) => match gate.recognise(&text).await {
                Ok(Some(principal)) => principal,
                Ok(None) => {
                    return Err(refuse::unauthorized(
                        "this token is unknown, expired or revoked",
                    ));
                }
                Err(error) => return Err(refuse::outage(&error)),
            },
        };
        let agent: String = headers
            .get(USER_AGENT)
            .map(|v| String::from_utf8_lossy(v.as_bytes()))
            .unwrap_or_default()
            .split_whitespace()
            // the program; what follows is what it runs on, of some as JSON
            .take(1)
            .flat_map(str::chars)
            .filter(|c| !c.is_control())
            .take(AGENT_CHARS)
            .collect();
        let address = address.map_or_else(String::new, |a| a.ip().to_string());
        Ok(Self {
            principal,
            client: format!("{address} {agent}").trim().to_owned(),
        })
    }
}

/// The token in `Authorization`: as a Basic password (or user name, without a password), a Bearer token, or bare.
fn credentials(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?.trim();
    if value.is_empty() {
        return None;
    }
    let Some((scheme, rest)) = value.split_once(' ') else {
        return Some(value.to_owned());
    };
    if scheme.eq_ignore_ascii_case("basic") {
        let decoded = base64::engine::general_purpose::STANDARD
            .decode(rest.trim())
            .ok()?;
        let pair = String::from_utf8(decoded).ok()?;
        let (user, password) = pair.split_once(':').unwrap_or((&pair, ""));
        let token = if password.is_empty() { user } else { password };
        return Some(token.to_owned());
    }
    Some(rest.trim().to_owned())
}

impl FromRequestParts<Arc<Gate>> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, gate: &Arc<Gate>) -> Result<Self, Response> {
        let address = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|c| c.0);
        let caller = Self::of(gate, &parts.headers, address).await?;
        let who = match &caller.principal {
            Principal::Anonymous => address.map_or_else(String::new, |a| a.ip().to_string()),
            Principal::Token { name, .. } => format!("token {name}"),
        };
        if let Err(seconds) = gate.limits.take(&who, Instant::now()) {
            return Err(refuse::too_often(seconds));
        }
        if caller.may(gate, Verb::Read) {
            Ok(caller)
        } else {
            Err(refuse::unauthorized("reading needs a token here"))
        }
    }
}
