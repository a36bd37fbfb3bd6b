//! CycloneDX 1.6, with a VEX part from advisories and waivers.
//!
//! <https://cyclonedx.org/docs/1.6/json/>

use foretaste_model::report::{KNOWN_VULNERABILITY, ReleaseReport};
use foretaste_model::{DigestAlgorithm, Ecosystem, Finding, Usage, UsageState};
use serde_json::{Map, Value, json};

use crate::{Component, Inventory};

/// The project itself.
const ROOT: &str = "project";

/// Renders an inventory. `trust_imports` says of flaws in what no import leads to that the project is not affected.
pub fn render(inventory: &Inventory, trust_imports: bool) -> Value {
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
        .flat_map(|verdict| vulnerabilities(verdict, trust_imports))
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
fn vulnerabilities(
    release: &ReleaseReport,
    trust_imports: bool,
) -> impl Iterator<Item = Value> + '_ {
    let own = release.purl.as_deref().unwrap_or_default();
    release
        .findings
        .iter()
        .filter(|f| &*f.rule == KNOWN_VULNERABILITY)
        .map(move |finding| {
            let (id, description) = split(finding);
            let analysis = analysis(finding, release.usage.as_ref(), trust_imports);
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

/// What is known of a flaw. Imports are a hint; whoever asked for it takes their silence for an answer.
fn analysis(finding: &Finding, usage: Option<&Usage>, trust_imports: bool) -> Value {
    let told = usage.map(Usage::words);
    if let Some(reason) = &finding.waived {
        let detail = told.map_or_else(|| reason.to_string(), |told| format!("{reason} ({told})"));
        return json!({"response": ["will_not_fix"], "detail": detail});
    }
    let unused = usage.is_some_and(|u| u.state == UsageState::NotImported);
    let mut analysis = if unused && trust_imports {
        json!({"state": "not_affected", "justification": "code_not_reachable"})
    } else {
        json!({"state": "in_triage"})
    };
    if let Some(told) = told {
        analysis["detail"] = json!(told);
    }
    analysis
}

/// `GHSA-…: summary`.
fn split(finding: &Finding) -> (&str, &str) {
    finding
        .message
        .split_once(": ")
        .unwrap_or((&finding.rule, &finding.message))
}
