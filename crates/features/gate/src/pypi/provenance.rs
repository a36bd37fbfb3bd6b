//! Provenance (PEP 740): passed through from the upstream, kept from uploads, and in both cases of the file that it is said to
//! be of, signed with the certificate that comes with it, which is of a trusted authority if some are configured.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use base64::Engine as _;
use foretaste_model::Ecosystem;
use foretaste_model::target::is_valid_name;
use serde_json::{Value, json};

use super::project::{Provenance, project};
use super::roots::Roots;
use super::signature::Signed;
use crate::database::EventKind;
use crate::gate::{Gate, key};
use crate::pages::NoPage;
use crate::web::{self, Caller};

/// Bytes of a provenance object.
const LIMIT: u64 = 8 << 20;
const MEDIA_TYPE: &str = "application/vnd.pypi.integrity.v1+json";
const STATEMENT: &str = "https://in-toto.io/Statement/v1";

/// `/provenance/<name>/<filename>`
pub(super) async fn get(
    State(gate): State<Arc<Gate>>,
    _caller: Caller,
    Path((name, filename)): Path<(String, String)>,
) -> Result<Response, Response> {
    let absent = |reason: &str| web::text(StatusCode::NOT_FOUND, reason);
    if !is_valid_name(Ecosystem::Pypi, &name) {
        return Err(absent("this is no name of a Python package"));
    }
    let key = key(Ecosystem::Pypi, &name);
    let (project, record) = project(&gate, &key).await.map_err(|no| match no {
        NoPage::Absent => absent("no such package is known here"),
        NoPage::Trouble(reason) => web::trouble(&reason),
    })?;
    let file = project
        .file(&filename)
        .ok_or_else(|| absent("there is no such file"))?;
    let body = match &file.provenance {
        Provenance::None => return Err(absent("the file has no provenance")),
        Provenance::Here(text) => text.clone().into_bytes(),
        Provenance::Upstream(url) => {
            let request = gate.upstreams.request(url.clone()).max_bytes(LIMIT);
            let asked = gate.http.get(request.accept(MEDIA_TYPE)).await;
            let answer = asked.map_err(|error| {
                if error.is_not_found() {
                    absent("its upstream has no provenance of the file")
                } else {
                    web::outage(&error)
                }
            });
            answer?.body
        }
    };
    let candidate = &file.candidate;
    // an index may name none: then it is known once the file was fetched
    let sha256 = candidate
        .sha256(&record)
        .ok_or_else(|| web::trouble("the file was not fetched yet"))?;
    let roots = gate.roots.as_ref();
    if let Err(reason) = check(&body, &filename, sha256, roots) {
        gate.metrics.mismatch();
        let release = Some(&candidate.release);
        let what = "provenance that does not hold";
        gate.log(EventKind::Alert, release, what, &reason, "").await;
        return Err(web::text(StatusCode::FORBIDDEN, &reason));
    }
    let mut response = Response::new(Body::from(body));
    let media_type = HeaderValue::from_static(MEDIA_TYPE);
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    Ok(response)
}

/// The provenance object of attestations that came with an upload.
pub(super) fn of_upload(attestations: &Value, uploader: &str) -> String {
    json!({
        "version": 1,
        "attestation_bundles": [{
            "publisher": {"kind": "Foretaste gate token", "name": uploader},
            "attestations": attestations,
        }],
    })
    .to_string()
}

/// Whether a provenance object is well-formed and of a file.
///
/// # Errors
/// What is wrong with it.
fn check(bytes: &[u8], filename: &str, sha256: &str, roots: Option<&Roots>) -> Result<(), String> {
    let object: Value = serde_json::from_slice(bytes)
        .map_err(|e| format!("the provenance of {filename} cannot be read: {e}"))?;
    let bundles = object["attestation_bundles"].as_array();
    let Some(bundles) = bundles.filter(|_| object["version"] == 1) else {
        return Err(format!(
            "the provenance of {filename} is of no known version"
        ));
    };
    for bundle in bundles {
        check_attestations(&bundle["attestations"], filename, sha256, roots)?;
    }
    Ok(())
}

