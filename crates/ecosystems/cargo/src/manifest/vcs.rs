//! `.cargo_vcs_info.json`: the commit that a crate was packed from, as cargo recorded it (unverified).

use foretaste_model::Ecosystem;
use foretaste_model::facts::{Problem, ProblemKind};
use foretaste_model::manifest::ManifestFacts;
use serde::Deserialize;

use super::cut;

#[derive(Deserialize)]
struct VcsInfo {
    git: Option<Git>,
    path_in_vcs: Option<String>,
}

#[derive(Deserialize)]
struct Git {
    sha1: Option<String>,
    #[serde(default)]
    dirty: bool,
}

pub(super) fn read(text: &str) -> (ManifestFacts, Vec<Problem>) {
    let mut facts = ManifestFacts::new(Ecosystem::Cargo);
    match serde_json::from_str::<VcsInfo>(text.trim_start_matches('\u{feff}')) {
        Ok(info) => {
            let dirty = info.git.as_ref().is_some_and(|g| g.dirty);
            let commit = info.git.and_then(|g| g.sha1);
            for (label, value) in [("vcs-commit", commit), ("vcs-path", info.path_in_vcs)] {
                if let Some(value) = value.filter(|v| !v.is_empty()) {
                    facts.urls.push((label.into(), cut(&value)));
                }
            }
            if dirty {
                facts.urls.push(("vcs-dirty".into(), "true".into()));
            }
            (facts, Vec::new())
        }
        Err(error) => {
            let problem = Problem {
                kind: ProblemKind::Malformed,
                span: None,
                message: format!("not the JSON that cargo writes: {error}").into(),
            };
            (facts, vec![problem])
        }
    }
}
