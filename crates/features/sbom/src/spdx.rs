//! SPDX 2.3 as JSON.
//!
//! <https://spdx.github.io/spdx-spec/v2.3/>

use foretaste_model::DigestAlgorithm;
use serde_json::{Value, json};

use crate::{Component, Inventory};

const DOCUMENT: &str = "SPDXRef-DOCUMENT";
const ROOT: &str = "SPDXRef-Project";

/// Renders an inventory.
pub fn render(inventory: &Inventory) -> Value {
    let mut packages = vec![json!({
        "SPDXID": ROOT,
        "name": inventory.name,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": false,
        "primaryPackagePurpose": "APPLICATION",
    })];
    let mut relationships = vec![relation(DOCUMENT, "DESCRIBES", ROOT)];
    for (index, component) in inventory.components.iter().enumerate() {
        packages.push(package(index, component, inventory));
        let own = id(index);
        if inventory.direct.contains(&index) {
            relationships.push(if component.development {
                relation(&own, "DEV_DEPENDENCY_OF", ROOT)
            } else {
                relation(ROOT, "DEPENDS_ON", &own)
            });
        }
        let needs = component.needs.iter();
        relationships.extend(needs.map(|needed| relation(&own, "DEPENDS_ON", &id(*needed))));
    }
    json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": DOCUMENT,
        "name": inventory.name,
        "documentNamespace": inventory.namespace(),
        "creationInfo": {
            "created": inventory.seconds(),
            "creators": [format!("Tool: foretaste-{}", env!("CARGO_PKG_VERSION"))],
        },
        "packages": packages,
        "relationships": relationships,
    })
}

fn id(index: usize) -> String {
    format!("SPDXRef-Package-{}", index + 1)
}

fn relation(from: &str, kind: &str, to: &str) -> Value {
    json!({"spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to})
}

fn package(index: usize, component: &Component, inventory: &Inventory) -> Value {
    let release = &component.release;
    let checksums: Vec<Value> = component
        .hashes
        .iter()
        .map(|hash| json!({"algorithm": algorithm(hash.algorithm), "checksumValue": hash.value}))
        .collect();
    let mut value = json!({
        "SPDXID": id(index),
        "name": release.name.as_str(),
        "versionInfo": release.version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": false,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "externalRefs": [{
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": release.purl(),
        }],
    });
    if !checksums.is_empty() {
        value["checksums"] = Value::Array(checksums);
    }
    if let Some(statement) = component.statement() {
        value["annotations"] = json!([{
            "annotationDate": inventory.seconds(),
            "annotationType": "REVIEW",
            "annotator": format!("Tool: foretaste-{}", env!("CARGO_PKG_VERSION")),
            "comment": statement,
        }]);
    }
    value
}

const fn algorithm(algorithm: DigestAlgorithm) -> &'static str {
    match algorithm {
        DigestAlgorithm::Md5 => "MD5",
        DigestAlgorithm::Sha1 => "SHA1",
        DigestAlgorithm::Sha256 => "SHA256",
        DigestAlgorithm::Sha384 => "SHA384",
        DigestAlgorithm::Sha512 => "SHA512",
        DigestAlgorithm::Blake2b256 => "BLAKE2b-256",
    }
}
