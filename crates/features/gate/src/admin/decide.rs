//! Approving and denying.

use std::sync::Arc;

use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use foretaste_model::target::is_valid_name;
use foretaste_model::{Digest, ReleaseId};
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::session::Session;
use super::view;
use crate::database::{DatabaseResult, EventKind, Saying, in_days};
use crate::gate::{Gate, key};
use crate::metrics::SERVED;
use crate::record::Key;
use crate::web;

/// What begins with something to see.
pub(crate) const VISIBLE: &str = r"^[^\s\x00-\x1f\x7f-\x9f]";

/// True if a text begins with something to see, and is not too long.
pub(crate) fn is_visible(text: &str, most: usize) -> bool {
    let begins = |text: &str| {
        let first = text.chars().next();
        first.is_some_and(|c| !c.is_whitespace() && !c.is_control())
    };
    begins(text) && text.chars().count() <= most
}

/// Reads a whole number: to JSON Schema, 30.0 is one as well.
pub(crate) fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
    let Some(number) = Option::<f64>::deserialize(from)? else {
        return Ok(None);
    };
    if number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number) {
        Ok(Some(number as u32))
    } else {
        Err(D::Error::custom("this is no whole number"))
    }
}

/// What an administrator wants to happen to a release.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("anyOf" = [
    {"properties": {"decision": {"const": "deny"}}},
    {"properties": {"digests": {"minItems": 1}}, "required": ["digests"]},
], "examples" = [{
    "ecosystem": "pypi",
    "name": "frob",
    "version": "1.0",
    "decision": "approve",
    "reason": "read by two of us",
    "digests": ["sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    "days": 30,
}]))]
pub(crate) struct Wish {
    /// Which ecosystem.
    #[schemars(regex(pattern = r"^(pypi|npm|cargo)$"))]
    ecosystem: String,
    /// The package.
    name: String,
    /// Its version.
    #[schemars(length(max = 200), regex(pattern = VISIBLE))]
    version: String,
    /// What to do.
    decision: Choice,
    /// Why; the reader of a refusal sees it.
    #[schemars(length(max = 500), regex(pattern = VISIBLE))]
    reason: String,
    /// The files that an approval is good for, as `sha256:hex`.
    #[serde(default)]
    #[schemars(inner(regex(
        pattern = r"^((sha256|blake2b_256):[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$"
    )))]
    digests: Vec<String>,
    /// Days until it stops to count; for ever without it.
    #[serde(default, deserialize_with = "whole")]
    #[schemars(range(min = 1, max = 3650))]
    days: Option<u32>,
}

/// Approve or deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Choice {
    /// Serve these files.
    Approve,
    /// Refuse every file of the version.
    Deny,
}

/// The form of the pages.
#[derive(Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    csrf: String,
    ecosystem: String,
    name: String,
    version: String,
    decision: Choice,
    reason: String,
    /// Separated by spaces.
    #[serde(default)]
    digests: String,
    /// Empty for ever.
    #[serde(default)]
    days: String,
}

/// `POST /admin/decide`
pub(super) async fn decide(
    State(gate): State<Arc<Gate>>,
    session: Session,
    Form(sent): Form<Sent>,
) -> Result<Response, Response> {
    if !session.sent(&sent.csrf) {
        let reason = "this form did not come from a page of the gate; go back and load it again";
        return Err(web::plain(StatusCode::FORBIDDEN, reason));
    }
    let bad = |reason: &str| web::plain(StatusCode::BAD_REQUEST, reason);
    let days = match sent.days.trim() {
        "" => None,
        text => Some(text.parse().map_err(|_| bad("the days must be a number"))?),
    };
    let wish = Wish {
        digests: sent.digests.split_whitespace().map(str::to_owned).collect(),
        ecosystem: sent.ecosystem,
        name: sent.name,
        version: sent.version,
        decision: sent.decision,
        reason: sent.reason.trim().to_owned(),
        days,
    };
    let done = gate.carry_out(&wish, &session.name).await;
    let key = done
        .map_err(|e| view::failed(&e))?
        .map_err(|unfit| bad(unfit.1))?;
    Ok(Redirect::to(&view::link(key.0.id(), key.1.as_str())).into_response())
}

