//! # It acts only on build machines
//!
//! ## What it finds
//! Code that runs at install or import time, asks whether it runs in CI (`GITHUB_ACTIONS`, `GITLAB_CI`, `CIRCLECI`, ...), and
//! reaches the network or starts programs.
//!
//! ## Why it matters
//! Build machines hold the tokens that publish, and nobody watches them; worms wait for them and stay quiet elsewhere.
//!
//! ## Example
//! `if (process.env.GITHUB_ACTIONS) send(process.env)`
//!
//! ## What to do
//! Look at what it does there.
//!
//! ## When it is wrong
//! Install scripts ask for `CI` to be less talkative. Alone it is a note.
use foretaste_engine::prelude::*;

use crate::code;

declare_rule! {
    CiOnlyTrigger,
    id: "ci-only-trigger",
    title: "acts only on build machines",
    group: Chain,
    severity: Medium,
    confidence: Medium,
    needs: [Code],
    tags: ["T1480", "T1497"],
    since: "0.1.0",
}

const MACHINES: &[&str] = &[
    "GITHUB_ACTIONS",
    "GITHUB_RUN_ID",
    "GITHUB_REPOSITORY",
    "GITLAB_CI",
    "CI_JOB_TOKEN",
    "CIRCLECI",
    "TRAVIS",
    "JENKINS_URL",
    "BUILDKITE",
    "CODEBUILD_BUILD_ID",
    "TF_BUILD",
    "BITBUCKET_BUILD_NUMBER",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_RUNTIME_TOKEN",
    "RUNNER_TEMP",
    "DRONE",
];

impl FileRule for CiOnlyTrigger {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let facts = file.facts;
        let early = |u: &&Use| file.context(u.function) <= ExecutionContext::Import;
        let asks = facts.uses.iter().filter(early).find(|u| {
            u.capability == Capability::EnvironmentRead
                && u.constants.iter().any(|c| MACHINES.contains(&&**c))
        });
        let acts = facts
            .uses
            .iter()
            .filter(early)
            .find(|u| code::talks(u) || code::spawns(u));
        let (Some(asks), Some(acts)) = (asks, acts) else {
            return Vec::new();
        };
        let context = file.context(acts.function).max(file.context(asks.function));
        let oidc = asks.constants.iter().any(|c| c.starts_with("ACTIONS_"));
        let mut finding = self
            .finding(format!(
                "asks for a build machine before it acts {}",
                context.phrase()
            ))
            .context(context)
            .evidence(file.use_evidence(asks, EvidenceRole::Source, &*asks.api))
            .evidence(file.use_evidence(acts, EvidenceRole::Sink, &*acts.api));
        if oidc {
            // the tokens with which a job proves who it is have no other use here
            finding = finding.severity(Severity::High);
        }
        vec![finding]
    }
}
