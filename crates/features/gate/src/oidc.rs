//! Trusted publishing: a CI system's own signed statement of what it runs is exchanged for a token that lives minutes, and no
//! secret is kept there. The paths and bodies are those that `uv publish` and PyPI's action use.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use foretaste_names::matches_glob;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::database::now;
use crate::gate::Gate;
use crate::identity::{Scopes, Verb};
use crate::settings::TrustedPublisher;

/// Seconds that a token lives.
const LIFETIME: i64 = 15 * 60;
/// Seconds by which clocks may differ.
const SKEW: i64 = 60;
/// Characters of a statement.
const STATEMENT: usize = 16 << 10;
/// Bytes of an issuer's answers.
const ANSWER: u64 = 1 << 20;
/// The audience that statements must be made for.
pub(crate) const AUDIENCE: &str = "foretaste";

/// `GET /_/oidc/audience`
pub(crate) async fn audience() -> Json<Value> {
    Json(json!({"audience": AUDIENCE}))
}

/// What is sent to be exchanged.
#[derive(Deserialize)]
pub(crate) struct Exchange {
    token: String,
}

/// `POST /_/oidc/mint-token`
pub(crate) async fn mint(
    State(gate): State<Arc<Gate>>,
    Json(exchange): Json<Exchange>,
) -> Response {
    match exchanged(&gate, &exchange.token).await {
        Ok((token, expires)) => {
            Json(json!({"success": true, "token": token, "expires": expires})).into_response()
        }
        Err(reason) => {
            tracing::warn!(reason, "a statement was not accepted");
            let errors = json!([{"code": "not-accepted", "description": reason}]);
            let body = Json(json!({"message": reason, "errors": errors}));
            (StatusCode::UNPROCESSABLE_ENTITY, body).into_response()
        }
    }
}

/// A statement (JWT), read and not yet believed.
struct Statement<'a> {
    header: Value,
    claims: Value,
    signed: &'a [u8],
    signature: Vec<u8>,
}

fn read(token: &str) -> Option<Statement<'_>> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let part = |text: &str| -> Option<Value> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
    };
    Some(Statement {
        header: part(header)?,
        claims: part(claims)?,
        signed: signed.as_bytes(),
        signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
    })
}

async fn exchanged(gate: &Gate, token: &str) -> Result<(String, i64), String> {
    if token.len() > STATEMENT {
        return Err("the statement is too long".to_owned());
    }
    let statement = read(token).ok_or("this is no signed statement (JWT)")?;
    let issuer = statement.claims["iss"].as_str().unwrap_or_default();
    // only issuers that the settings name are ever asked for keys
    let publishers: Vec<&TrustedPublisher> = gate
        .settings()
        .trusted_publisher
        .iter()
        .filter(|p| p.issuer.trim_end_matches('/') == issuer.trim_end_matches('/'))
        .collect();
    let Some(first) = publishers.first() else {
        return Err(format!("{issuer:?} is no issuer that gate.toml trusts"));
    };
    let keys = keys(gate, &first.issuer).await?;
    if !is_signed(&statement, &keys) {
        return Err("the statement's signature does not hold".to_owned());
    }
    in_time(&statement.claims, now())?;
    let granted: Vec<String> = publishers
        .iter()
        .filter(|p| matches(p, &statement.claims))
        .flat_map(|p| p.packages.iter().cloned())
        .collect();
    if granted.is_empty() {
        return Err("no trusted publisher of gate.toml has these claims".to_owned());
    }
    let subject = statement.claims["sub"].as_str().unwrap_or_default();
    let name: String = format!("{issuer} {subject}").chars().take(200).collect();
    let scopes = Scopes {
        verbs: vec![Verb::Publish],
        packages: granted,
        team: None,
    };
    let expires = now() + LIFETIME;
    let tokens = gate.tokens().by(&name);
    let token = tokens.issue(&name, &scopes, Some(expires)).await;
    Ok((token.map_err(|e| e.to_string())?, expires))
}

