//! # The package is little more than its payload
//!
//! ## What it finds
//! A package with next to no code, of which that little reports the machine, sends secrets or files, downloads and runs a
//! program, or destroys data. What is in it does not stand beside a feature: it is what the package is for.
//!
//! ## Why it matters
//! The same chain means different things in a program of ten thousand lines and in a package of forty. Every third
//! malicious PyPI family has fewer than a hundred lines in all. Its evidence is independent of the chain's: what is
//! missing around it.
//!
//! ## Example
//! An `__init__.py` of 20 lines that posts the user's and the machine's name, and nothing else.
//!
//! ## What to do
//! Do not install. Nothing is lost with it.
//!
//! ## When it is wrong
//! Small wrappers that fetch one program from its maker's own address stay at `review` by themselves, as long as they say
//! who made them and what for.
use foretaste_engine::prelude::*;
use foretaste_engine::{is_whole_program, weight};
use foretaste_model::facts::ArtifactFacts;

use super::{
    decode_and_execute::DecodeAndExecute,
    destroys_data::DestroysData,
    device_capture_to_network::DeviceCaptureToNetwork,
    download_and_execute::DownloadAndExecute,
    files_to_network::FilesToNetwork,
    hidden_destination::HiddenDestination,
    hidden_shell_command::HiddenShellCommand,
    host_info_to_network::HostInfoToNetwork,
    program_link::{ProgramLink, program_url},
    request_runs_code::RequestRunsCode,
    reverse_shell::ReverseShell,
    secrets_to_network::SecretsToNetwork,
    stolen_stores::StolenStores,
};
use crate::{code, hygiene::unsaid, indicators};

declare_rule! {
    BarePayload,
    id: "bare-payload",
    title: "is little more than a payload",
    group: Chain,
    severity: High,
    confidence: High,
    needs: [Code],
    tags: ["T1195.002", "AV-001"],
    options: [{ "lines", 150.0, "lines", "packages with more lines of code beside their setup.py are more than a payload" }],
    since: "0.1.0",
}

/// What is a payload where nothing stands beside it.
const PAYLOADS: &[AnyRule] = &[
    AnyRule::File(&DecodeAndExecute),
    AnyRule::File(&DestroysData),
    AnyRule::Chain(&DeviceCaptureToNetwork),
    AnyRule::Chain(&DownloadAndExecute),
    AnyRule::Chain(&FilesToNetwork),
    AnyRule::Chain(&HiddenDestination),
    AnyRule::File(&HiddenShellCommand),
    AnyRule::Chain(&HostInfoToNetwork),
    AnyRule::File(&ProgramLink),
    AnyRule::Chain(&RequestRunsCode),
    AnyRule::File(&ReverseShell),
    AnyRule::Chain(&SecretsToNetwork),
    AnyRule::File(&StolenStores),
];

/// Who wraps a program for others says what it is and who wrote it: a package that leaves so much unsaid wraps none.
const NAMELESS: usize = 4;

/// A finding that weighs less is no payload.
const LEAST_WEIGHT: f64 = 0.3;

impl ReleaseRule for BarePayload {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let limit = scene.option(self.meta(), "lines") as u32;
        let small = scene.artifacts.iter().filter(|a| is_bare(a, limit));
        small
            .filter_map(|artifact| judge_artifact(artifact, scene))
            .collect()
    }
}

fn judge_artifact(artifact: &ArtifactFacts, scene: &Scene<'_>) -> Option<Finding> {
    let mut payloads = Vec::new();
    let (mut links, mut places) = (false, false);
    for file in scene.files().filter(|f| std::ptr::eq(f.artifact, artifact)) {
        links |= names_a_drop(&file);
        places |= names_a_place(&file);
        let chains = file.chains();
        let file = std::slice::from_ref(&file);
        // what the policy switches off is no payload either
        for rule in PAYLOADS.iter().filter(|r| scene.is_enabled(r.meta())) {
            payloads.extend(rule.judge(scene, file, &chains));
        }
    }
    let payload = payloads
        .into_iter()
        .filter(|f| weight(f) >= LEAST_WEIGHT && !only_names_stores(f))
        .max_by(|a, b| weight(a).total_cmp(&weight(b)))?;
    let evidence = payload.evidence.first()?.clone();
    let by_itself = payload
        .context
        .is_none_or(|c| c <= ExecutionContext::Import);
    let mut finding = BarePayload.finding(format!(
        "holds little more than code that {}",
        payload.message
    ));
    finding = finding.evidence(evidence);
    if by_itself {
        finding.context = payload.context;
        if matches!(payload.confidence, Confidence::Low | Confidence::Medium) && !places {
            // it talks to whom its user names, and what it sends may be for them
            finding = finding.confidence(Confidence::Medium);
        }
    } else if !links {
        let unsaid = unsaid(scene);
        if unsaid.len() >= NAMELESS {
            finding = finding.evidence(Evidence::statement(unsaid.join(", ")));
        } else {
            // whoever uses such a package runs what is in it; where that leads is not known
            finding = finding.confidence(Confidence::Medium);
        }
    }
    Some(finding)
}

/// True for a finding of stores that nothing sends: a scanner looks into them, too, and tells its user.
fn only_names_stores(finding: &Finding) -> bool {
    *finding.rule == *StolenStores.meta().id.0
        && finding
            .evidence
            .iter()
            .all(|e| e.role != EvidenceRole::Sink)
}

/// True if the address of another machine stands in the code, or may stand there encoded.
fn names_a_place(file: &FileView<'_>) -> bool {
    let literals = &file.facts.literals;
    literals.iter().any(|l| match l.kind {
        LiteralKind::Url | LiteralKind::Host | LiteralKind::IpAddress => {
            indicators::is_far(&l.value)
        }
        LiteralKind::Encoded | LiteralKind::Opaque => true,
        _ => false,
    }) || !file.facts.layers.is_empty()
}

/// True if the code names a program to fetch, or where data is gathered or programs are dropped.
fn names_a_drop(file: &FileView<'_>) -> bool {
    file.facts
        .literals
        .iter()
        .filter(|l| matches!(l.kind, LiteralKind::Url | LiteralKind::Command))
        .any(|l| {
            program_url(&l.value).is_some()
                || indicators::classify(&l.value).is_some_and(|d| d.drops() || d.collects())
        })
}

/// True if there is hardly any code beside `setup.py`, and nothing that is not code either.
fn is_bare(artifact: &ArtifactFacts, limit: u32) -> bool {
    // a minifier leaves one line of a whole program
    if artifact.files.iter().any(|f| is_whole_program(&f.facts)) {
        return false;
    }
    let most = code::Beside {
        data: 200_000,
        unknown: 20_000,
    };
    let lines = code::lines(artifact, most, |file| &*file.path == "setup.py");
    lines.is_some_and(|lines| lines <= limit)
}
