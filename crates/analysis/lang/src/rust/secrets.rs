//! Secrets that callers hand over: keys of wallets, by the names of parameters, and what a caller's password opens.

use foretaste_model::Capability;
use foretaste_observe::given;

use super::lex::{Kind, Token};
use super::value::{Origin, Point, Value};

/// The secret that a parameter holds, by its name.
pub(super) fn of_parameter(function: &str, name: &str, range: (u32, u32)) -> Option<Value> {
    given::is_wallet_secret_of(function, name).then(|| {
        Value::of(Point {
            capability: Capability::SecretParameter,
            api: name.to_owned(),
            range,
            constant: None,
        })
    })
}

/// `cipher.decrypt(…)`, where the cipher's key was made from a password that the caller gave: what comes out is the caller's.
pub(super) fn decrypted(tokens: &[Token], values: &[Value]) -> Option<Value> {
    let decrypts = tokens.iter().find(|t| match &t.kind {
        Kind::Member(name) => matches!(
            name.as_str(),
            "decrypt" | "decrypt_in_place" | "decrypt_in_place_detached" | "open_in_place"
        ),
        _ => false,
    })?;
    let with_password = values.iter().any(|value| {
        let Origin::Parameter(_, name) = &value.origin else {
            return false;
        };
        matches!(
            &**name,
            "password" | "passphrase" | "passwd" | "master_password" | "pin"
        ) && value
            .points
            .iter()
            .any(|p| p.capability == Capability::DecodeCipher)
    });
    with_password.then(|| {
        Value::of(Point {
            capability: Capability::SecretParameter,
            api: "decrypt".to_owned(),
            range: decrypts.range,
            constant: None,
        })
    })
}
