//! The legacy upload API, as twine and uv use it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::extract::multipart::{Field, Multipart};
use axum::http::StatusCode;
use axum::response::Response;
use foretaste_io::digests::Hashing;
use foretaste_io::files::Draft;
use foretaste_model::report::IndexDigest;
use foretaste_model::target::is_valid_name;
use foretaste_model::{ContentDigest, Digest, DigestAlgorithm, Ecosystem};
use foretaste_pypi::{DistFilename, PypiVersion};
use serde_json::json;

use super::{provenance, wheel};
use crate::database::{Upload, now};
use crate::gate::{Gate, key};
use crate::publish::{Proposal, Refusal};
use crate::web::{self, Caller};

/// Characters of one form field.
const FIELD_LIMIT: usize = 4 << 20;
/// Form fields.
const FIELDS: usize = 400;
/// The digests that a form may state.
const STATED: [(&str, DigestAlgorithm); 3] = [
    ("sha256_digest", DigestAlgorithm::Sha256),
    ("blake2_256_digest", DigestAlgorithm::Blake2b256),
    ("md5_digest", DigestAlgorithm::Md5),
];

/// `POST /legacy/`
pub(super) async fn upload(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    form: Multipart,
) -> Response {
    match take(&gate, &caller, form).await {
        Ok(done) => web::text(StatusCode::OK, &done),
        Err(refusal) => refusal.as_text(),
    }
}

/// What the form held.
struct Form {
    fields: BTreeMap<String, String>,
    filename: String,
    draft: Draft,
    sha256: ContentDigest,
    /// What the client says of the bytes.
    digests: IndexDigest,
}

async fn take(gate: &Arc<Gate>, caller: &Caller, form: Multipart) -> Result<String, Refusal> {
    if caller.is_anonymous() {
        return Err(Refusal::Unauthorized(
            "publishing needs a token: user name `__token__`, the token as password",
        ));
    }
    let form = read(gate, form).await?;
    let field = |name: &str| form.fields.get(name).map(|v| v.trim()).unwrap_or_default();
    let bad = |reason: String| Refusal::Bad(reason);
    if field(":action") != "file_upload" {
        return Err(bad("`:action` must be `file_upload`".to_owned()));
    }
    let (name, version) = (field("name"), field("version"));
    if !is_valid_name(Ecosystem::Pypi, name) {
        return Err(bad(format!("{name:?} is no name of a Python package")));
    }
    let parsed = PypiVersion::new(version);
    if !parsed.is_valid() {
        return Err(bad(format!("{version:?} is no version (PEP 440)")));
    }
    let filename = &form.filename;
    let key = key(Ecosystem::Pypi, name);
    let of_file = DistFilename::parse(filename, key.1.as_str())
        .as_ref()
        .and_then(DistFilename::version)
        .map(PypiVersion::new);
    if !of_file.is_some_and(|v| v.same(&parsed)) {
        return Err(bad(format!(
            "the file name {filename:?} does not belong to {name} {version}"
        )));
    }
    match form.digests {
        IndexDigest::Match => {}
        IndexDigest::Mismatch => {
            return Err(bad(
                "the bytes that arrived do not have the digests of the form".to_owned(),
            ));
        }
        IndexDigest::Absent => {
            return Err(bad(
                "the form has neither `sha256_digest` nor `blake2_256_digest`".to_owned(),
            ));
        }
    }
    let is_wheel = filename.ends_with(".whl");
    let metadata = if is_wheel {
        let text = wheel::metadata(form.draft.path().to_owned(), filename)
            .await
            .map_err(Refusal::Bad)?;
        wheel::belongs(&text, name, &parsed).map_err(Refusal::Bad)?;
        Some(text)
    } else {
        None
    };
    let sha256 = form.sha256.to_hex();
    let requires_python = Some(field("requires_python")).filter(|v| !v.is_empty());
    let attestations: Option<serde_json::Value> = match field("attestations") {
        "" => None,
        text => {
            let list = serde_json::from_str(text)
                .map_err(|e| bad(format!("`attestations` cannot be read: {e}")))?;
            let roots = gate.roots.as_ref();
            provenance::check_attestations(&list, filename, &sha256, roots)
                .map_err(Refusal::Bad)?;
            Some(list)
        }
    };
    let details = json!({
        "attestations": attestations,
        "requires_python": requires_python,
        "metadata_sha256": metadata.as_ref().map(|m| ContentDigest::of(m.as_bytes()).to_hex()),
        "metadata": metadata,
        "summary": field("summary"),
        "filetype": field("filetype"),
    });
    let upload = Upload {
        ecosystem: Ecosystem::Pypi,
        name: key.1.as_str().to_owned(),
        version: version.to_owned(),
        filename: filename.clone(),
        sha256: sha256.clone(),
        size: form.draft.size(),
        uploaded: now(),
        uploader: caller.principal.name().to_owned(),
        yanked: None,
        details,
    };
    gate.publish(Proposal {
        caller,
        upload,
        draft: form.draft,
    })
    .await?;
    Ok(format!("{filename} is published"))
}

