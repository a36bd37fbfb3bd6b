//! Who published a release, as its provenance says (PEP 740). The index vouches for it; no signature is verified here.

use foretaste_io::{Credentials, HttpClient, Request};
use foretaste_model::metadata::ReleaseMetadata;
use serde_json::Value;
use url::Url;

use super::choose::Release;

/// Bytes of a provenance object.
const MAX_BYTES: u64 = 8 << 20;

/// Names the publisher of the chosen release and of the one before it, so that a change can be seen.
pub(super) async fn name_publishers(
    http: &HttpClient,
    credentials: &Credentials,
    releases: &[Release],
    metadata: &mut ReleaseMetadata,
) {
    let own = metadata.id.version.clone();
    let previous = metadata.previous().map(|entry| entry.version.clone());
    for version in std::iter::once(own).chain(previous) {
        let url = releases
            .iter()
            .filter(|r| r.version.as_str() == &*version)
            .flat_map(|r| &r.files)
            .find_map(|c| c.file.provenance_url.clone());
        let Some(url) = url.filter(|url| matches!(url.scheme(), "http" | "https")) else {
            continue;
        };
        match ask(http, credentials, &url).await {
            Ok(publisher) => {
                let entry = metadata.history.iter_mut().find(|h| h.version == version);
                if let Some(entry) = entry {
                    entry.publisher = publisher.map(Into::into);
                }
            }
            Err(problem) => metadata.problems.push(problem.into()),
        }
    }
}

async fn ask(
    http: &HttpClient,
    credentials: &Credentials,
    url: &Url,
) -> Result<Option<String>, String> {
    let request = Request::get(url.clone())
        .accept("application/vnd.pypi.integrity.v1+json, application/json; q=0.5")
        .auth(credentials.find(url))
        .max_bytes(MAX_BYTES);
    let response = http
        .get(request)
        .await
        .map_err(|error| format!("the provenance cannot be read: {error}"))?;
    Ok(serde_json::from_slice(&response.body)
        .ok()
        .and_then(|value| publisher(&value)))
}

/// `kind` and the fields that identify it: `GitHub o/r release.yml`, `GitLab g/p .gitlab-ci.yml`, `Google a@b`.
fn publisher(provenance: &Value) -> Option<String> {
    let publisher = provenance
        .get("attestation_bundles")?
        .as_array()?
        .first()?
        .get("publisher")?;
    let parts: Vec<&str> = [
        "kind",
        "repository",
        "workflow",
        "workflow_filepath",
        "email",
        "organization",
        "project",
        "pipeline",
    ]
    .iter()
    .filter_map(|key| publisher.get(*key)?.as_str())
    .filter(|text| !text.is_empty())
    .collect();
    (!parts.is_empty()).then(|| parts.join(" ").chars().take(400).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_every_kind_of_publisher() {
        let named = |value: Value| {
            publisher(&json!({"attestation_bundles": [{"publisher": value, "attestations": []}]}))
        };
        for (value, expected) in [
            (
                json!({"kind": "GitHub", "repository": "o/r", "workflow": "release.yml", "environment": ""}),
                Some("GitHub o/r release.yml"),
            ),
            (
                json!({"kind": "GitLab", "repository": "g/p", "workflow_filepath": ".gitlab-ci.yml"}),
                Some("GitLab g/p .gitlab-ci.yml"),
            ),
            (
                json!({"kind": "Google", "email": "a@b.example"}),
                Some("Google a@b.example"),
            ),
            (json!({}), None),
            (json!(7), None),
        ] {
            assert_eq!(named(value).as_deref(), expected);
        }
        assert_eq!(publisher(&json!({"attestation_bundles": []})), None);
    }
}
