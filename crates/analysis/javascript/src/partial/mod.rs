//! Evaluation of what is constant: decoders that a program writes out itself.
//!
//! `codes.map(c => String.fromCharCode(c ^ 7)).join("")`, a loop that turns a list of numbers into text, a function that
//! does so with a key, called with constants. A small part of the language is evaluated over the syntax tree, with a
//! limit on steps: numbers, texts, lists, functions of the program, and what the language itself offers for them. Nothing
//! else exists there: a name that is not known ends the evaluation of the statement that holds it, and its effects are
//! taken back. The results are then read as if they stood in the place of what gave them.

mod expression;
mod globals;
mod methods;
mod pattern;
mod signs;
mod statement;
mod value;

use memchr::memmem;
use oxc_ast::ast::{
    ArrowFunctionExpression, BinaryExpression, BindingPattern, CallExpression, Function,
    FunctionBody, IdentifierReference, Program, Statement,
};
use oxc_ast_visit::{Visit, walk};
use oxc_semantic::Scoping;
use oxc_span::GetSpan as _;
use oxc_syntax::scope::ScopeFlags;
use oxc_syntax::symbol::SymbolId;
use rustc_hash::FxHashMap;

use crate::ir::SymId;
use crate::names;
use value::{List, Unknown, Val};

/// Texts that are decoded, by the place that gives them.
#[derive(Debug, Default)]
pub(crate) struct Unpacked {
    /// By call.
    pub(crate) calls: FxHashMap<(u32, u32), Found>,
    /// By sum: what brackets and signs add up to.
    pub(crate) sums: FxHashMap<(u32, u32), String>,
    /// Loops: the variables that hold decoded text behind them.
    pub(crate) loops: FxHashMap<(u32, u32), Vec<(SymId, String)>>,
}

/// What a call gives.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) text: String,
    /// It was decoded; else it is one of the texts that a function of the program holds, or made of what it was given.
    pub(crate) decoded: bool,
}

/// Without one of these nothing turns numbers into text, ...
const DECODERS: [&str; 2] = ["fromCharCode", "fromCodePoint"];
/// ... and without one of these no text into a clearer one: functions that do so are shorter.
const HELPERS: [&str; 9] = [
    "![]",
    "[+[]]",
    "reverse()",
    "atob(",
    "'base64",
    "\"base64",
    "'hex'",
    "\"hex\"",
    "_0x",
];
/// Steps of evaluation for one file, and for one without a decoder of its own.
const MAX_STEPS: u32 = 1_500_000;
const FEW_STEPS: u32 = 150_000;
/// Calls, and statements, within one another.
const MAX_DEPTH: u32 = 40;

/// Evaluates what is constant in a program.
pub(crate) fn read(program: &Program<'_>, scoping: &Scoping, text: &str) -> Unpacked {
    let has = |mark: &&str| memmem::find(text.as_bytes(), mark.as_bytes()).is_some();
    let limit = if DECODERS.iter().any(has) {
        MAX_STEPS
    } else if HELPERS.iter().any(has) {
        FEW_STEPS
    } else {
        return Unpacked::default();
    };
    let mut declared: Vec<(u32, SymbolId)> = scoping
        .symbol_ids()
        .map(|symbol| (scoping.symbol_span(symbol).start, symbol))
        .collect();
    declared.sort_unstable_by_key(|(start, _)| *start);
    let mut evaluation = Evaluation {
        scoping,
        declared,
        env: FxHashMap::default(),
        undo: FxHashMap::default(),
        attempts: 0,
        changed: Vec::new(),
        since: 0,
        waiting: Vec::new(),
        limit,
        steps: 0,
        depth: 0,
        active: Vec::new(),
        loops: 0,
        within_sum: false,
        unpacked: Unpacked::default(),
    };
    evaluation.visit_program(program);
    // the bodies of functions run later: what is assigned again is another thing by then
    evaluation.env.retain(|symbol, value| {
        !scoping.symbol_is_mutated(*symbol) || has_replaced_itself(scoping, *symbol, value)
    });
    while let Some(body) = evaluation.waiting.pop() {
        if evaluation.is_spent() {
            break;
        }
        evaluation.forget_within(body.span.start, body.span.end);
        evaluation.visit_statements(&body.statements);
    }
    // lists may hold one another
    for list in evaluation.changed.drain(..) {
        list.all.borrow_mut().clear();
    }
    evaluation.unpacked
}

