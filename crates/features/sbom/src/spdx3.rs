//! SPDX 3.0.1 as JSON-LD, with the profiles core and software.
//!
//! <https://spdx.github.io/spdx-spec/v3.0.1/>

use std::collections::BTreeSet;

use foretaste_model::{Digest, DigestAlgorithm};
use serde_json::{Value, json};

use crate::{Component, Inventory};

const CREATION: &str = "_:creation";

/// Renders an inventory.
pub fn render(inventory: &Inventory) -> Value {
    let document = Document {
        base: inventory.namespace(),
        inventory,
    };
    json!({
        "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
        "@graph": document.elements(),
    })
}

struct Document<'a> {
    base: String,
    inventory: &'a Inventory,
}

impl Document<'_> {
    fn elements(&self) -> Vec<Value> {
        let tool = self.id("tool");
        let creation = json!({
            "type": "CreationInfo",
            "@id": CREATION,
            "specVersion": "3.0.1",
            "created": self.inventory.seconds(),
            "createdBy": [tool],
        });
        let agent = self.element(
            "SoftwareAgent",
            "tool",
            json!({"name": format!("foretaste-{}", env!("CARGO_PKG_VERSION"))}),
        );
        let project = self.element(
            "software_Package",
            "project",
            json!({
                "name": self.inventory.name,
                "software_primaryPurpose": "application",
            }),
        );
        let mut listed = vec![project];
        let components = &self.inventory.components;
        listed.extend(
            components
                .iter()
                .enumerate()
                .map(|(n, c)| self.package(n, c)),
        );
        listed.extend(self.relations());
        listed.extend(
            components
                .iter()
                .enumerate()
                .filter_map(|(n, c)| self.review(n, c)),
        );
        let ids: Vec<Value> = listed.iter().map(|e| e["spdxId"].clone()).collect();
        let bill = self.element(
            "software_Sbom",
            "bill",
            json!({
                "rootElement": [self.id("project")],
                "element": ids,
                "software_sbomType": ["analyzed"],
            }),
        );
        let document = self.element(
            "SpdxDocument",
            "document",
            json!({
                "name": self.inventory.name,
                "profileConformance": ["core", "software"],
                "rootElement": [self.id("bill")],
            }),
        );
        [creation, agent, document, bill]
            .into_iter()
            .chain(listed)
            .collect()
    }

    fn id(&self, part: &str) -> String {
        format!("{}#{part}", self.base)
    }

    /// An element: what all of them have, and its own fields.
    fn element(&self, kind: &str, part: &str, mut own: Value) -> Value {
        own["type"] = kind.into();
        own["spdxId"] = self.id(part).into();
        own["creationInfo"] = CREATION.into();
        own
    }

    fn package(&self, index: usize, component: &Component) -> Value {
        let release = &component.release;
        let mut own = json!({
            "name": release.name.as_str(),
            "software_packageVersion": release.version,
            "software_packageUrl": release.purl(),
            "software_primaryPurpose": "library",
        });
        if !component.hashes.is_empty() {
            own["verifiedUsing"] = component.hashes.iter().map(hash).collect();
        }
        self.element("software_Package", &part(index), own)
    }

    fn relations(&self) -> Vec<Value> {
        let components = &self.inventory.components;
        let own = |development: bool| -> BTreeSet<usize> {
            let direct = self.inventory.direct.iter().copied();
            direct
                .filter(|n| {
                    components
                        .get(*n)
                        .is_some_and(|c| c.development == development)
                })
                .collect()
        };
        let mut relations = Vec::new();
        for (scope, needs) in [("runtime", own(false)), ("development", own(true))] {
            let name = format!("project-{scope}");
            relations.extend(self.depends(&name, &self.id("project"), Some(scope), &needs));
        }
        for (index, component) in components.iter().enumerate() {
            let name = part(index);
            relations.extend(self.depends(&name, &self.id(&name), None, &component.needs));
        }
        relations
    }

    fn depends(
        &self,
        name: &str,
        from: &str,
        scope: Option<&str>,
        needs: &BTreeSet<usize>,
    ) -> Option<Value> {
        if needs.is_empty() {
            return None;
        }
        let to: Vec<String> = needs.iter().map(|n| self.id(&part(*n))).collect();
        let mut own = json!({"from": from, "relationshipType": "dependsOn", "to": to});
        let kind = if let Some(scope) = scope {
            own["scope"] = scope.into();
            "LifecycleScopedRelationship"
        } else {
            "Relationship"
        };
        Some(self.element(kind, &format!("needs-{name}"), own))
    }

    /// What an audit said of a package.
    fn review(&self, index: usize, component: &Component) -> Option<Value> {
        let own = json!({
            "annotationType": "review",
            "subject": self.id(&part(index)),
            "statement": component.statement()?,
        });
        Some(self.element("Annotation", &format!("review-{}", part(index)), own))
    }
}

fn part(index: usize) -> String {
    format!("package-{}", index + 1)
}

fn hash(digest: &Digest) -> Value {
    let algorithm = match digest.algorithm {
        DigestAlgorithm::Blake2b256 => "blake2b256",
        other => other.id(),
    };
    json!({"type": "Hash", "algorithm": algorithm, "hashValue": digest.value})
}
