//! Classes.

use oxc_ast::ast::{Class, ClassElement, MethodDefinitionKind};

use super::Lowerer;
use crate::ir::{Key, NodeId, Op, Prop};

impl<'a> Lowerer<'a, '_> {
    /// Lowers a class; the result is its value.
    pub(super) fn class(&mut self, class: &Class<'a>, name: &str) -> NodeId {
        let parent = class
            .heritage
            .as_ref()
            .map_or(0, |h| self.expression(&h.expression));
        let name = class.id.as_ref().map_or(name, |id| id.name.as_str());
        let outer = std::mem::replace(&mut self.class, name.to_owned());
        let mut constructor = None;
        let mut props = Vec::new();
        for element in &class.body.body {
            match element {
                ClassElement::StaticBlock(block) => self.statements(&block.body),
                ClassElement::MethodDefinition(method) => {
                    if method.value.body.is_none() {
                        continue;
                    }
                    let key = self.static_key(&method.key);
                    let computed = match key {
                        None => method.key.as_expression().map(|e| self.expression(e)),
                        Some(_) => None,
                    };
                    let label = key.map_or_else(String::new, |k| self.ir.strings.get(k).to_owned());
                    let mut value = self.function(&method.value, &label, true);
                    if method.kind == MethodDefinitionKind::Constructor
                        && let Op::Function(id) = self.ir.node(value).op
                    {
                        constructor = Some(id);
                    }
                    if method.kind == MethodDefinitionKind::Get {
                        let args = self.ir.list(&[]);
                        value = self.push(
                            Op::Call {
                                callee: value,
                                args,
                            },
                            method.span,
                        );
                    }
                    add(&mut props, key, computed, value);
                }
                ClassElement::PropertyDefinition(property) => {
                    let key = self.static_key(&property.key);
                    let computed = match key {
                        None => property.key.as_expression().map(|e| self.expression(e)),
                        Some(_) => None,
                    };
                    if let Some(value) = &property.value {
                        let label = key.map(|k| self.ir.strings.get(k).to_owned());
                        let value = self.member_value(value, label.as_deref().unwrap_or(""));
                        add(&mut props, key, computed, value);
                    }
                }
                ClassElement::AccessorProperty(property) => {
                    if let Some(value) = &property.value {
                        self.expression(value);
                    }
                }
                ClassElement::TSIndexSignature(_) => {}
            }
        }
        self.class = outer;
        let props = self.ir.props(&props);
        self.push(
            Op::Class {
                props,
                constructor,
                parent,
            },
            class.span,
        )
    }

    /// The value of a field: functions in it are methods of the class.
    fn member_value(&mut self, value: &oxc_ast::ast::Expression<'a>, label: &str) -> NodeId {
        use oxc_ast::ast::Expression;
        let full = if self.class.is_empty() {
            label.to_owned()
        } else {
            format!("{}.{label}", self.class)
        };
        match value {
            Expression::ArrowFunctionExpression(f) => self.arrow(f, &full),
            Expression::FunctionExpression(f) => self.function(f, label, true),
            _ => self.expression(value),
        }
    }
}

fn add(
    props: &mut Vec<Prop>,
    key: Option<crate::strings::StrId>,
    computed: Option<NodeId>,
    value: NodeId,
) {
    let key = match (key, computed) {
        (Some(key), _) => Key::Name(key),
        (None, Some(node)) => Key::Computed(node),
        (None, None) => return,
    };
    props.push(Prop { key, value });
}