async fn read(gate: &Gate, mut form: Multipart) -> Result<Form, Refusal> {
    let broken = |e: &dyn std::fmt::Display| Refusal::Bad(format!("the form cannot be read: {e}"));
    let mut fields = BTreeMap::new();
    let mut content = None;
    while let Some(mut field) = form.next_field().await.map_err(|e| broken(&e))? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "content" {
            let filename = field.file_name().unwrap_or_default().to_owned();
            content = Some((filename, save(gate, &mut field).await?));
            continue;
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(|e| broken(&e))? {
            if bytes.len() + chunk.len() > FIELD_LIMIT {
                return Err(Refusal::Bad(format!("the form field {name:?} is too long")));
            }
            bytes.extend_from_slice(&chunk);
        }
        // of a field that is repeated (classifiers) the first is enough
        if fields.len() < FIELDS {
            fields
                .entry(name)
                .or_insert_with(|| String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    let Some((filename, (draft, hashed))) = content else {
        return Err(Refusal::Bad("the form has no file `content`".to_owned()));
    };
    if filename.contains(['/', '\\', '\0']) || filename.starts_with('.') {
        return Err(Refusal::Bad(format!("{filename:?} is no file name")));
    }
    let stated: Vec<Digest> = STATED
        .iter()
        .filter_map(|(field, algorithm)| {
            let value = fields.get(*field)?.trim().to_ascii_lowercase();
            (!value.is_empty()).then(|| Digest {
                algorithm: *algorithm,
                value: value.into(),
            })
        })
        .collect();
    let (sha256, own) = hashed;
    let differs = stated.iter().any(|digest| !own.contains(digest));
    let digests = if differs {
        IndexDigest::Mismatch
    } else if stated.iter().any(|digest| digest.algorithm.is_strong()) {
        IndexDigest::Match
    } else {
        IndexDigest::Absent
    };
    Ok(Form {
        fields,
        filename,
        draft,
        sha256,
        digests,
    })
}

async fn save(
    gate: &Gate,
    content: &mut Field<'_>,
) -> Result<(Draft, (ContentDigest, Vec<Digest>)), Refusal> {
    let limit = gate.settings().decide.file_bytes();
    let mut draft = Draft::in_folder(&gate.blobs.drafts())?;
    let mut hashing = Hashing::computing(&STATED.map(|(_, algorithm)| algorithm));
    loop {
        let chunk = content.chunk().await;
        let chunk =
            chunk.map_err(|e| Refusal::Bad(format!("the file did not arrive whole: {e}")))?;
        let Some(chunk) = chunk else { break };
        if draft.size() + chunk.len() as u64 > limit {
            return Err(Refusal::Bad(format!(
                "the file is larger than {limit} bytes"
            )));
        }
        hashing.update(&chunk);
        draft.write(&chunk)?;
    }
    Ok((draft, hashing.computed()))
}
