//! Statements, and calls of functions of the program.

use oxc_ast::ast::{
    ArrowFunctionBody, BindingPattern, Expression, ForStatementInit, ForStatementLeft,
    FormalParameters, Statement, VariableDeclaration,
};
use oxc_syntax::symbol::SymbolId;

use super::value::{Unknown, Val};
use super::{Evaluation, MAX_DEPTH};
use crate::names;

/// How a statement ends.
#[derive(Debug)]
pub(super) enum Flow<'a> {
    Next,
    Break,
    Continue,
    Return(Val<'a>),
}

impl<'a> Evaluation<'a, '_> {
    /// Declares the functions of a statement list before anything runs.
    pub(super) fn hoist(&mut self, statements: &'a [Statement<'a>]) {
        for statement in statements {
            if let Statement::FunctionDeclaration(function) = statement
                && let Some(symbol) = function.id.as_ref().and_then(|id| id.symbol_id.get())
            {
                self.assign(symbol, Val::Function(function));
            }
        }
    }

    fn block(&mut self, statements: &'a [Statement<'a>]) -> Result<Flow<'a>, Unknown> {
        self.hoist(statements);
        for statement in statements {
            let flow = self.statement(statement)?;
            if !matches!(flow, Flow::Next) {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    pub(super) fn statement(&mut self, statement: &'a Statement<'a>) -> Result<Flow<'a>, Unknown> {
        self.spend(1)?;
        match statement {
            Statement::EmptyStatement(_) | Statement::FunctionDeclaration(_) => {}
            Statement::BlockStatement(block) => return self.nested(|e| e.block(&block.body)),
            Statement::VariableDeclaration(declaration) => self.variables(declaration)?,
            Statement::ExpressionStatement(s) => {
                self.expression(&s.expression)?;
            }
            Statement::IfStatement(s) => {
                let branch = if self.expression(&s.test)?.truth() {
                    Some(&s.consequent)
                } else {
                    s.alternate.as_ref()
                };
                if let Some(branch) = branch {
                    return self.nested(|e| e.statement(branch));
                }
            }
            Statement::ForStatement(s) => {
                match &s.init {
                    Some(ForStatementInit::VariableDeclaration(d)) => self.variables(d)?,
                    Some(init) => {
                        self.expression(init.as_expression().ok_or(Unknown)?)?;
                    }
                    None => {}
                }
                return self.repeat(s.test.as_ref(), s.update.as_ref(), &s.body, false);
            }
            Statement::WhileStatement(s) => {
                return self.repeat(Some(&s.test), None, &s.body, false);
            }
            Statement::DoWhileStatement(s) => {
                return self.repeat(Some(&s.test), None, &s.body, true);
            }
            Statement::ForOfStatement(s) if !s.r#await => {
                let ForStatementLeft::VariableDeclaration(d) = &s.left else {
                    return Err(Unknown);
                };
                let [declarator] = &d.declarations[..] else {
                    return Err(Unknown);
                };
                let symbol = name_of(&declarator.id)?;
                let right = self.expression(&s.right)?;
                for item in self.elements(&right)? {
                    self.assign(symbol, item);
                    match self.round(&s.body)? {
                        Flow::Break => break,
                        Flow::Return(value) => return Ok(Flow::Return(value)),
                        Flow::Next | Flow::Continue => {}
                    }
                }
            }
            Statement::ReturnStatement(s) if self.depth > 0 => {
                let value = match &s.argument {
                    Some(argument) => self.expression(argument)?,
                    None => Val::Undefined,
                };
                return Ok(Flow::Return(value));
            }
            Statement::BreakStatement(s) if s.label.is_none() => return Ok(Flow::Break),
            Statement::ContinueStatement(s) if s.label.is_none() => return Ok(Flow::Continue),
            _ => return Err(Unknown),
        }
        Ok(Flow::Next)
    }

    /// Statements within statements count against the depth, as calls do.
    fn nested(
        &mut self,
        run: impl FnOnce(&mut Self) -> Result<Flow<'a>, Unknown>,
    ) -> Result<Flow<'a>, Unknown> {
        self.loops += 1;
        if self.loops > MAX_DEPTH {
            return Err(Unknown);
        }
        let flow = run(self)?;
        self.loops -= 1;
        Ok(flow)
    }

    /// The body of a loop, once.
    fn round(&mut self, body: &'a Statement<'a>) -> Result<Flow<'a>, Unknown> {
        self.nested(|e| e.statement(body))
    }

    fn repeat(
        &mut self,
        test: Option<&'a Expression<'a>>,
        update: Option<&'a Expression<'a>>,
        body: &'a Statement<'a>,
        body_first: bool,
    ) -> Result<Flow<'a>, Unknown> {
        self.nested(|e| {
            let mut first = body_first;
            loop {
                e.spend(1)?;
                if !first
                    && let Some(test) = test
                    && !e.expression(test)?.truth()
                {
                    return Ok(Flow::Next);
                }
                first = false;
                match e.statement(body)? {
                    Flow::Break => return Ok(Flow::Next),
                    Flow::Return(value) => return Ok(Flow::Return(value)),
                    Flow::Next | Flow::Continue => {}
                }
                if let Some(update) = update {
                    e.expression(update)?;
                }
            }
        })
    }

    fn variables(&mut self, declaration: &'a VariableDeclaration<'a>) -> Result<(), Unknown> {
        for declarator in &declaration.declarations {
            let symbol = name_of(&declarator.id)?;
            let value = match &declarator.init {
                Some(init) => self.expression(init)?,
                // `var x;` in a loop leaves what it holds
                None if declaration.kind.is_var() => match self.env.get(&symbol) {
                    Some(value) => value.clone(),
                    None => Val::Undefined,
                },
                None => Val::Undefined,
            };
            self.assign(symbol, value);
        }
        Ok(())
    }

    /// Calls a value with arguments.
    pub(super) fn apply(
        &mut self,
        callee: &Val<'a>,
        args: Vec<Val<'a>>,
    ) -> Result<Val<'a>, Unknown> {
        self.spend(2)?;
        if self.depth >= MAX_DEPTH {
            return Err(Unknown);
        }
        match callee {
            Val::Function(function) => {
                if function.r#async || function.generator {
                    return Err(Unknown);
                }
                let body = function.body.as_ref().ok_or(Unknown)?;
                self.enter(
                    &function.params,
                    args,
                    (function.span.start, function.span.end),
                    |e| e.block(&body.statements),
                )
            }
            Val::Arrow(function) => {
                if function.r#async {
                    return Err(Unknown);
                }
                let range = (function.span.start, function.span.end);
                self.enter(&function.params, args, range, |e| match &function.body {
                    ArrowFunctionBody::FunctionBody(body) => e.block(&body.statements),
                    body => {
                        let body = body.as_expression().ok_or(Unknown)?;
                        e.expression(body).map(Flow::Return)
                    }
                })
            }
            Val::Name(name) => self.call_global(&name.clone(), &args),
            _ => Err(Unknown),
        }
    }

    fn enter(
        &mut self,
        params: &'a FormalParameters<'a>,
        args: Vec<Val<'a>>,
        range: (u32, u32),
        run: impl FnOnce(&mut Self) -> Result<Flow<'a>, Unknown>,
    ) -> Result<Val<'a>, Unknown> {
        if params.rest.is_some() {
            return Err(Unknown);
        }
        // a function within itself has variables of its own each time
        let outer: Vec<(SymbolId, Val<'a>)> = if self.active.contains(&range) {
            let inside = |symbol: &SymbolId| {
                let span = self.scoping.symbol_span(*symbol);
                span.start >= range.0 && span.end <= range.1
            };
            let own = self.env.iter().filter(|(symbol, _)| inside(symbol));
            own.map(|(symbol, value)| (*symbol, value.clone()))
                .collect()
        } else {
            Vec::new()
        };
        self.spend(outer.len())?;
        self.active.push(range);
        self.depth += 1;
        let mut args = args.into_iter();
        for param in &params.items {
            let symbol = name_of(&param.pattern)?;
            let value = match (args.next(), &param.initializer) {
                (None | Some(Val::Undefined), Some(default)) => self.expression(default)?,
                (given, _) => given.unwrap_or(Val::Undefined),
            };
            self.assign(symbol, value);
        }
        let flow = run(self)?;
        self.depth -= 1;
        self.active.pop();
        for (symbol, value) in outer {
            self.assign(symbol, value);
        }
        Ok(match flow {
            Flow::Return(value) => value,
            _ => Val::Undefined,
        })
    }
}

fn name_of(pattern: &BindingPattern<'_>) -> Result<SymbolId, Unknown> {
    names::declared(pattern).ok_or(Unknown)
}