/// True if a text is a digest that proves something, in the form in which files are compared with it.
fn is_strong(text: &str) -> bool {
    let digest = text.parse::<Digest>();
    digest.is_ok_and(|d| d.algorithm.is_strong() && d.to_string() == text)
}

/// What is wrong with a wish, and how that is told.
pub(crate) type Unfit = (StatusCode, &'static str);

impl Gate {
    /// Does what an administrator wants, or says what is wrong with it.
    pub(crate) async fn carry_out(
        &self,
        wish: &Wish,
        person: &str,
    ) -> DatabaseResult<Result<Key, Unfit>> {
        let bad = |reason| Ok(Err((StatusCode::BAD_REQUEST, reason)));
        let mut served = SERVED.into_iter();
        let Some(ecosystem) = served.find(|e| e.id() == wish.ecosystem) else {
            return bad("there is no such ecosystem here");
        };
        if !wish.digests.iter().all(|text| is_strong(text)) {
            return bad("what it names as digests are none");
        }
        let approved = (wish.decision == Choice::Approve).then_some(wish.digests.as_slice());
        if approved.is_some() && self.journal.trouble_now().await.is_some() {
            let reason =
                "the gate's log cannot be written, and nothing is approved that it would not hold";
            return Ok(Err((StatusCode::SERVICE_UNAVAILABLE, reason)));
        }
        if approved.is_some_and(<[String]>::is_empty) {
            return bad("an approval is good for the files that it names, and this one names none");
        }
        let (reason, version) = (wish.reason.as_str(), wish.version.as_str());
        if !is_visible(reason, 500) || !is_visible(version, 200) {
            return bad("a decision needs a version and a reason, which must not be too long");
        }
        let until = match in_days(wish.days) {
            Ok(until) => until,
            Err(reason) => return bad(reason),
        };
        if !is_valid_name(ecosystem, &wish.name) {
            return Ok(Err((StatusCode::NOT_FOUND, "there is no such package")));
        }
        let key = key(ecosystem, &wish.name);
        let saying = Saying {
            approved,
            reason,
            person,
            until,
        };
        let place = (ecosystem, key.1.as_str(), version);
        self.database.decide(place, saying).await?;
        self.touch(&key);
        let release = ReleaseId::new(ecosystem, key.1.as_str(), version);
        let what = if approved.is_some() {
            "approved"
        } else {
            "denied"
        };
        self.log(EventKind::Admin, Some(&release), what, reason, person)
            .await;
        Ok(Ok(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_have_one_spelling() {
        let hex = "ab".repeat(32);
        assert!(is_strong(&format!("sha256:{hex}")));
        // the only one that some indexes tell, and that the page offers to approve
        assert!(is_strong(&format!("blake2b_256:{hex}")));
        for text in [
            format!("SHA256:{hex}"),
            format!("sha256={hex}"),
            format!("sha256:{}", hex.to_uppercase()),
            format!("sha256:{}", "ab".repeat(31)),
            // it proves nothing
            format!("md5:{}", "ab".repeat(16)),
            String::new(),
        ] {
            assert!(!is_strong(&text), "{text}");
        }
    }

    #[test]
    fn a_reason_can_be_seen() {
        for text in ["it was read", "\u{8bfb}\u{8fc7}", "x\u{0}"] {
            assert!(is_visible(text, 20), "{text:?}");
        }
        for text in [
            "",
            " x",
            "\u{1c}x",
            "\u{85}",
            "\u{2003}x",
            "more than twenty characters",
        ] {
            assert!(!is_visible(text, 20), "{text:?}");
        }
    }
}