/// The keys with which an issuer signs.
async fn keys(gate: &Gate, issuer: &str) -> Result<Vec<Value>, String> {
    let get = async |url: Url| -> Result<Value, String> {
        let request = gate.upstreams.request(url).max_bytes(ANSWER);
        let answer = gate.http.get(request).await.map_err(|e| e.to_string())?;
        serde_json::from_slice(&answer.body).map_err(|e| format!("{}: {e}", answer.url))
    };
    let base = issuer.trim_end_matches('/');
    let url = Url::parse(&format!("{base}/.well-known/openid-configuration"));
    let configuration = get(url.map_err(|e| e.to_string())?).await?;
    let place = configuration["jwks_uri"].as_str().unwrap_or_default();
    let place = Url::parse(place).map_err(|_| "the issuer names no keys".to_owned())?;
    let set = get(place).await?;
    Ok(set["keys"].as_array().cloned().unwrap_or_default())
}

/// True if one of the keys made the signature. The key says which algorithm it is for, not the statement.
fn is_signed(statement: &Statement<'_>, keys: &[Value]) -> bool {
    let bytes = |key: &Value, field: &str| -> Vec<u8> {
        let text = key[field].as_str().unwrap_or_default();
        URL_SAFE_NO_PAD.decode(text).unwrap_or_default()
    };
    let (kid, algorithm) = (&statement.header["kid"], &statement.header["alg"]);
    let (signed, signature) = (statement.signed, statement.signature.as_slice());
    keys.iter()
        .filter(|key| kid.is_null() || key["kid"] == *kid)
        .any(|key| match key["kty"].as_str() {
            Some("RSA") if *algorithm == "RS256" => {
                let (n, e) = (bytes(key, "n"), bytes(key, "e"));
                RsaPublicKeyComponents { n: &n, e: &e }
                    .verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature)
                    .is_ok()
            }
            Some("EC") if *algorithm == "ES256" && key["crv"] == "P-256" => {
                let point = [vec![4], bytes(key, "x"), bytes(key, "y")].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                    .verify(signed, signature)
                    .is_ok()
            }
            _ => false,
        })
}

fn in_time(claims: &Value, now: i64) -> Result<(), String> {
    let expires = claims["exp"].as_i64().ok_or("the statement never ends")?;
    let begins = claims["nbf"].as_i64().or_else(|| claims["iat"].as_i64());
    if now > expires + SKEW {
        return Err("the statement is too old".to_owned());
    }
    if begins.is_some_and(|begins| begins > now + SKEW) {
        return Err("the statement is of the future".to_owned());
    }
    let audience = &claims["aud"];
    let listed = audience
        .as_array()
        .is_some_and(|all| all.contains(&json!(AUDIENCE)));
    if *audience == AUDIENCE || listed {
        Ok(())
    } else {
        Err(format!("the statement is not for `{AUDIENCE}`"))
    }
}

/// True if every claim that is asked for is there. Who asks for none is believed nothing.
fn matches(publisher: &TrustedPublisher, claims: &Value) -> bool {
    !publisher.claims.is_empty()
        && publisher.claims.iter().all(|(name, pattern)| {
            claims[name]
                .as_str()
                .is_some_and(|value| matches_glob(pattern, value))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_and_audience_bind() {
        let claims = |exp: i64, aud: Value| json!({"exp": exp, "iat": 900, "aud": aud});
        assert_eq!(in_time(&claims(1_000, json!("foretaste")), 1_000), Ok(()));
        assert_eq!(
            in_time(&claims(1_000, json!(["a", "foretaste"])), 1_000),
            Ok(())
        );
        assert!(in_time(&claims(1_000, json!("pypi")), 1_000).is_err());
        assert!(in_time(&claims(1_000, json!("foretaste")), 1_100).is_err());
        assert!(in_time(&claims(1_000, json!("foretaste")), 700).is_err());
        assert!(in_time(&json!({"aud": "foretaste"}), 700).is_err());
    }

    #[test]
    fn no_claims_match_nothing() {
        let publisher = |claims: &[(&str, &str)]| TrustedPublisher {
            issuer: String::new(),
            claims: claims
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            packages: Vec::new(),
        };
        let told = json!({"repository": "acme/utils", "ref": "refs/tags/v1"});
        assert!(matches(
            &publisher(&[("repository", "acme/*"), ("ref", "refs/tags/*")]),
            &told
        ));
        assert!(!matches(&publisher(&[("repository", "acme/other")]), &told));
        assert!(!matches(&publisher(&[("environment", "*")]), &told));
        assert!(!matches(&publisher(&[]), &told));
    }
}
