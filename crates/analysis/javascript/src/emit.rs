//! From the analysis to facts.

use foretaste_model::facts::{Callee, Flow, FunctionKind, Piece, PieceEnd, PieceStart, StepRole};
use foretaste_observe::taint::Mark;
use foretaste_observe::{FactsBuilder, UseSite};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::eval::{Evaluator, FlowRecord, From, PieceRecord, To, UseRecord};
use crate::ir::Op;
use crate::links;
use crate::strings::HOLE;

/// Text that is worth observing as code of its own.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) steps: Vec<Box<str>>,
    pub(crate) text: String,
    pub(crate) range: (u32, u32),
    pub(crate) executed: bool,
}

/// Writes the facts of one file; returns the texts that are code.
pub(crate) fn emit(analysis: &Evaluator<'_>, builder: &mut FactsBuilder<'_>) -> Vec<Found> {
    let functions = functions(analysis, builder);
    imports(analysis, builder, &functions);
    uses(analysis, builder, &functions);
    literals(analysis, builder, &functions);
    let linked = links::resource_flows(analysis);
    for flow in analysis.recorded.flows.iter().chain(&linked) {
        emit_flow(analysis, builder, flow, &functions);
    }
    let scoped = links::scope_flows(analysis);
    for flow in &scoped {
        emit_flow(analysis, builder, flow, &functions);
    }
    for (name, function) in &analysis.recorded.exports {
        let known = analysis.ir.functions.get(*function as usize);
        let name = analysis.ir.strings.get(*name);
        if known.is_some_and(|f| f.name != name)
            && let Some(function) = functions.get(*function as usize)
        {
            builder.export(name, *function);
        }
    }
    for piece in &analysis.recorded.pieces {
        emit_piece(analysis, builder, piece, &functions);
    }
    layers(analysis)
}

/// Adds every function; the index in the facts for each of ours.
fn functions(analysis: &Evaluator<'_>, builder: &mut FactsBuilder<'_>) -> Vec<u32> {
    let mut map = Vec::with_capacity(analysis.ir.functions.len());
    for (index, info) in analysis.ir.functions.iter().enumerate() {
        let kind = match (index, info.method) {
            (0, _) => FunctionKind::Module,
            (_, true) => FunctionKind::Method,
            _ => FunctionKind::Function,
        };
        let parent = (index > 0).then(|| map.get(info.parent as usize).copied().unwrap_or(0));
        map.push(builder.function(&info.name, kind, info.range, parent));
    }
    let mut edges: Vec<_> = analysis.edges.iter().copied().collect();
    edges.sort_unstable();
    for (caller, callee) in edges {
        if let (Some(caller), Some(callee)) = (map.get(caller as usize), map.get(callee as usize)) {
            builder.call(*caller, Callee::Local(*callee));
        }
    }
    let mut seen = FxHashSet::default();
    for (caller, api) in &analysis.recorded.external {
        if !seen.insert((*caller, *api)) {
            continue;
        }
        if let Some(caller) = map.get(*caller as usize) {
            let name = analysis.apis.name_of(*api);
            builder.call(*caller, Callee::External(name.into()));
        }
    }
    map
}

fn imports(analysis: &Evaluator<'_>, builder: &mut FactsBuilder<'_>, functions: &[u32]) {
    let strings = &analysis.ir.strings;
    let function = |f: u32| functions.get(f as usize).copied().unwrap_or(0);
    for import in &analysis.ir.imports {
        let names = import
            .names
            .iter()
            .map(|n| strings.get(*n).into())
            .collect();
        builder.import(
            strings.get(import.module),
            names,
            import.range,
            function(import.function),
        );
    }
    let mut taken: FxHashMap<u32, Vec<Box<str>>> = FxHashMap::default();
    for (node, name) in &analysis.ir.taken {
        let names = taken.entry(*node).or_default();
        if names.len() < 64 {
            names.push(strings.get(*name).into());
        }
    }
    let mut seen = FxHashSet::default();
    for (module, node, in_function) in &analysis.recorded.required {
        if seen.insert((*module, *node)) {
            let names = taken.get(node).cloned().unwrap_or_default();
            let range = analysis.ir.node(*node).range;
            let module = strings.get(*module);
            builder.import(
                module.get(..256).unwrap_or(module),
                names,
                range,
                function(*in_function),
            );
        }
    }
}

fn uses(analysis: &Evaluator<'_>, builder: &mut FactsBuilder<'_>, functions: &[u32]) {
    for used in &analysis.recorded.uses {
        let UseRecord {
            api,
            how,
            kind,
            capabilities,
            range,
            function,
            constants,
        } = used;
        builder.uses(
            UseSite {
                api: analysis.apis.name_of(*api),
                range: *range,
                function: functions.get(*function as usize).copied().unwrap_or(0),
                resolution: *how,
                kind: *kind,
            },
            capabilities,
            || constants.clone(),
        );
    }
}

