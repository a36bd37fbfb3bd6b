//! Trusted publishing with an issuer on this machine.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use foretaste_fake_registries::{Answer, FakeServer, Manners};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

use crate::support::TestGate;
use crate::upload::publish;

/// A key of the issuer.
fn key() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
    EcdsaKeyPair::from_pkcs8(
        &ECDSA_P256_SHA256_FIXED_SIGNING,
        document.expect("a key").as_ref(),
        &random,
    )
    .expect("a key")
}

fn signed(key: &EcdsaKeyPair, header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", encode(header), encode(claims));
    let signature = key
        .sign(&SystemRandom::new(), text.as_bytes())
        .expect("signed");
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test]
async fn a_statement_of_the_issuer_becomes_a_token_of_minutes() {
    let own = key();
    let point = own.public_key().as_ref().to_vec();
    let coordinate = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
    let keys = json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "k1",
        "x": coordinate(&point[1..33]), "y": coordinate(&point[33..65])}]});
    let keys = Arc::new(keys);
    let issuer = FakeServer::start(Manners::default(), move |ask, _| {
        if ask.path == "/keys" {
            return Answer::json(&keys);
        }
        let host = ask.header("host");
        Answer::json(&json!({"jwks_uri": format!("http://{host}/keys")}))
    })
    .await;
    let settings = format!(
        "[upstream]\npypi = []\nnpm = []\ncargo = []\n[[trusted-publisher]]\nissuer = '{}'\npackages = ['pypi:acme-utils']\n\
         claims = {{ repository = 'acme/utils', ref = 'refs/tags/*' }}\n",
        issuer.url()
    );
    let gate = TestGate::start(&settings).await;
    let audience = gate.get("/_/oidc/audience").await.json();
    assert_eq!(audience["audience"], "foretaste");
    let mint = async |token: &str| {
        let body = json!({"token": token}).to_string();
        let headers = [("content-type", "application/json")];
        gate.ask("POST", "/_/oidc/mint-token", &headers, body.as_bytes())
            .await
    };
    let now = jiff::Timestamp::now().as_second();
    let header = json!({"alg": "ES256", "kid": "k1"});
    let claims = |repository: &str, exp: i64| {
        json!({"iss": issuer.url(), "sub": "repo:acme/utils", "aud": "foretaste", "exp": exp,
            "iat": now, "repository": repository, "ref": "refs/tags/v1"})
    };
    let good = claims("acme/utils", now + 300);
    let elsewhere = json!({"iss": "http://127.0.0.1:1", "aud": "foretaste", "exp": now + 300});
    for (token, what) in [
        ("nonsense".to_owned(), "no signed statement"),
        (signed(&key(), &header, &good), "signature does not hold"),
        (
            signed(&own, &json!({"alg": "none", "kid": "k1"}), &good),
            "signature does not hold",
        ),
        (
            signed(&own, &header, &claims("evil/utils", now + 300)),
            "these claims",
        ),
        (
            signed(&own, &header, &claims("acme/utils", now - 300)),
            "too old",
        ),
        (
            signed(&own, &header, &elsewhere),
            "no issuer that gate.toml trusts",
        ),
    ] {
        let reply = mint(&token).await;
        assert_eq!(reply.status, 422, "{what}: {}", reply.text());
        assert!(reply.text().contains(what), "{what}: {}", reply.text());
    }
    let reply = mint(&signed(&own, &header, &good)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let token = reply.json()["token"].as_str().expect("a token").to_owned();
    let expires = reply.json()["expires"].as_i64().expect("a time");
    assert!(expires > now && expires <= now + 1_000);
    assert_eq!(
        publish(&gate, &token, "acme-utils", "1.0", "").await.status,
        200
    );
    assert_eq!(
        publish(&gate, &token, "acme-other", "1.0", "").await.status,
        403
    );
}
