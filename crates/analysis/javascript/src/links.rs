//! Chains that no single value proves: the same file written and run, steps that follow one another in one function.

use foretaste_model::Capability;
use foretaste_model::facts::{FlowLink, StepRole, UseKind};
use foretaste_observe::taint::Mark;
use rustc_hash::FxHashSet;

use crate::eval::{Evaluator, FlowRecord, Recorded, Touch, UseRecord};
use crate::strings::{HOLE, StrId, Strings};

/// A file that one step writes and a later one runs.
pub(crate) fn resource_flows(analysis: &Evaluator<'_>) -> Vec<FlowRecord> {
    let recorded: &Recorded = &analysis.recorded;
    let strings = &analysis.ir.strings;
    let mut flows = Vec::new();
    let writes = recorded.files.iter().filter(|f| f.touch == Touch::Write);
    for write in writes.take(64) {
        let runs = recorded.files.iter().filter(|f| f.touch == Touch::Run);
        for run in runs.take(128) {
            if flows.len() >= 32 || !same_file(&write.paths, &run.paths, strings) {
                continue;
            }
            // what was written, if that is known
            let content = recorded.flows.iter().find(|f| {
                f.steps.last().is_some_and(|(_, m)| {
                    m.capability == Capability::FileWrite
                        && (m.range == write.mark.range
                            || ((m.range.0 > write.mark.range.0
                                || encloses(m.range, write.mark.range))
                                && analysis.apis.name_of(m.api).starts_with("fs.WriteStream")))
                })
            });
            let mut steps: Vec<(StepRole, Mark)> = match content {
                Some(flow) => flow.steps.clone(),
                None => Vec::new(),
            };
            if let Some(last) = steps.last_mut() {
                last.0 = StepRole::Transform;
            } else {
                steps.push((StepRole::Source, write.mark));
            }
            steps.push((StepRole::Sink, run.mark));
            flows.push(FlowRecord {
                steps,
                function: run.function,
                link: FlowLink::Resource,
            });
        }
    }
    flows
}

/// True for `response.pipe(createWriteStream(path))`, whose argument is the second.
const fn encloses(outer: (u32, u32), inner: (u32, u32)) -> bool {
    outer.0 <= inner.0 && inner.1 <= outer.1
}

fn same_file(written: &[StrId], run: &[StrId], strings: &Strings<'_>) -> bool {
    written.iter().any(|w| {
        let path = strings.get(*w);
        let known = path.chars().filter(|c| *c != HOLE && *c != '/').count();
        if known < 3 {
            return false;
        }
        let tail = path.trim_start_matches("./");
        run.iter().any(|r| {
            let command = strings.get(*r);
            command.contains(tail)
                && (command.len() == tail.len()
                    || command
                        .split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '&'))
                        .any(|word| word == path || word.trim_start_matches("./") == tail))
        })
    })
}

/// Steps that follow one another in one function, without a proven link: only the most telling pairs.
pub(crate) fn scope_flows(analysis: &Evaluator<'_>) -> Vec<FlowRecord> {
    let recorded = &analysis.recorded;
    let mut proven: FxHashSet<(u32, u32)> = FxHashSet::default();
    for flow in &recorded.flows {
        if let Some((_, sink)) = flow.steps.last() {
            proven.insert(sink.range);
        }
    }
    let mut flows: Vec<FlowRecord> = Vec::new();
    let mut seen = FxHashSet::default();
    let sinks = recorded
        .uses
        .iter()
        .filter(|u| u.kind == UseKind::Call && u.capabilities.iter().any(|c| is_sink(*c)));
    for sink in sinks.take(400) {
        if proven.contains(&sink.range) || flows.len() >= 8 {
            continue;
        }
        let sources = recorded
            .uses
            .iter()
            .filter(|u| u.function == sink.function && u.range.0 < sink.range.0);
        for source in sources.take(2000) {
            if let Some(pair) = telling_pair(analysis, source, sink)
                && seen.insert((sink.function, pair))
            {
                flows.push(FlowRecord {
                    steps: vec![
                        (StepRole::Source, mark(source, pair.0)),
                        (StepRole::Sink, mark(sink, pair.1)),
                    ],
                    function: sink.function,
                    link: FlowLink::Scope,
                });
                break;
            }
        }
    }
    flows
}

fn is_sink(capability: Capability) -> bool {
    capability.is_network_sink()
        || matches!(
            capability,
            Capability::CodeEval | Capability::ProcessShell | Capability::ProcessSpawn
        )
}

fn telling_pair(
    analysis: &Evaluator<'_>,
    source: &UseRecord,
    sink: &UseRecord,
) -> Option<(Capability, Capability)> {
    use Capability as C;
    let from = *source.capabilities.first()?;
    let to = *sink.capabilities.iter().find(|c| is_sink(**c))?;
    let api = analysis.apis.name_of(source.api);
    let wrapped = || {
        analysis.recorded.uses.iter().any(|u| {
            u.function == sink.function
                && source.range.0 <= u.range.0
                && u.range.0 <= sink.range.1
                && u.capabilities
                    .iter()
                    .any(|c| matches!(c, C::EncodeObject | C::EncodeText | C::EncodeCipher))
        })
    };
    let fits = if to.is_network_sink() {
        wrapped()
            && (matches!(
                from,
                C::CredentialStore | C::Keyboard | C::Screen | C::Clipboard
            ) && source.kind != UseKind::Write
                || (from == C::EnvironmentReadAll && source.kind == UseKind::Read)
                || matches!(api, "os.userInfo" | "os.hostname"))
    } else if to == C::CodeEval {
        (from == C::DecodeText && matches!(api, "atob" | "Buffer.from"))
            || matches!(from, C::DecodeCipher | C::DecodeCompressed)
    } else {
        from == C::NetworkDownload
    };
    fits.then_some((from, to))
}

fn mark(used: &UseRecord, capability: Capability) -> Mark {
    Mark {
        capability,
        api: used.api,
        constant: 0,
        range: used.range,
    }
}
