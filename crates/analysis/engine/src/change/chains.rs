//! Chains that the earlier release did not have.

use std::collections::BTreeSet;

use foretaste_model::change::{ChainGain, ChainPurpose};
use foretaste_model::facts::{FIXED_PAYEE, Flow, FlowLink, HIDDEN_COPY, StepRole};
use foretaste_model::{Capability, EvidenceRole, ExecutionContext};

use super::pair::{Pair, class};
use crate::FileView;
use crate::hidden::is_hidden;

/// A chain as one recognises it again: what it is for, through which interfaces.
type Shape = (ChainPurpose, Box<str>, Box<str>);

/// Every new chain with a purpose.
pub(super) fn of(pair: &Pair<'_>) -> Vec<ChainGain> {
    let mut purposes: BTreeSet<(ChainPurpose, u8)> = BTreeSet::new();
    let mut shapes: BTreeSet<(Shape, u8)> = BTreeSet::new();
    for view in pair.old.views() {
        for (gain, shape) in chains(&view, |f| view.context(f)) {
            purposes.insert((gain.purpose, class(gain.context)));
            shapes.insert((shape, class(gain.context)));
        }
    }
    let before = |purpose, context| (0..=class(context)).any(|c| purposes.contains(&(purpose, c)));
    let seen =
        |shape: &Shape, context| (0..=class(context)).any(|c| shapes.contains(&(shape.clone(), c)));
    let mut gains = Vec::new();
    for view in pair.new.views().filter(|v| !pair.is_known(v)) {
        for (mut gain, shape) in chains(&view, |f| pair.context(&view, f)) {
            if !seen(&shape, gain.context) {
                gain.purpose_is_new = !before(gain.purpose, gain.context);
                gains.push(gain);
            }
        }
    }
    gains
}

/// The chains of a file or layer that have a purpose.
fn chains(
    view: &FileView<'_>,
    context: impl Fn(u32) -> ExecutionContext,
) -> Vec<(ChainGain, Shape)> {
    let mut found = Vec::new();
    for chain in view.chains() {
        let flow = chain.flow;
        let Some(purpose) = purpose(flow) else {
            continue;
        };
        let api = |role| {
            let step = flow.steps.iter().find(|s| s.role == role);
            step.map_or_else(Box::default, |s| s.api.clone())
        };
        let gain = ChainGain {
            purpose,
            purpose_is_new: false,
            context: if chain.crosses_files() {
                chain.context()
            } else {
                context(flow.function)
            },
            linked: flow.link != FlowLink::Scope,
            evidence: chain.evidence(|step| step.api.to_string()),
        };
        found.push((gain, (purpose, api(StepRole::Source), api(StepRole::Sink))));
    }
    for layer in view
        .facts
        .layers
        .iter()
        .filter(|l| l.executed && is_hidden(l))
    {
        let purpose = ChainPurpose::DecodeAndRun;
        let gain = ChainGain {
            purpose,
            purpose_is_new: false,
            context: context(0).min(view.context_at(layer.span)),
            linked: true,
            evidence: vec![view.evidence(layer.span, EvidenceRole::Site, "hidden code")],
        };
        found.push((gain, (purpose, layer.steps.join(" ").into(), "".into())));
    }
    for used in &view.facts.uses {
        let (purpose, what) = match &*used.api {
            HIDDEN_COPY => (ChainPurpose::MailsCopied, "an unseen reader"),
            FIXED_PAYEE => (ChainPurpose::MoneyMoved, "who is paid"),
            _ => continue,
        };
        let gain = ChainGain {
            purpose,
            purpose_is_new: false,
            context: context(used.function),
            linked: true,
            evidence: vec![view.use_evidence(used, EvidenceRole::Sink, what)],
        };
        let address = used.constants.first().cloned().unwrap_or_default();
        found.push((gain, (purpose, used.api.clone(), address)));
    }
    found
}

/// What a flow is for, if it is for anything that accuses.
fn purpose(flow: &Flow) -> Option<ChainPurpose> {
    let source = flow.steps.iter().find(|s| s.role == StepRole::Source)?;
    let sink = flow.steps.iter().rev().find(|s| s.role == StepRole::Sink)?;
    let decodes = flow
        .steps
        .iter()
        .any(|s| s.role != StepRole::Sink && s.capability.is_decoder());
    let (from, to) = (source.capability, sink.capability);
    if to.is_network_sink() {
        return match from {
            Capability::EnvironmentReadAll
            | Capability::CredentialStore
            | Capability::CredentialToken
            | Capability::Wallet
            | Capability::SecretParameter
            | Capability::CodeIntercept
            | Capability::Clipboard
            | Capability::Screen
            | Capability::Keyboard
            | Capability::Camera => Some(ChainPurpose::SecretsOut),
            Capability::HostInfo | Capability::UserInfo | Capability::HostLocation => {
                Some(ChainPurpose::HostOut)
            }
            _ => None,
        };
    }
    if from.is_network_source() && to.is_execution() {
        return Some(ChainPurpose::FetchAndRun);
    }
    let evaluates = matches!(to, Capability::CodeEval | Capability::CodeImport);
    (decodes && evaluates).then_some(ChainPurpose::DecodeAndRun)
}
