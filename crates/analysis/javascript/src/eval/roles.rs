//! What nodes are used for, seen once before the analysis.

use foretaste_model::Capability;
use foretaste_observe::given;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::ir::{FnId, Ir, NodeId, Op, SymId};

/// Nodes that are only taken apart, called, or given a name: reading them is no use of its own.
pub(super) fn quiet_nodes(ir: &Ir<'_>) -> Vec<bool> {
    let mut quiet = vec![false; ir.nodes.len()];
    let mut mark = |node: NodeId| {
        if let Some(slot) = quiet.get_mut(node as usize) {
            *slot = true;
        }
    };
    for node in &ir.nodes {
        match node.op {
            Op::Call { callee, .. } | Op::New { callee, .. } => mark(callee),
            Op::Member { object, .. }
            | Op::Index { object, .. }
            | Op::SetMember { object, .. }
            | Op::SetIndex { object, .. } => mark(object),
            Op::Bind { value, .. } => mark(value),
            _ => {}
        }
    }
    quiet
}

/// Nodes whose value goes somewhere else.
pub(super) fn handed_nodes(ir: &Ir<'_>) -> Vec<bool> {
    let mut handed = vec![false; ir.nodes.len()];
    let mut mark = |node: NodeId| {
        if let Some(slot) = handed.get_mut(node as usize) {
            *slot = true;
        }
    };
    for node in &ir.nodes {
        match node.op {
            Op::Call { args, .. } | Op::New { args, .. } => {
                ir.items(args).iter().copied().for_each(&mut mark);
            }
            Op::Array(items) => ir.items(items).iter().copied().for_each(&mut mark),
            Op::Object(props) => ir.members(props).iter().for_each(|p| mark(p.value)),
            Op::Return(value)
            | Op::Spread(value)
            | Op::Bind { value, .. }
            | Op::SetMember { value, .. }
            | Op::SetIndex { value, .. } => mark(value),
            _ => {}
        }
    }
    handed
}

/// Parameters by whose names programmers say what they are given: by a caller that trusts the function with the secret of a
/// wallet, or by a server with a request.
pub(super) fn telling_parameters(ir: &Ir<'_>) -> FxHashMap<(FnId, u32), Capability> {
    let mut telling = FxHashMap::default();
    for (function, info) in ir.functions.iter().enumerate() {
        let name = |at: usize| info.params.get(at).map_or("", |n| ir.strings.get(*n));
        for position in 0..info.params.len().min(8) {
            if given::is_wallet_secret_of(&info.name, name(position)) {
                let slot = (function as FnId, position as u32);
                telling.insert(slot, Capability::SecretParameter);
            }
        }
        let answers = matches!(name(1), "res" | "response" | "reply" | "_res");
        if answers && given::is_request(name(0)) {
            telling.insert((function as FnId, 0), Capability::NetworkRequest);
        }
    }
    telling
}

/// Parameters that their function calls.
pub(super) fn called_parameters(ir: &Ir<'_>) -> FxHashSet<(FnId, u32)> {
    let mut callees: FxHashSet<SymId> = FxHashSet::default();
    for node in &ir.nodes {
        if let Op::Call { callee, .. } = node.op {
            let callee = ir.node(callee);
            let target = match callee.op {
                Op::Member { object, .. } => ir.node(object).op,
                op => op,
            };
            if let Op::Sym(sym) = target {
                callees.insert(sym);
            }
        }
    }
    let mut called = FxHashSet::default();
    for node in &ir.nodes {
        if let Op::Bind { sym, value, .. } = node.op
            && callees.contains(&sym)
            && let Op::Param(function, position) = ir.node(value).op
        {
            called.insert((function, position));
        }
    }
    called
}
