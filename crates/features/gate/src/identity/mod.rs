//! Who asks, and what they may do.

mod scopes;
mod token;
mod tokens;

pub use scopes::{Scopes, Verb};
pub(crate) use token::{TokenText, hash, random, same_hash};
pub use tokens::Tokens;

use crate::database::{Database, DatabaseResult, StoredToken, now};

/// A token as it is listed: without its secret.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct TokenInfo {
    /// Its id, which is part of its text.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it allows.
    pub scopes: Scopes,
    /// Seconds since the epoch.
    pub created: i64,
    /// When it stops to work, in seconds since the epoch.
    pub expires: Option<i64>,
    /// When it was revoked, in seconds since the epoch.
    pub revoked: Option<i64>,
}

/// Whoever made a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Principal {
    /// No credentials came.
    Anonymous,
    /// A token that is good.
    Token { name: String, scopes: Scopes },
}

impl Principal {
    /// The name for the log.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Token { name, .. } => name,
        }
    }
}

/// Makes a token; its text is shown once and never kept.
pub(crate) async fn issue(
    database: &Database,
    name: &str,
    scopes: &Scopes,
    expires: Option<i64>,
) -> DatabaseResult<String> {
    let token = TokenText::random();
    let stored = StoredToken {
        id: token.id.clone(),
        name: name.to_owned(),
        hash: hash(&token.secret),
        scopes: serde_json::to_string(scopes).unwrap_or_default(),
        created: now(),
        expires,
        revoked: None,
    };
    database.add_token(&stored).await?;
    Ok(token.text())
}

/// The principal that a token's text stands for; none if it is no token of ours, expired or revoked.
pub(crate) async fn recognise(
    database: &Database,
    text: &str,
) -> DatabaseResult<Option<Principal>> {
    let Some(token) = TokenText::parse(text) else {
        return Ok(None);
    };
    let stored = database.token(&token.id).await?;
    // an unknown id takes the same comparison as a known one
    let expected = stored.as_ref().map_or("", |s| s.hash.as_str());
    let same = same_hash(&hash(&token.secret), expected);
    Ok(stored.filter(|_| same).and_then(in_force))
}

/// Who a token stands for; none once it is revoked or expired.
pub(crate) fn in_force(stored: StoredToken) -> Option<Principal> {
    let holds = stored.revoked.is_none() && stored.expires.is_none_or(|at| now() < at);
    holds.then(|| Principal::Token {
        scopes: serde_json::from_str(&stored.scopes).unwrap_or_default(),
        name: stored.name,
    })
}

pub(crate) fn info(stored: StoredToken) -> TokenInfo {
    TokenInfo {
        scopes: serde_json::from_str(&stored.scopes).unwrap_or_default(),
        id: stored.id,
        name: stored.name,
        created: stored.created,
        expires: stored.expires,
        revoked: stored.revoked,
    }
}
