//! Statements.

use oxc_ast::ast::{
    CatchClause, Declaration, Expression, ForStatementInit, ForStatementLeft, Statement,
    TSModuleReference, TSNamespaceDeclaration, TSNamespaceDeclarationBody, VariableDeclaration,
};
use oxc_ast::match_declaration;
use oxc_ast::match_module_declaration;
use oxc_span::GetSpan as _;

use super::{Lowerer, polyfill};
use crate::ir::{Key, NodeId, Op, Prop};
use crate::special::ERROR;

impl<'a> Lowerer<'a, '_> {
    /// Declares the functions of a statement list before anything runs.
    pub(super) fn hoist(&mut self, statement: &Statement<'a>) {
        if let Statement::FunctionDeclaration(function) = statement
            && let Some(id) = &function.id
            && let Some(symbol) = id.symbol_id.get()
        {
            self.declare(symbol.index() as u32, id.name.as_str());
            self.note_predicate(symbol.index() as u32, function);
        }
    }

    pub(super) fn statements(&mut self, statements: &[Statement<'a>]) {
        for statement in statements {
            self.hoist(statement);
        }
        let count = self.conditions();
        for statement in statements {
            self.statement(statement);
        }
        self.forget_conditions(count);
    }

    /// What a `catch` is given, if it looks at the answer of a server that the error of a client holds.
    fn caught(&mut self, handler: &CatchClause<'a>) -> NodeId {
        let body = handler.body.span;
        let text = self.source.get(body.start as usize..body.end as usize);
        match text {
            Some(text) if memchr::memmem::find(text.as_bytes(), b"response").is_some() => {
                self.global(ERROR, handler.span)
            }
            _ => 0,
        }
    }

    pub(super) fn statement(&mut self, statement: &Statement<'a>) {
        let span = statement.span();
        if let Some(texts) = self.unpacked.loops.get(&(span.start, span.end)) {
            for (sym, text) in texts {
                let text = self.ir.strings.fold(text.clone());
                let value = self.push(Op::Unpacked(text), span);
                self.bind(*sym, value, span);
            }
            return;
        }
        match statement {
            Statement::BlockStatement(block) => self.statements(&block.body),
            Statement::ExpressionStatement(s) => {
                self.expression(&s.expression);
            }
            Statement::IfStatement(s) => {
                self.expression(&s.test);
                self.branch(|l| {
                    l.where_absent(polyfill::misses(&s.test), |l| {
                        l.where_holds(&s.test, |l| l.statement(&s.consequent));
                    });
                    if let Some(alternate) = &s.alternate {
                        let count = l.conditions();
                        l.assume(&s.test, false);
                        l.statement(alternate);
                        l.forget_conditions(count);
                    }
                });
                self.assume_behind(&s.test, &s.consequent);
            }
            Statement::DoWhileStatement(s) => self.branch(|l| {
                l.statement(&s.body);
                l.expression(&s.test);
            }),
            Statement::WhileStatement(s) => self.branch(|l| {
                l.expression(&s.test);
                l.statement(&s.body);
            }),
            Statement::ForStatement(s) => {
                match &s.init {
                    Some(ForStatementInit::VariableDeclaration(d)) => self.variables(d),
                    Some(init) => {
                        if let Some(e) = init.as_expression() {
                            self.expression(e);
                        }
                    }
                    None => {}
                }
                self.branch(|l| {
                    for e in [&s.test, &s.update].into_iter().flatten() {
                        l.expression(e);
                    }
                    l.statement(&s.body);
                });
            }
            Statement::ForInStatement(s) => {
                self.expression(&s.right);
                self.branch(|l| {
                    l.loop_variable(&s.left, 0);
                    l.statement(&s.body);
                });
            }
            Statement::ForOfStatement(s) => {
                let right = self.expression(&s.right);
                self.branch(|l| {
                    let element = l.push(Op::Element(right), s.span);
                    l.loop_variable(&s.left, element);
                    l.statement(&s.body);
                });
            }
            Statement::LabeledStatement(s) => self.statement(&s.body),
            Statement::ReturnStatement(s) => {
                if let Some(argument) = &s.argument
                    && !self.step(argument, s.span)
                {
                    let value = self.expression(argument);
                    self.push(Op::Return(value), s.span);
                }
            }
            Statement::SwitchStatement(s) => {
                self.expression(&s.discriminant);
                self.branch(|l| {
                    for case in &s.cases {
                        if let Some(test) = &case.test {
                            l.expression(test);
                        }
                        l.statements(&case.consequent);
                    }
                });
            }
            Statement::ThrowStatement(s) => {
                self.expression(&s.argument);
            }
            Statement::TryStatement(s) => {
                self.statements(&s.block.body);
                if let Some(handler) = &s.handler {
                    self.branch(|l| {
                        if let Some(param) = &handler.param {
                            let error = l.caught(handler);
                            l.pattern(&param.pattern, error);
                        }
                        l.statements(&handler.body.body);
                    });
                }
                if let Some(finalizer) = &s.finalizer {
                    self.statements(&finalizer.body);
                }
            }
            Statement::WithStatement(s) => {
                self.expression(&s.object);
                self.branch(|l| l.statement(&s.body));
            }
            Statement::BreakStatement(_)
            | Statement::ContinueStatement(_)
            | Statement::DebuggerStatement(_)
            | Statement::EmptyStatement(_) => {}
            match_declaration!(Statement) => {
                if let Some(declaration) = statement.as_declaration() {
                    self.declaration(declaration);
                }
            }
            match_module_declaration!(Statement) => {
                if let Some(declaration) = statement.as_module_declaration() {
                    self.module_declaration(declaration);
                }
            }
        }
    }

    pub(super) fn declaration(&mut self, declaration: &Declaration<'a>) {
        match declaration {
            Declaration::VariableDeclaration(d) => {
                if !d.declare {
                    self.variables(d);
                }
            }
            Declaration::FunctionDeclaration(f) => {
                if f.body.is_none() {
                    return;
                }
                let name = f.id.as_ref().map_or("", |id| id.name.as_str());
                let value = self.function(f, name, false);
                if let Some(id) = &f.id
                    && let Some(symbol) = id.symbol_id.get()
                {
                    self.declare(symbol.index() as u32, name);
                    self.bind(symbol.index() as u32, value, f.span);
                }
            }
            Declaration::ClassDeclaration(class) => {
                if class.declare {
                    return;
                }
                let name = class.id.as_ref().map_or("", |id| id.name.as_str());
                let value = self.class(class, name);
                if let Some(id) = &class.id
                    && let Some(symbol) = id.symbol_id.get()
                {
                    self.declare(symbol.index() as u32, name);
                    self.bind(symbol.index() as u32, value, class.span);
                }
            }
            Declaration::TSEnumDeclaration(d) => {
                let mut props = Vec::new();
                for member in &d.body.members {
                    let value = member
                        .initializer
                        .as_ref()
                        .map_or(0, |init| self.expression(init));
                    let key = self.name(member.id.static_name().as_str());
                    props.push(Prop {
                        key: Key::Name(key),
                        value,
                    });
                }
                let props = self.ir.props(&props);
                let value = self.push(Op::Object(props), d.span);
                if let Some(symbol) = d.id.symbol_id.get() {
                    self.declare(symbol.index() as u32, d.id.name.as_str());
                    self.bind(symbol.index() as u32, value, d.span);
                }
            }
            Declaration::TSNamespaceDeclaration(d) => self.namespace(d),
            Declaration::TSImportEqualsDeclaration(d) => {
                let value = match &d.module_reference {
                    TSModuleReference::ExternalModuleReference(module) => {
                        let require = self.global("require", d.span);
                        let name =
                            self.text(module.expression.value.as_str(), module.expression.span);
                        let args = self.ir.list(&[name]);
                        self.push(
                            Op::Call {
                                callee: require,
                                args,
                            },
                            d.span,
                        )
                    }
                    TSModuleReference::IdentifierReference(id) => self.identifier(id),
                    TSModuleReference::QualifiedName(_) => 0,
                };
                if let Some(symbol) = d.id.symbol_id.get() {
                    self.declare(symbol.index() as u32, d.id.name.as_str());
                    self.bind(symbol.index() as u32, value, d.span);
                }
            }
            Declaration::TSTypeAliasDeclaration(_)
            | Declaration::TSInterfaceDeclaration(_)
            | Declaration::TSExternalModuleDeclaration(_)
            | Declaration::TSGlobalDeclaration(_) => {}
        }
    }

    fn namespace(&mut self, namespace: &TSNamespaceDeclaration<'a>) {
        if namespace.declare {
            return;
        }
        match &namespace.body {
            TSNamespaceDeclarationBody::TSNamespaceDeclaration(inner) => self.namespace(inner),
            TSNamespaceDeclarationBody::TSModuleBlock(block) => self.statements(&block.body),
        }
    }

    pub(super) fn variables(&mut self, declaration: &VariableDeclaration<'a>) {
        for declarator in &declaration.declarations {
            match &declarator.init {
                Some(init) => {
                    let value = match declarator.id.get_identifier_name() {
                        Some(name) => self.named(init, name.as_str()),
                        None => self.expression(init),
                    };
                    self.pattern(&declarator.id, value);
                    self.note_condition(&declarator.id, init);
                }
                None => self.pattern_declared(&declarator.id),
            }
        }
    }

    fn loop_variable(&mut self, left: &ForStatementLeft<'a>, value: NodeId) {
        match left {
            ForStatementLeft::VariableDeclaration(d) => {
                for declarator in &d.declarations {
                    self.pattern(&declarator.id, value);
                }
            }
            left => {
                if let Some(target) = left.as_assignment_target() {
                    self.assign(target, value, target.span());
                }
            }
        }
    }

    /// An expression whose value gets a name: names anonymous functions and classes.
    pub(super) fn named(&mut self, expression: &Expression<'a>, name: &'a str) -> NodeId {
        match expression.get_inner_expression() {
            Expression::FunctionExpression(f) => {
                let own = f.id.as_ref().map_or(name, |id| id.name.as_str());
                self.function(f, own, false)
            }
            Expression::ArrowFunctionExpression(f) => self.arrow(f, name),
            Expression::ClassExpression(class) => self.class(class, name),
            _ => self.expression(expression),
        }
    }
}