fn literals(analysis: &Evaluator<'_>, builder: &mut FactsBuilder<'_>, functions: &[u32]) {
    let strings = &analysis.ir.strings;
    let function = |f: u32| functions.get(f as usize).copied().unwrap_or(0);
    let mut often: FxHashMap<u32, u8> = FxHashMap::default();
    for node in &analysis.ir.nodes {
        if let Op::Text(text) = node.op {
            let value = strings.get(text);
            if value.len() < 4 {
                continue;
            }
            // the builder keeps no more of one value
            let count = often.entry(text.0).or_insert(0);
            if *count < 4 {
                *count += 1;
                builder.literal(value, node.range, function(node.function));
            }
        }
    }
    let mut seen = FxHashSet::default();
    for (text, range, in_function) in &analysis.recorded.folded {
        if seen.insert(*text)
            && let Some(value) = strings.constant(*text)
        {
            builder.literal(value, *range, function(*in_function));
        }
    }
}

fn emit_flow(
    analysis: &Evaluator<'_>,
    builder: &mut FactsBuilder<'_>,
    flow: &FlowRecord,
    functions: &[u32],
) {
    let (Some(first), Some(last)) = (flow.steps.first(), flow.steps.last()) else {
        return;
    };
    let ends = (first.1.range.0, last.1.range.0);
    let steps = flow
        .steps
        .iter()
        .map(|(role, mark)| step(analysis, builder, *role, mark))
        .collect();
    let function = functions.get(flow.function as usize).copied().unwrap_or(0);
    builder.flow(
        Flow {
            steps,
            function,
            link: flow.link,
        },
        ends,
    );
}

fn emit_piece(
    analysis: &Evaluator<'_>,
    builder: &mut FactsBuilder<'_>,
    piece: &PieceRecord,
    functions: &[u32],
) {
    let function = |f: u32| functions.get(f as usize).copied().unwrap_or(0);
    let steps = piece
        .steps
        .iter()
        .map(|(role, mark)| step(analysis, builder, *role, mark))
        .collect();
    builder.piece(Piece {
        from: match piece.from {
            From::Source => PieceStart::Source,
            From::Parameter(of, position) => PieceStart::Parameter {
                function: function(of),
                position: position as u16,
                name: "".into(),
            },
            From::Outside(api) => PieceStart::Outside(analysis.apis.name_of(api).into()),
        },
        to: match piece.to {
            To::Sink => PieceEnd::Sink,
            To::Result(of) => PieceEnd::Result(function(of)),
            To::Variable(name) => PieceEnd::Variable(analysis.ir.strings.get(name).into()),
            To::Argument(api, position) => PieceEnd::Argument {
                callee: analysis.apis.name_of(api).into(),
                position: position as u16,
                keyword: None,
            },
        },
        steps,
        function: function(piece.function),
    });
}

fn step(
    analysis: &Evaluator<'_>,
    builder: &FactsBuilder<'_>,
    role: StepRole,
    mark: &Mark,
) -> foretaste_model::facts::Step {
    let text_of = |id: u32| analysis.ir.strings.get(crate::strings::StrId(id));
    // of a path that was made up piece by piece, what is known says more than a hole
    let says = |id: u32| text_of(id).chars().filter(|c| *c != HOLE).count();
    let told = analysis.recorded.told.get(&mark.range).copied();
    let constant = told
        .filter(|told| role == StepRole::Source && says(*told) > says(mark.constant))
        .unwrap_or(mark.constant);
    let constant = (constant != 0).then(|| {
        let text = text_of(constant);
        text.chars()
            .take(512)
            .map(|c| if c == HOLE { '…' } else { c })
            .collect::<String>()
    });
    let api = analysis.apis.name_of(mark.api);
    let api = api.strip_suffix(":hex").unwrap_or(api);
    builder.step(role, mark.capability, api, mark.range, constant.as_deref())
}

/// Texts that the file decodes or evaluates and that read like code.
fn layers(analysis: &Evaluator<'_>) -> Vec<Found> {
    let strings = &analysis.ir.strings;
    let mut found: Vec<Found> = Vec::new();
    let mut known: FxHashMap<u32, usize> = FxHashMap::default();
    for record in &analysis.recorded.layers {
        let Some(text) = strings.constant(record.text) else {
            continue;
        };
        if let Some(index) = known.get(&record.text.0) {
            if let Some(known) = found.get_mut(*index) {
                known.executed |= record.executed;
            }
            continue;
        }
        // evaluated text is code whatever it looks like, if there is enough of it to say anything
        let code = if record.executed {
            text.len() >= 16 && !text.starts_with("return this")
        } else {
            foretaste_observe::decode::looks_like_code(text)
        };
        if code && found.len() < 24 {
            known.insert(record.text.0, found.len());
            found.push(Found {
                steps: record.steps.clone(),
                text: text.to_owned(),
                range: record.range,
                executed: record.executed,
            });
        }
    }
    // long constants whose decoding is not written down where we can fold it
    let mut peeled = 0;
    for node in &analysis.ir.nodes {
        let Op::Text(text) = node.op else { continue };
        let value = strings.get(text);
        if value.len() < 48 || peeled >= 256 || found.len() >= 24 {
            continue;
        }
        peeled += 1;
        if let Some((steps, code)) = foretaste_observe::decode::peel(value.as_bytes())
            && !found.iter().any(|f| f.text == code)
        {
            found.push(Found {
                steps,
                text: code,
                range: node.range,
                executed: false,
            });
        }
    }
    found
}
