//! The rules over behaviour, one file each; each file's documentation is the rule's page.

mod canary_left;
mod credential_read;
mod dns_tunnel;
mod dropped_program;
mod egress_denied;
mod encoded_command;
mod foreign_runtime;
mod long_sleep;
mod machine_probe;
mod memory_program;
mod metadata_service;
mod miner;
mod network_shell;
mod network_tool;
mod persistence;
mod privilege;
mod process_memory;
mod publish;
mod secret_scanner;
mod start_file;

use foretaste_model::{Confidence, RuleGroup, RuleId, RuleMeta, Severity, Verdict};

use crate::event::{Event, Process};
use crate::finding::BehaviourFinding;
use crate::record::Record;

/// What rules use.
mod prelude {

    pub(super) use foretaste_model::Verdict;

    pub(super) use super::{At, Rule, rule};
    pub(super) use crate::event::{Access, Action, CanaryPlace};
    pub(super) use crate::words;
}

/// Details of one finding that are kept.
const MAX_DETAILS: usize = 50;

/// One event with what led to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'a> {
    pub(crate) record: &'a Record,
    pub(crate) event: &'a Event,
    index: usize,
}

impl<'a> At<'a> {
    /// The process that did it.
    pub(crate) fn process(&self) -> Option<&'a Process> {
        self.record.process(self.event)
    }

    /// The process that was started, if that is the event.
    pub(crate) fn started(&self) -> Option<&'a Process> {
        (self.event.action == crate::event::Action::Exec)
            .then(|| self.process())
            .flatten()
    }

    /// The events before, newest first, as far as they can matter.
    pub(crate) fn before(&self) -> impl Iterator<Item = &'a Event> + use<'a> {
        self.record
            .events
            .get(..self.index)
            .unwrap_or(&[])
            .iter()
            .rev()
            .take(256)
    }
}

/// A rule looks at each event.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its declaration. Its title completes "the command ...".
    pub meta: RuleMeta,
    /// What to do about a finding.
    pub verdict: Verdict,
    /// The detail that a report shows, if it finds something.
    test: fn(At<'_>) -> Option<String>,
}

/// A rule over behaviour: what was seen happening is as certain as the verdict is heavy.
const fn rule(
    id: &'static str,
    title: &'static str,
    verdict: Verdict,
    tags: &'static [&'static str],
    test: fn(At<'_>) -> Option<String>,
) -> Rule {
    let (severity, confidence) = match verdict {
        Verdict::Block => (Severity::Critical, Confidence::High),
        Verdict::Review => (Severity::Medium, Confidence::High),
        _ => (Severity::Low, Confidence::Medium),
    };
    let meta = RuleMeta {
        id: RuleId(id),
        title,
        group: RuleGroup::Behaviour,
        severity,
        confidence,
        needs: &[],
        tags,
        options: &[],
        since: "0.1.0",
    };
    Rule {
        meta,
        verdict,
        test,
    }
}

/// The declaration of a rule, by its id.
pub fn declared(id: &str) -> Option<&'static RuleMeta> {
    let mut metas = RULES.iter().map(|rule| &rule.meta);
    metas.find(|meta| meta.id.0 == id)
}

/// The page of a rule, in Markdown: its file's own documentation.
pub fn page(id: &str) -> Option<&'static str> {
    PAGES
        .iter()
        .find(|(page, _)| *page == id)
        .map(|(_, text)| *text)
}

include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// Every rule.
pub const RULES: &[Rule] = &[
    canary_left::RULE,
    credential_read::RULE,
    dns_tunnel::RULE,
    dropped_program::RULE,
    egress_denied::RULE,
    encoded_command::RULE,
    foreign_runtime::RULE,
    long_sleep::RULE,
    machine_probe::RULE,
    memory_program::RULE,
    metadata_service::RULE,
    miner::RULE,
    network_shell::RULE,
    network_tool::RULE,
    persistence::RULE,
    privilege::RULE,
    process_memory::RULE,
    publish::RULE,
    secret_scanner::RULE,
    start_file::RULE,
];

/// Judges a record. Findings come heaviest first.
pub fn judge(record: &Record) -> Vec<BehaviourFinding> {
    let mut findings: Vec<BehaviourFinding> = RULES
        .iter()
        .filter_map(|rule| found(rule, record))
        .collect();
    findings.sort_by_key(|finding| (std::cmp::Reverse(finding.verdict), finding.rule));
    findings
}

fn found(rule: &Rule, record: &Record) -> Option<BehaviourFinding> {
    let (mut details, mut events) = (Vec::new(), Vec::new());
    for (index, event) in record.events.iter().enumerate() {
        let at = At {
            record,
            event,
            index,
        };
        if let Some(detail) = (rule.test)(at) {
            if !details.contains(&detail) && details.len() < MAX_DETAILS {
                details.push(detail);
            }
            events.push(index);
        }
    }
    (!events.is_empty()).then_some(BehaviourFinding {
        rule: rule.meta.id.0,
        verdict: rule.verdict,
        title: rule.meta.title,
        details,
        events,
    })
}
