//! Approving and denying.

use std::sync::Arc;

use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use foretaste_model::target::is_valid_name;
use foretaste_model::{Digest, Ecosystem, ReleaseId};
use schemars::JsonSchema;
use serde::Deserialize;

use super::session::Session;
use super::view;
use crate::database::{DatabaseResult, EventKind, Saying, in_days};
use crate::gate::{Gate, key};
use crate::record::Key;
use crate::web;

/// What an administrator wants to happen to a release.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    /// `pypi`, `npm` or `cargo`.
    ecosystem: String,
    /// The package.
    name: String,
    /// Its version.
    #[schemars(length(min = 1, max = 200))]
    version: String,
    /// What to do.
    decision: Choice,
    /// Why; the reader of a refusal sees it.
    #[schemars(length(min = 1, max = 500))]
    reason: String,
    /// The files that an approval is good for, as `sha256:hex`.
    #[serde(default)]
    digests: Vec<String>,
    /// Days until it stops to count; for ever without it.
    #[serde(default)]
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
        reason: sent.reason,
        days,
    };
    let done = gate.carry_out(&wish, &session.name).await;
    let key = done.map_err(|e| view::failed(&e))?.map_err(bad)?;
    Ok(Redirect::to(&view::link(key.0.id(), key.1.as_str())).into_response())
}

/// Digests in the form in which files are compared with them; none if one is no digest, or proves nothing.
fn strong(digests: &[String]) -> Option<Vec<String>> {
    let read = |text: &String| {
        let digest = text.parse::<Digest>().ok()?;
        digest.algorithm.is_strong().then(|| digest.to_string())
    };
    digests.iter().map(read).collect()
}

impl Gate {
    /// Does what an administrator wants, or says what is wrong with it.
    pub(crate) async fn carry_out(
        &self,
        wish: &Wish,
        person: &str,
    ) -> DatabaseResult<Result<Key, &'static str>> {
        let found = Ecosystem::from_prefix(&wish.ecosystem);
        let Some(ecosystem) = found.filter(|e| is_valid_name(*e, &wish.name)) else {
            return Ok(Err("there is no such package"));
        };
        let Some(digests) = strong(&wish.digests) else {
            return Ok(Err("what it names as digests are none"));
        };
        let approved = (wish.decision == Choice::Approve).then_some(digests.as_slice());
        if approved.is_some_and(<[String]>::is_empty) {
            return Ok(Err(
                "an approval is good for the files that it names, and this one names none",
            ));
        }
        let (reason, version) = (wish.reason.trim(), wish.version.trim());
        if reason.is_empty() || version.is_empty() {
            return Ok(Err("a decision needs a version and a reason"));
        }
        let until = match in_days(wish.days) {
            Ok(until) => until,
            Err(reason) => return Ok(Err(reason)),
        };
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
    fn digests_are_kept_in_one_spelling() {
        let of = |text: &str| strong(&[text.to_owned()]);
        let good = Some(vec![format!("sha256:{}", "ab".repeat(32))]);
        assert_eq!(of(&format!("SHA256:{}", "AB".repeat(32))), good);
        assert_eq!(of(&format!("sha256={}", "aB".repeat(32))), good);
        assert_eq!(of(&format!("sha256:{}", "ab".repeat(31))), None);
        assert_eq!(
            of(&format!("md5:{}", "ab".repeat(16))),
            None,
            "it proves nothing"
        );
        assert_eq!(strong(&[]), Some(Vec::new()));
    }
}
