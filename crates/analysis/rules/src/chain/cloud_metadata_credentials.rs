//! # It asks the cloud for the credentials of the machine
//!
//! ## What it finds
//! The address of a cloud's metadata service together with the path of its credentials (AWS, Google Cloud, Azure, Alibaba;
//! containers and instances), in code that runs at install or import time; or, whenever it runs, in code that also names
//! another destination and sends.
//!
//! ## Why it matters
//! Whoever can ask the metadata service holds the rights of the machine, with no file or variable to steal. The Shai-Hulud
//! worm (npm, September 2025) and the releases of `ultralytics` and `LiteLLM` that carried stealers looked there as well.
//!
//! ## Example
//! ```python
//! role = urlopen("http://169.254.169.254/latest/meta-data/iam/security-credentials/").read()
//! ```
//!
//! ## What to do
//! Do not install. If it was installed in a cloud, revoke the sessions of the machine's role and look for their use elsewhere.
//!
//! ## When it is wrong
//! Libraries of clouds ask the service when a client is made; they send what they get to that cloud alone.
use foretaste_engine::prelude::*;

use crate::{code, indicators};

declare_rule! {
    CloudMetadataCredentials,
    id: "cloud-metadata-credentials",
    title: "asks the cloud for the machine's credentials",
    group: Chain,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1552.005"],
    since: "0.1.0",
}

/// Where clouds answer machines; lower case.
const SERVICES: &[&str] = &[
    "169.254.169.254",
    "169.254.170.2",
    "[fd00:ec2::254]",
    "metadata.google.internal",
    "100.100.100.200",
];
/// What of their answers gives rights; lower case.
const CREDENTIALS: &[&str] = &[
    "iam/security-credentials",
    "/v2/credentials",
    "service-accounts/",
    "identity/oauth2/token",
    "ram/security-credentials",
];

impl FileRule for CloudMetadataCredentials {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let facts = file.facts;
        if !facts.language.is_program_text() {
            return Vec::new();
        }
        let texts = || {
            let literals = facts.literals.iter().map(|l| &*l.value);
            literals.chain(
                facts
                    .uses
                    .iter()
                    .flat_map(|u| u.constants.iter().map(|c| &**c)),
            )
        };
        let names = |any: &[&str]| {
            texts().any(|text| {
                let text = text.to_lowercase();
                any.iter().any(|part| text.contains(part))
            })
        };
        if !(names(SERVICES) && names(CREDENTIALS)) {
            return Vec::new();
        }
        let talks = || {
            let uses = facts.uses.iter();
            uses.filter(|u| code::talks(u) || code::spawns(u))
        };
        let Some(first) = talks().min_by_key(|u| file.context(u.function)) else {
            return Vec::new();
        };
        let context = file.context(first.function);
        // the request that names the service is the one to show
        let names_service = |used: &Use| {
            let mut constants = used.constants.iter().map(|c| c.to_lowercase());
            constants.any(|c| SERVICES.iter().any(|service| c.contains(service)))
        };
        let asks = talks().find(|u| names_service(u)).unwrap_or(first);
        // a client of that cloud has no address of anybody else
        let elsewhere = facts
            .uses
            .iter()
            .find(|u| code::talks(u) && u.constants.iter().any(|c| is_elsewhere(c)));
        let confidence = match elsewhere {
            _ if context <= ExecutionContext::Start => Confidence::High,
            Some(_) if context <= ExecutionContext::Import => Confidence::High,
            None if context <= ExecutionContext::Import => Confidence::Medium,
            Some(_) if context <= ExecutionContext::Called => Confidence::Medium,
            _ => return Vec::new(),
        };
        let mut finding = self
            .finding(format!(
                "asks the cloud for the machine's credentials {}",
                context.phrase()
            ))
            .confidence(confidence)
            .context(context)
            .evidence(file.use_evidence(asks, EvidenceRole::Source, &*asks.api));
        if let Some(sends) = elsewhere.filter(|u| u.span != asks.span) {
            finding = finding.evidence(file.use_evidence(sends, EvidenceRole::Sink, &*sends.api));
        }
        vec![finding]
    }
}

/// True for a constant address that is neither the service itself nor a cloud's own, nor only a placeholder's.
fn is_elsewhere(address: &str) -> bool {
    const OF_CLOUDS: &[&str] = &[
        "amazonaws.com",
        "googleapis.com",
        "google.internal",
        "google.com",
        "azure.com",
        "windows.net",
        "microsoftonline.com",
        "aliyuncs.com",
        "localhost",
        "127.0.0.1",
    ];
    indicators::host_of(address).is_some_and(|host| {
        host.contains('.')
            && !SERVICES.contains(&&*host)
            && !OF_CLOUDS.iter().any(|own| indicators::is_below(&host, own))
    })
}