/// True for a function that was declared, was called, and put another in its own place, as nothing else does: a list that is
/// made once.
fn has_replaced_itself(scoping: &Scoping, symbol: SymbolId, value: &Val<'_>) -> bool {
    let Val::Function(now) = value else {
        return false;
    };
    let declared = scoping.symbol_span(symbol);
    let is_other = now.id.as_ref().is_none_or(|id| id.span != declared);
    let writes = || {
        scoping
            .get_resolved_references(symbol)
            .filter(|r| r.is_write())
    };
    is_other && scoping.symbol_flags(symbol).is_function() && writes().nth(1).is_none()
}

struct Evaluation<'a, 's> {
    scoping: &'s Scoping,
    /// All variables by the place of their declaration.
    declared: Vec<(u32, SymbolId)>,
    /// What variables hold; those that are not in it are not known.
    env: FxHashMap<SymbolId, Val<'a>>,
    /// What the variables held that the present statement assigns.
    undo: FxHashMap<SymbolId, Option<Val<'a>>>,
    /// Statements and calls that were tried.
    attempts: u32,
    /// Lists that were changed; those from `since` on by the present attempt.
    changed: Vec<List<'a>>,
    since: usize,
    /// Bodies of functions that are looked at later.
    waiting: Vec<&'a FunctionBody<'a>>,
    /// Steps that may be taken, and that were.
    limit: u32,
    steps: u32,
    /// Calls within one another.
    depth: u32,
    /// The functions that are being called.
    active: Vec<(u32, u32)>,
    /// Branches and loops around the present place.
    loops: u32,
    /// The next expression is the left side of a sum.
    within_sum: bool,
    unpacked: Unpacked,
}

impl<'a> Evaluation<'a, '_> {
    const fn is_spent(&self) -> bool {
        self.steps >= self.limit
    }

    /// Takes steps of the limit.
    fn spend(&mut self, steps: usize) -> Result<(), Unknown> {
        self.steps = self
            .steps
            .saturating_add(u32::try_from(steps).unwrap_or(u32::MAX));
        if self.is_spent() {
            Err(Unknown)
        } else {
            Ok(())
        }
    }

    fn symbol(&self, id: &IdentifierReference<'_>) -> Option<SymbolId> {
        names::referred(self.scoping, id)
    }

    fn assign(&mut self, symbol: SymbolId, value: Val<'a>) {
        let before = self.env.insert(symbol, value);
        self.undo.entry(symbol).or_insert(before);
    }

    /// Forgets the variables that are declared within a range: another call of the same function has others.
    fn forget_within(&mut self, start: u32, end: u32) {
        let from = self.declared.partition_point(|(at, _)| *at < start);
        for (at, symbol) in self.declared.get(from..).unwrap_or(&[]) {
            if *at >= end {
                break;
            }
            self.env.remove(symbol);
        }
    }

    /// Evaluates a statement whole, or not at all.
    fn attempt(&mut self, statement: &'a Statement<'a>) -> bool {
        self.begin();
        if matches!(self.statement(statement), Ok(statement::Flow::Next)) {
            let span = statement.span();
            let is_loop = matches!(
                statement,
                Statement::ForStatement(_)
                    | Statement::ForOfStatement(_)
                    | Statement::WhileStatement(_)
                    | Statement::DoWhileStatement(_)
            );
            if is_loop {
                self.note_loop((span.start, span.end));
            }
            return true;
        }
        self.fail();
        for (symbol, before) in self.undo.drain() {
            match before {
                Some(value) => self.env.insert(symbol, value),
                None => self.env.remove(&symbol),
            };
        }
        false
    }

    fn begin(&mut self) {
        self.undo.clear();
        self.attempts += 1;
        self.since = self.changed.len();
    }

    /// Back to the place outside of everything; what was changed on the way is not known any more.
    fn fail(&mut self) {
        (self.depth, self.loops) = (0, 0);
        self.within_sum = false;
        self.active.clear();
        for list in self.changed.iter().skip(self.since) {
            list.spoilt.set(true);
        }
    }

    /// Notes the decoded texts that a loop leaves in variables.
    fn note_loop(&mut self, range: (u32, u32)) {
        let mut texts: Vec<(SymId, String)> = Vec::new();
        for symbol in self.undo.keys() {
            if let Some(Val::Text(text)) = self.env.get(symbol)
                && text.is_unpacked()
            {
                texts.push((symbol.index() as SymId, text.to_utf8()));
            }
        }
        texts.sort_unstable();
        if !texts.is_empty() {
            self.unpacked.loops.insert(range, texts);
        }
    }

    /// Notes what a call gives, if that was decoded, or a function of the program gives it.
    fn note_call(&mut self, range: (u32, u32), value: &Val<'a>, own: bool) {
        if self.depth == 0
            && self.loops == 0
            && let Val::Text(text) = value
        {
            let decoded = text.is_unpacked();
            // what the language itself decodes, the evaluator of flows knows by its name
            let known = decoded && self.limit == MAX_STEPS;
            if known || (own && !text.units.is_empty()) {
                let text = text.to_utf8();
                self.unpacked.calls.insert(range, Found { text, decoded });
            }
        }
    }
}

