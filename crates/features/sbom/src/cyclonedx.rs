//! CycloneDX 1.6, with a VEX part from advisories and waivers.
//!
//! <https://cyclonedx.org/docs/1.6/json/>

use foretaste_model::report::ReleaseReport;
use foretaste_model::{DigestAlgorithm, Ecosystem, Finding};
use serde_json::{Map, Value, json};

use crate::{Component, Inventory};

/// The rule whose findings are vulnerabilities.
const VULNERABILITY: &str = "known-vulnerability";
/// The project itself.
const ROOT: &str = "project";

/// Renders an inventory.
pub fn render(inventory: &Inventory) -> Value {
    let refs: Vec<String> = inventory
        .components
        .iter()
        .map(|c| c.release.purl())
        .collect();
    let mut dependencies = vec![json!({
        "ref": ROOT,
        "dependsOn": inventory.direct.iter().map(|i| &refs[*i]).collect::<Vec<_>>(),
    })];
    dependencies.extend(
        inventory
            .components
            .iter()
            .zip(&refs)
            .map(|(component, own)| {
                json!({
                    "ref": own,
                    "dependsOn": component.needs.iter().map(|i| &refs[*i]).collect::<Vec<_>>(),
                })
            }),
    );
    let mut bom = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": format!("urn:uuid:{}", inventory.uuid()),
        "version": 1,
        "metadata": {
            "timestamp": inventory.time.to_string(),
            "tools": {"components": [{
                "type": "application",
                "name": "foretaste",
                "version": env!("CARGO_PKG_VERSION"),
            }]},
            "component": {"type": "application", "bom-ref": ROOT, "name": inventory.name},
        },
        "components": inventory.components.iter().map(component).collect::<Vec<_>>(),
        "dependencies": dependencies,
    });
    let vulnerabilities: Vec<Value> = inventory
        .components
        .iter()
        .filter_map(|c| c.verdict.as_ref())
        .flat_map(vulnerabilities)
        .collect();
    if !vulnerabilities.is_empty() {
        bom["vulnerabilities"] = Value::Array(vulnerabilities);
    }
    bom
}

fn component(component: &Component) -> Value {
    let release = &component.release;
    let purl = release.purl();
    let name = release.name.as_str();
    let (group, name) = match (release.ecosystem, name.split_once(['/', ':'])) {
        (Ecosystem::Npm | Ecosystem::Packagist | Ecosystem::Maven, Some((group, name))) => {
            (Some(group), name)
        }
        _ => (None, name),
    };
    let mut value = Map::new();
    value.insert("type".into(), json!("library"));
    value.insert("bom-ref".into(), json!(purl));
    if let Some(group) = group {
        value.insert("group".into(), json!(group));
    }
    value.insert("name".into(), json!(name));
    value.insert("version".into(), json!(release.version));
    value.insert(
        "scope".into(),
        json!(if component.development {
            "optional"
        } else {
            "required"
        }),
    );
    let hashes: Vec<Value> = component
        .hashes
        .iter()
        .map(|hash| json!({"alg": algorithm(hash.algorithm), "content": hash.value}))
        .collect();
    if !hashes.is_empty() {
        value.insert("hashes".into(), Value::Array(hashes));
    }
    value.insert("purl".into(), json!(purl));
    if let Some(verdict) = &component.verdict {
        let mut properties = vec![
            property("foretaste:verdict", verdict.verdict.id()),
            property("foretaste:score", &format!("{:.3}", verdict.score)),
        ];
        let decided = verdict.findings.iter().find(|f| f.waived.is_none());
        if let Some(finding) = decided {
            properties.push(property("foretaste:because", &finding.message));
        }
        value.insert("properties".into(), Value::Array(properties));
    }
    Value::Object(value)
}

fn property(name: &str, value: &str) -> Value {
    json!({"name": name, "value": value})
}

const fn algorithm(algorithm: DigestAlgorithm) -> &'static str {
    match algorithm {
        DigestAlgorithm::Md5 => "MD5",
        DigestAlgorithm::Sha1 => "SHA-1",
        DigestAlgorithm::Sha256 => "SHA-256",
        DigestAlgorithm::Sha384 => "SHA-384",
        DigestAlgorithm::Sha512 => "SHA-512",
        DigestAlgorithm::Blake2b256 => "BLAKE2b-256",
    }
}

/// Advisories on a release. A waiver says what was decided and why; it does not say that the flaw is not there.
fn vulnerabilities(release: &ReleaseReport) -> impl Iterator<Item = Value> + '_ {
    let own = release.purl.as_deref().unwrap_or_default();
    release
        .findings
        .iter()
        .filter(|f| &*f.rule == VULNERABILITY)
        .map(move |finding| {
            let (id, description) = split(finding);
            let analysis = match &finding.waived {
                Some(reason) => json!({"response": ["will_not_fix"], "detail": reason}),
                None => json!({"state": "in_triage"}),
            };
            let mut value = json!({
                "bom-ref": format!("{id} {own}"),
                "id": id,
                "description": description,
                "analysis": analysis,
                "affects": [{"ref": own}],
            });
            if let Some(remedy) = &finding.remedy {
                value["recommendation"] = json!(remedy);
            }
            value
        })
}

/// `GHSA-…: summary`.
fn split(finding: &Finding) -> (&str, &str) {
    finding
        .message
        .split_once(": ")
        .unwrap_or((&finding.rule, &finding.message))
}
