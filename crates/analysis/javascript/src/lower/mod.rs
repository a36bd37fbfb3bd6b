//! Lowers a syntax tree into the intermediate form. Recursive: runs on a large stack, on trees of measured depth.

mod asynchronous;
mod bundled;
mod class;
mod expression;
mod function;
mod jsx;
mod module;
mod narrow;
mod pattern;
mod polyfill;
mod statement;

use oxc_ast::ast::{IdentifierReference, Program};
use oxc_semantic::Scoping;
use oxc_span::Span;

use self::asynchronous::Machine;
use self::bundled::Packed;
use self::narrow::Conditions;
use crate::bundle::Bundle;
use crate::ir::{FnId, Ir, NodeId, Op, SymId};
use crate::names;
use crate::partial::Unpacked;
use crate::strings::StrId;
use crate::tables::Decoded;

/// What other readers found in a program before.
#[derive(Clone, Copy)]
pub(crate) struct Known<'s> {
    /// Calls that only look up a string.
    pub(crate) decoded: &'s Decoded,
    /// Calls and loops whose result is known.
    pub(crate) unpacked: &'s Unpacked,
    /// Modules that a bundler packed.
    pub(crate) bundle: &'s Bundle,
}

/// Lowers a program.
pub(crate) fn lower<'a>(
    program: &Program<'a>,
    scoping: &Scoping,
    text: &'a str,
    known: Known<'_>,
) -> Ir<'a> {
    let mut lowerer = Lowerer {
        ir: Ir::new(text, scoping.symbols_len()),
        scoping,
        function: 0,
        this_function: 0,
        branches: 0,
        class: String::new(),
        machine: Machine::default(),
        decoded: known.decoded,
        unpacked: known.unpacked,
        bundle: known.bundle,
        packed: Vec::new(),
        absent: false,
        conditions: Conditions::default(),
        source: text,
    };
    lowerer.make_modules();
    for directive in &program.directives {
        lowerer.text(directive.expression.value.as_str(), directive.span);
    }
    for statement in &program.body {
        lowerer.hoist(statement);
    }
    for statement in &program.body {
        lowerer.statement(statement);
    }
    lowerer.ir
}

struct Lowerer<'a, 's> {
    ir: Ir<'a>,
    scoping: &'s Scoping,
    /// The function being lowered.
    function: FnId,
    /// The function whose `this` is seen.
    this_function: FnId,
    /// Depth of branches and loops in the function.
    branches: u32,
    /// The class being lowered, for names.
    class: String,
    /// How the function being lowered is resumed.
    machine: Machine,
    /// Calls that only look up a string.
    decoded: &'s Decoded,
    /// Calls and loops whose result is known.
    unpacked: &'s Unpacked,
    /// Modules that a bundler packed, and the variables that stand for them.
    bundle: &'s Bundle,
    packed: Vec<Packed>,
    /// The present code runs where something that programs bring along is missing.
    absent: bool,
    /// What conditions say of names here.
    conditions: Conditions,
    source: &'a str,
}

impl<'a> Lowerer<'a, '_> {
    fn push(&mut self, op: Op, span: Span) -> NodeId {
        self.ir.push(op, (span.start, span.end), self.function)
    }

    fn text(&mut self, text: &'a str, span: Span) -> NodeId {
        let id = self.ir.strings.intern(text);
        self.push(Op::Text(id), span)
    }

    fn name(&mut self, name: &'a str) -> StrId {
        self.ir.strings.intern(name)
    }

    fn either(&mut self, items: &[NodeId], span: Span) -> NodeId {
        match items {
            [] => 0,
            [one] => *one,
            _ => {
                let list = self.ir.list(items);
                self.push(Op::Either(list), span)
            }
        }
    }

    fn member(&mut self, object: NodeId, key: &'a str, span: Span) -> NodeId {
        let key = self.name(key);
        self.push(Op::Member { object, key }, span)
    }

    fn global(&mut self, name: &'a str, span: Span) -> NodeId {
        let name = self.name(name);
        self.push(Op::Global(name), span)
    }

    /// The variable of a reference; none for a name that the file does not declare.
    fn symbol(&self, reference: &IdentifierReference<'a>) -> Option<SymId> {
        names::referred(self.scoping, reference).map(|s| s.index() as SymId)
    }

    fn declare(&mut self, sym: SymId, name: &'a str) {
        let name = self.name(name);
        let function = self.function;
        if let Some(info) = self.ir.symbols.get_mut(sym as usize) {
            info.name = name;
            match info.owner {
                None => info.owner = Some(function),
                Some(owner) if owner != function => info.linear = false,
                Some(_) => {}
            }
        }
    }

    fn bind(&mut self, sym: SymId, value: NodeId, span: Span) {
        let straight = self.branches == 0;
        let function = self.function;
        if let Some(info) = self.ir.symbols.get_mut(sym as usize)
            && (!straight || info.owner.is_some_and(|o| o != function))
        {
            info.linear = false;
        }
        self.push(
            Op::Bind {
                sym,
                value,
                strong: straight,
            },
            span,
        );
    }

    fn branch(&mut self, lower: impl FnOnce(&mut Self)) {
        self.branches += 1;
        lower(self);
        self.branches -= 1;
    }
}
