//! What nodes are used for, seen once before the analysis.

use rustc_hash::FxHashSet;

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

/// Parameters that are called by their function.
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