/// Walks statements in order; what cannot be evaluated whole is searched for calls that can.
impl<'a> Visit<'a> for Evaluation<'a, '_> {
    fn visit_statements(&mut self, statements: &oxc_allocator::Vec<'a, Statement<'a>>) {
        let statements: &'a oxc_allocator::Vec<'a, Statement<'a>> = self.alloc(statements);
        self.hoist(statements);
        for statement in statements {
            if self.is_spent() {
                return;
            }
            if self.attempt(statement) {
                // functions in it are looked at on their own all the same
                Bodies(self).visit_statement(statement);
            } else {
                self.visit_statement(statement);
            }
        }
    }

    fn visit_function(&mut self, function: &Function<'a>, _flags: ScopeFlags) {
        if let Some(body) = &self.alloc(function).body {
            self.waiting.push(body);
        }
    }

    fn visit_arrow_function_expression(&mut self, function: &ArrowFunctionExpression<'a>) {
        match &self.alloc(function).body {
            oxc_ast::ast::ArrowFunctionBody::FunctionBody(body) => self.waiting.push(body),
            _ => walk::walk_arrow_function_expression(self, function),
        }
    }

    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        if self.is_spent() {
            return;
        }
        self.begin();
        let call = self.alloc(call);
        if self.call(call).is_err() {
            self.fail();
            walk::walk_call_expression(self, call);
        }
    }

    fn visit_binary_expression(&mut self, sum: &BinaryExpression<'a>) {
        if self.is_spent() {
            return;
        }
        let sum = self.alloc(sum);
        if signs::is_sum(sum) && signs::begins_with_signs(&sum.left) {
            self.begin();
            if self.sum(sum).is_ok() {
                return;
            }
            self.fail();
        }
        walk::walk_binary_expression(self, sum);
    }

    fn visit_identifier_reference(&mut self, id: &IdentifierReference<'a>) {
        let written = id
            .reference_id
            .get()
            .is_some_and(|r| self.scoping.get_reference(r).is_write());
        if written && let Some(symbol) = self.symbol(id) {
            self.env.remove(&symbol);
        }
    }

    fn visit_binding_pattern(&mut self, pattern: &BindingPattern<'a>) {
        for id in pattern.get_binding_identifiers() {
            if let Some(symbol) = id.symbol_id.get() {
                self.env.remove(&symbol);
            }
        }
    }
}

/// Puts the bodies of functions in a statement aside, for later.
struct Bodies<'e, 'a, 's>(&'e mut Evaluation<'a, 's>);

impl<'a> Visit<'a> for Bodies<'_, 'a, '_> {
    fn visit_function(&mut self, function: &Function<'a>, flags: ScopeFlags) {
        self.0.visit_function(function, flags);
    }

    fn visit_arrow_function_expression(&mut self, function: &ArrowFunctionExpression<'a>) {
        if let oxc_ast::ast::ArrowFunctionBody::FunctionBody(body) = &self.alloc(function).body {
            self.0.waiting.push(body);
        }
    }
}
