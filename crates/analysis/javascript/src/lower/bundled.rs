//! Modules that a bundler packed into one file: each is called where another asks for it, and its exports are what it
//! gave its own module object.

use oxc_ast::ast::{Argument, ArrowFunctionBody, Expression, ObjectPropertyKind, Statement};
use oxc_span::{GetSpan as _, Span};

use super::Lowerer;
use crate::bundle::{Given, ModuleId, key_of};
use crate::ir::{Key, NodeId, Op, Prop, SymId};
use crate::strings::StrId;

/// Variables that stand for a packed module.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packed {
    /// Its function.
    function: SymId,
    /// Its module object.
    module: SymId,
}

impl<'a> Lowerer<'a, '_> {
    /// Makes the module objects of a bundle.
    pub(super) fn make_modules(&mut self) {
        let nowhere = Span::default();
        let exports = self.name("exports");
        for _ in &self.bundle.modules {
            let function = self.ir.hidden_symbol(StrId::NONE);
            let module = self.ir.hidden_symbol(StrId::NONE);
            let props = self.ir.props(&[]);
            let value = self.push(Op::Object(props), nowhere);
            let key = Key::Name(exports);
            let props = self.ir.props(&[Prop { key, value }]);
            let value = self.push(Op::Object(props), nowhere);
            self.bind(module, value, nowhere);
            self.packed.push(Packed { function, module });
        }
    }

    /// Notes the function of a packed module.
    pub(super) fn note_module(&mut self, value: NodeId, span: Span) {
        if let Some(module) = self.bundle.function((span.start, span.end))
            && let Some(packed) = self.packed.get(module as usize)
        {
            self.bind(packed.function, value, span);
        }
    }

    /// A call of the bundler's own code; none if it is another.
    pub(super) fn bundled(
        &mut self,
        callee: &Expression<'a>,
        arguments: &[Argument<'a>],
        span: Span,
    ) -> Option<NodeId> {
        if self.packed.is_empty() {
            return None;
        }
        if self.bundle.is_dispatch((span.start, span.end)) {
            return Some(0);
        }
        match callee.get_inner_expression() {
            Expression::Identifier(id) => {
                let symbol = self.symbol(id)?;
                match arguments {
                    [] if self.bundle.is_getter(symbol) => Some(self.push(Op::Sym(symbol), span)),
                    [] => {
                        let module = self.bundle.wrapped(symbol)?;
                        Some(self.run(module, 0, span))
                    }
                    [key] if self.bundle.is_require(symbol) => {
                        let key = key_of(key.as_expression()?)?;
                        match self.bundle.required(symbol, &key) {
                            Some(module) => {
                                let require = self.push(Op::Sym(symbol), id.span);
                                Some(self.run(module, require, span))
                            }
                            None => Some(self.outside(&key, span)),
                        }
                    }
                    [first, ..] => self.interoperable(callee, first),
                }
            }
            Expression::StaticMemberExpression(helper) => {
                let Expression::Identifier(id) = helper.object.get_inner_expression() else {
                    return None;
                };
                if !self.bundle.is_require(self.symbol(id)?) {
                    return None;
                }
                match (helper.property.name.as_str(), arguments) {
                    ("n" | "t", [value, ..]) => {
                        let value = self.expression(value.as_expression()?);
                        Some(self.with_default(value, span))
                    }
                    ("d", [target, rest @ ..]) => self.define(target, rest),
                    _ => None,
                }
            }
            // `require.n(x)()`; whatever else is called twice is not looked into, however often it is
            Expression::CallExpression(inner)
                if arguments.is_empty()
                    && matches!(&inner.callee, Expression::StaticMemberExpression(_)) =>
            {
                self.bundled(&inner.callee, &inner.arguments, inner.span)
            }
            _ => None,
        }
    }

    /// `x.a` of a variable with a getter is what it gives, `x.default` of a copy the module or its own default.
    pub(super) fn got(&mut self, object: &Expression<'a>, key: &str, span: Span) -> Option<NodeId> {
        let Expression::Identifier(id) = object else {
            return None;
        };
        if self.packed.is_empty() {
            return None;
        }
        let symbol = self.symbol(id)?;
        match key {
            "a" if self.bundle.is_getter(symbol) => Some(self.push(Op::Sym(symbol), span)),
            "default" if self.bundle.is_copy(symbol) => {
                let value = self.push(Op::Sym(symbol), span);
                Some(self.with_default(value, span))
            }
            _ => None,
        }
    }

    /// The call that runs the first modules of a table.
    pub(super) fn start_modules(&mut self, span: Span) {
        let bundle = self.bundle;
        for module in bundle.starts((span.start, span.end)) {
            self.run(*module, 0, span);
        }
    }

    /// Runs a module; the result is what it exports.
    fn run(&mut self, module: ModuleId, require: NodeId, span: Span) -> NodeId {
        let bundle = self.bundle;
        let index = module as usize;
        let (Some(packed), Some(order)) =
            (self.packed.get(index).copied(), bundle.modules.get(index))
        else {
            return 0;
        };
        let object = self.push(Op::Sym(packed.module), span);
        let exports = self.member(object, "exports", span);
        let given: Vec<NodeId> = order
            .iter()
            .map(|given| match given {
                Given::Module => object,
                Given::Exports => exports,
                Given::Require => require,
                Given::Other => 0,
            })
            .collect();
        let callee = self.push(Op::Sym(packed.function), span);
        let args = self.ir.list(&given);
        self.push(Op::Call { callee, args }, span);
        // what it exports may be another object by now
        let object = self.push(Op::Sym(packed.module), span);
        self.member(object, "exports", span)
    }

    /// A module that the bundle left outside.
    fn outside(&mut self, key: &str, span: Span) -> NodeId {
        let name = self.ir.strings.fold(key.to_owned());
        let name = self.push(Op::Text(name), span);
        let callee = self.global("require", span);
        let args = self.ir.list(&[name]);
        self.push(Op::Call { callee, args }, span)
    }

    /// `toESM(require_x())`: a copy of a module, with itself as its default.
    fn interoperable(&mut self, callee: &Expression<'a>, first: &Argument<'a>) -> Option<NodeId> {
        let Argument::CallExpression(inner) = first else {
            return None;
        };
        let Expression::Identifier(id) = inner.callee.get_inner_expression() else {
            return None;
        };
        let module = self.bundle.wrapped(self.symbol(id)?)?;
        self.expression(callee);
        Some(self.run(module, 0, inner.span))
    }

    /// A module, or its default.
    fn with_default(&mut self, value: NodeId, span: Span) -> NodeId {
        let inner = self.member(value, "default", span);
        self.either(&[value, inner], span)
    }

    /// `require.d(exports, {name: () => value})`, `require.d(exports, "name", function () { return value })`.
    fn define(&mut self, target: &Argument<'a>, rest: &[Argument<'a>]) -> Option<NodeId> {
        let target = self.expression(target.as_expression()?);
        match rest {
            [Argument::ObjectExpression(exports)] => {
                for property in &exports.properties {
                    if let ObjectPropertyKind::ObjectProperty(property) = property
                        && let Some(key) = self.static_key(&property.key)
                    {
                        self.getter(target, key, &property.value);
                    }
                }
            }
            // newer: `["name", getter, "name", 0, value]`
            [Argument::ArrayExpression(exports)] => {
                let mut parts = exports.elements.iter().filter_map(|e| e.as_expression());
                while let (Some(key), Some(getter)) = (parts.next(), parts.next()) {
                    let Expression::StringLiteral(key) = key else {
                        return None;
                    };
                    let name = key.value.as_str();
                    let key = self.name(name);
                    if matches!(getter, Expression::NumericLiteral(_)) {
                        let value = self.named(parts.next()?, name);
                        let object = target;
                        self.push(Op::SetMember { object, key, value }, exports.span);
                    } else {
                        self.getter(target, key, getter);
                    }
                }
            }
            [Argument::StringLiteral(name), getter] => {
                let key = self.name(name.value.as_str());
                self.getter(target, key, getter.as_expression()?);
            }
            _ => return None,
        }
        Some(0)
    }

    fn getter(&mut self, object: NodeId, key: StrId, getter: &Expression<'a>) {
        let given = match getter {
            Expression::ArrowFunctionExpression(f) => match &f.body {
                ArrowFunctionBody::FunctionBody(body) => returned(&body.statements),
                body => body.as_expression(),
            },
            Expression::FunctionExpression(f) => {
                f.body.as_ref().and_then(|body| returned(&body.statements))
            }
            _ => None,
        };
        if let Some(given) = given {
            let value = self.expression(given);
            self.push(Op::SetMember { object, key, value }, given.span());
        }
    }
}

/// What a function gives that does nothing else.
fn returned<'b, 'a>(statements: &'b [Statement<'a>]) -> Option<&'b Expression<'a>> {
    match statements {
        [Statement::ReturnStatement(only)] => only.argument.as_ref(),
        _ => None,
    }
}
