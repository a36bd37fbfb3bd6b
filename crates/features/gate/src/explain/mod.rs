//! Why a release is served or not.

pub(crate) mod asking;

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use foretaste_model::Ecosystem;
use foretaste_model::target::is_valid_name;
use serde_json::json;

use crate::candidate::Candidate;
use crate::gate::{Gate, key};
use crate::pages::NoPage;
use crate::record::{Key, Record};
use crate::web::{self, Caller};
use crate::{cargo, npm, pypi};

/// `/explain/<ecosystem>/<name>/<version>`: the decision about each file, with every check. Nothing is fetched or vetted.
pub(crate) async fn explain(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path((ecosystem, package)): Path<(String, String)>,
) -> Result<Response, Response> {
    let (key, version) = release(&ecosystem, &package, "explain")?;
    let (record, files) = files(&gate, &key, version).await?;
    let asked = caller.asked(&gate, gate.owns(&key, &record));
    let rulings: Vec<_> = files
        .iter()
        .map(|c| {
            let judged = c.judged(&record);
            json!({
                "decision": gate.judge_known(c, &record, asked),
                "verdict": judged.map(|j| j.verdict),
                "score": judged.map(|j| j.score),
                "reasons": judged.map(|j| &j.reasons),
            })
        })
        .collect();
    Ok(Json(json!({"package": key.1, "version": version, "files": rulings})).into_response())
}

/// What a path names behind `/<page>`.
pub(crate) fn release<'a>(
    ecosystem: &str,
    package: &'a str,
    page: &str,
) -> Result<(Key, &'a str), Response> {
    let missing = |reason: &str| web::plain(StatusCode::NOT_FOUND, reason);
    let ecosystem = Ecosystem::from_prefix(ecosystem)
        .ok_or_else(|| missing("this is no ecosystem that is served here"))?;
    let (name, version) = package
        .rsplit_once('/')
        .filter(|(name, _)| is_valid_name(ecosystem, name))
        .ok_or_else(|| missing(&format!("ask for /{page}/<ecosystem>/<name>/<version>")))?;
    Ok((key(ecosystem, name), version))
}

/// The files of a release, of which there is at least one, and what is known of its package.
pub(crate) async fn files(
    gate: &Arc<Gate>,
    key: &Key,
    version: &str,
) -> Result<(Arc<Record>, Vec<Candidate>), Response> {
    let missing = |reason: &str| web::plain(StatusCode::NOT_FOUND, reason);
    let record = gate.record(key).await;
    let record = record.map_err(|e| web::outage(&e))?;
    let mut files = match candidates(gate, key).await {
        Ok(files) => files,
        Err(NoPage::Absent) => {
            let why = if gate.owns(key, &record) {
                format!(
                    "{} is a name of this organisation, and nothing was published under it here; it is never asked for upstream",
                    key.1
                )
            } else {
                format!("no upstream has a package {}", key.1)
            };
            return Err(missing(&why));
        }
        Err(NoPage::Trouble(reason)) => return Err(web::trouble(&reason)),
    };
    files.retain(|c| &*c.release.version == version);
    if files.is_empty() {
        let reason = format!("{} has no version {version}", key.1);
        return Err(missing(&reason));
    }
    Ok((record, files))
}

/// Every file of a package.
pub(crate) async fn candidates(gate: &Arc<Gate>, key: &Key) -> Result<Vec<Candidate>, NoPage> {
    match key.0 {
        Ecosystem::Pypi => pypi::candidates(gate, key).await,
        Ecosystem::Npm => npm::candidates(gate, key).await,
        Ecosystem::Cargo => cargo::candidates(gate, key).await,
        _ => Err(NoPage::Absent),
    }
}
