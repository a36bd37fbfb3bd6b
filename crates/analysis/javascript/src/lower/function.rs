//! Functions and their parameters.

use oxc_ast::ast::{
    ArrowFunctionBody, ArrowFunctionExpression, FormalParameters, Function, FunctionBody,
};
use oxc_span::{GetSpan as _, Span};

use super::Lowerer;
use super::asynchronous::Machine;
use crate::ir::{FnId, FnInfo, NodeId, Op};
use crate::strings::StrId;

/// What is put aside while a nested function is lowered.
#[derive(Clone, Copy)]
struct Outer {
    function: FnId,
    this_function: FnId,
    branches: u32,
    machine: Machine,
}

impl<'a> Lowerer<'a, '_> {
    /// Lowers a function; the result is its value.
    pub(super) fn function(&mut self, function: &Function<'a>, name: &str, method: bool) -> NodeId {
        let value = self.new_function(name, method, function.span, &function.params);
        let id = self.ir.functions.len() as FnId - 1;
        self.note_module(value, function.span);
        let outer = self.enter(id, id);
        // a function expression may call itself by its own name
        if let Some(own) = &function.id
            && let Some(symbol) = own.symbol_id.get()
            && function.r#type == oxc_ast::ast::FunctionType::FunctionExpression
        {
            self.declare(symbol.index() as u32, own.name.as_str());
            self.bind(symbol.index() as u32, value, own.span);
        }
        self.parameters(&function.params);
        if let Some(body) = &function.body {
            self.body(body);
        }
        self.leave(outer);
        value
    }

    /// Lowers the function that a helper for asynchronous functions resumes; the result is its value.
    pub(super) fn machine_function(
        &mut self,
        function: &Function<'a>,
        machine: Machine,
        same_this: bool,
    ) -> NodeId {
        let value = self.new_function("", false, function.span, &function.params);
        let id = self.ir.functions.len() as FnId - 1;
        let this = if same_this { self.this_function } else { id };
        let outer = self.enter(id, this);
        self.machine = machine;
        self.parameters(&function.params);
        if let Some(body) = &function.body {
            self.body(body);
        }
        self.leave(outer);
        value
    }

    /// Lowers an arrow function.
    pub(super) fn arrow(&mut self, function: &ArrowFunctionExpression<'a>, name: &str) -> NodeId {
        let value = self.new_function(name, false, function.span, &function.params);
        let id = self.ir.functions.len() as FnId - 1;
        self.note_module(value, function.span);
        let outer = self.enter(id, self.this_function);
        self.parameters(&function.params);
        match &function.body {
            ArrowFunctionBody::FunctionBody(body) => self.body(body),
            body => {
                if let Some(e) = body.as_expression() {
                    let result = self.expression(e);
                    self.push(Op::Return(result), e.span());
                }
            }
        }
        self.leave(outer);
        value
    }

    fn new_function(
        &mut self,
        name: &str,
        method: bool,
        span: Span,
        params: &FormalParameters<'a>,
    ) -> NodeId {
        let id = self.ir.functions.len() as FnId;
        let params = params
            .items
            .iter()
            .map(|p| {
                p.pattern
                    .get_identifier_name()
                    .map_or(StrId::NONE, |n| self.ir.strings.intern(n.as_str()))
            })
            .collect();
        let name = if method && !self.class.is_empty() {
            format!("{}.{name}", self.class)
        } else if name.is_empty() {
            "<anonymous>".to_owned()
        } else {
            name.to_owned()
        };
        self.ir.functions.push(FnInfo {
            name,
            method,
            range: (span.start, span.end),
            parent: self.function,
            params,
        });
        self.push(Op::Function(id), span)
    }

    fn enter(&mut self, id: FnId, this_function: FnId) -> Outer {
        let outer = Outer {
            function: self.function,
            this_function: self.this_function,
            branches: self.branches,
            machine: self.machine,
        };
        self.machine = Machine::default();
        self.function = id;
        self.this_function = this_function;
        self.branches = 0;
        outer
    }

    fn leave(&mut self, outer: Outer) {
        self.function = outer.function;
        self.this_function = outer.this_function;
        self.branches = outer.branches;
        self.machine = outer.machine;
    }

    fn parameters(&mut self, params: &FormalParameters<'a>) {
        let function = self.function;
        for (position, param) in params.items.iter().enumerate() {
            let mut value = self.push(Op::Param(function, position as u32), param.span);
            if let Some(initializer) = &param.initializer {
                let default = self.expression(initializer);
                value = self.either(&[value, default], param.span);
            }
            self.pattern(&param.pattern, value);
        }
        if let Some(rest) = &params.rest {
            let value = self.push(
                Op::RestParam(function, params.items.len() as u32),
                rest.span,
            );
            self.pattern(&rest.rest.argument, value);
        }
    }

    fn body(&mut self, body: &FunctionBody<'a>) {
        self.statements(&body.statements);
    }
}
