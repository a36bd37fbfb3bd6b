//! Why a release is served or not.

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
use crate::record::Key;
use crate::web::{self, Caller};
use crate::{cargo, npm, pypi};

/// `/explain/<ecosystem>/<name>/<version>`: the decision about each file, with every check. Nothing is fetched or vetted.
pub(crate) async fn explain(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path((ecosystem, package)): Path<(String, String)>,
) -> Result<Response, Response> {
    let missing = |reason: &str| web::plain(StatusCode::NOT_FOUND, reason);
    let ecosystem = Ecosystem::from_prefix(&ecosystem)
        .ok_or_else(|| missing("this is no ecosystem that is served here"))?;
    let (name, version) = package
        .rsplit_once('/')
        .filter(|(name, _)| is_valid_name(ecosystem, name))
        .ok_or_else(|| missing("ask for /explain/<ecosystem>/<name>/<version>"))?;
    let key = key(ecosystem, name);
    let files = match candidates(&gate, &key).await {
        Ok(files) => files,
        Err(NoPage::Absent) => {
            let record = gate.record(&key).await;
            let owned = record.is_ok_and(|r| gate.owns(&key, &r));
            let why = if owned {
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
    let record = gate.record(&key).await;
    let record = record.map_err(|e| web::trouble(&e.to_string()))?;
    let asked = caller.asked(&gate, gate.owns(&key, &record));
    let rulings: Vec<_> = files
        .iter()
        .filter(|c| &*c.release.version == version)
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
    if rulings.is_empty() {
        let reason = format!("{} has no version {version}", key.1);
        return Err(missing(&reason));
    }
    Ok(Json(json!({"package": key.1, "version": version, "files": rulings})).into_response())
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