/// Whether attestations are well-formed and of a file.
///
/// # Errors
/// What is wrong with them.
pub(super) fn check_attestations(
    list: &Value,
    filename: &str,
    sha256: &str,
    roots: Option<&Roots>,
) -> Result<(), String> {
    let list = list
        .as_array()
        .ok_or_else(|| format!("the attestations of {filename} are no list"))?;
    for attestation in list {
        let wrong = |what: &str| format!("an attestation of {filename} {what}");
        if attestation["version"] != 1 {
            return Err(wrong("is of no known version"));
        }
        let material = &attestation["verification_material"];
        let envelope = &attestation["envelope"];
        let certificate = decode(&material["certificate"]);
        let signature = decode(&envelope["signature"]);
        let Some((certificate, signature)) = certificate.zip(signature) else {
            return Err(wrong("has no certificate or no signature"));
        };
        let entries = material["transparency_entries"].as_array();
        let entries = entries.map_or(&[][..], Vec::as_slice);
        if entries.is_empty() {
            return Err(wrong("stands in no transparency log"));
        }
        let signed = decode(&envelope["statement"]).ok_or_else(|| wrong("has no statement"))?;
        let statement: Value =
            serde_json::from_slice(&signed).map_err(|_| wrong("has no statement"))?;
        if statement["_type"] != STATEMENT {
            return Err(wrong("is no in-toto statement"));
        }
        let subjects = statement["subject"].as_array();
        let [subject] = subjects.map_or(&[][..], Vec::as_slice) else {
            return Err(wrong("is not of one file"));
        };
        if subject["name"] != filename || subject["digest"]["sha256"] != sha256 {
            return Err(wrong("is of another file"));
        }
        let parts = Signed {
            certificate: &certificate,
            statement: &signed,
            signature: &signature,
        };
        parts.verify(roots, entries).map_err(wrong)?;
    }
    Ok(())
}

fn decode(value: &Value) -> Option<Vec<u8>> {
    let text = value.as_str().filter(|text| !text.is_empty())?;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::super::signature::tests::Signer;
    use super::*;

    fn attestation(name: &str, sha256: &str) -> Value {
        let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
        let signer = Signer::new();
        let statement = json!({
            "_type": STATEMENT,
            "subject": [{"name": name, "digest": {"sha256": sha256}}],
            "predicateType": "https://attestations.example/publish/v1",
            "predicate": null,
        });
        let statement = statement.to_string();
        let signature = signer.sign(statement.as_bytes());
        json!({
            "version": 1,
            "verification_material": {
                "certificate": encode(&signer.certificate),
                "transparency_entries": [{"logIndex": "1"}],
            },
            "envelope": {"statement": encode(statement.as_bytes()), "signature": encode(&signature)},
        })
    }

    #[test]
    fn attestations_must_be_of_the_file() {
        let good = attestation("a-1.whl", "ab");
        let mut resigned = good.clone();
        resigned["verification_material"] =
            attestation("a-1.whl", "ab")["verification_material"].clone();
        let told = |list: Value| check_attestations(&list, "a-1.whl", "ab", None);
        assert_eq!(told(json!([good])), Ok(()));
        assert_eq!(told(json!([])), Ok(()));
        for (other, what) in [
            (attestation("b-1.whl", "ab"), "another file"),
            (attestation("a-1.whl", "cd"), "another file"),
            (json!({"version": 2}), "no known version"),
            (json!({"version": 1}), "no certificate"),
            (resigned, "not signed by its certificate"),
        ] {
            let error = told(json!([good, other])).expect_err("it is wrong");
            assert!(error.contains(what), "{error}");
        }
        let object = of_upload(&json!([good]), "ci");
        assert_eq!(check(object.as_bytes(), "a-1.whl", "ab", None), Ok(()));
        assert!(check(b"{}", "a-1.whl", "ab", None).is_err());
    }
}
