//! # A chain is new that attacks are made of
//!
//! ## What it finds
//! Secrets or facts about the machine that reach the network, something fetched or decoded that is executed, or mails that
//! are copied to somebody unseen, where the release before it had no such chain.
//!
//! ## Why it matters
//! The chain alone says what the code does; that it is new says that somebody just added it. Together they tell a hijacked
//! release from a package that always updated itself: ultralytics (PyPI, 2024), nx (npm, 2025), LiteLLM (PyPI, 2026).
//!
//! ## Example
//! 1.82.6 has no chain; in 1.82.7 importing the package sends `os.environ` to a server.
//!
//! ## What to do
//! Do not install the release before somebody has explained the new code.
//!
//! ## When it is wrong
//! New features that update or report, started by the user; they run only when called and weigh little.
use foretaste_engine::prelude::*;

use foretaste_model::CapabilityGroup;
use foretaste_model::change::ChainPurpose;

declare_rule! {
    NewChain,
    id: "new-chain",
    title: "does something new that attacks are made of",
    group: Change,
    severity: High,
    confidence: High,
    needs: [Change],
    tags: ["T1195.002", "T1041", "T1105"],
    since: "0.1.0",
}

impl ReleaseRule for NewChain {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(change) = scene.change.known() else {
            return Vec::new();
        };
        // a package that never talked to anybody
        let was_silent = change.capabilities.iter().any(|gain| {
            gain.capability.group() == CapabilityGroup::Network
                && gain.group_is_new
                && gain.before.is_none()
        });
        let mut findings: Vec<Finding> = change
            .chains
            .iter()
            .map(|chain| {
                let early = chain.context <= ExecutionContext::Import;
                let (severity, confidence) = match (early, chain.linked, chain.purpose_is_new) {
                    // a program that sends mails needs no second reader, nor one that pays a receiver of its own; whoever gains
                    // one was given it
                    (_, _, true)
                        if matches!(
                            chain.purpose,
                            ChainPurpose::MailsCopied | ChainPurpose::MoneyMoved
                        ) =>
                    {
                        (Severity::High, Confidence::High)
                    }
                    (true, true, true) if chain.purpose == ChainPurpose::HostOut => {
                        (Severity::High, Confidence::Medium)
                    }
                    (true, true, true) => (Severity::High, Confidence::High),
                    (false, true, true) if was_silent => (Severity::Medium, Confidence::High),
                    (true, true, false) | (false, true, true) => {
                        (Severity::Medium, Confidence::Medium)
                    }
                    (true, false, true) if chain.purpose == ChainPurpose::FetchAndRun => {
                        (Severity::Medium, Confidence::Medium)
                    }
                    (true, false, true) => (Severity::Medium, Confidence::Low),
                    _ => (Severity::Low, Confidence::Low),
                };
                let mut finding = self
                    .finding(format!(
                        "{} {}, which {} did not",
                        chain.purpose.phrase(),
                        chain.context.phrase(),
                        change.from
                    ))
                    .severity(severity)
                    .confidence(confidence)
                    .context(chain.context);
                finding.evidence.clone_from(&chain.evidence);
                finding
            })
            .collect();
        findings.truncate(5);
        findings
    }
}
