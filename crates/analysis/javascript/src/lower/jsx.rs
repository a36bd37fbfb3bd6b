//! JSX: only the expressions in it matter.

use oxc_ast::ast::{JSXAttributeItem, JSXAttributeValue, JSXChild, JSXElement};

use super::Lowerer;

impl<'a> Lowerer<'a, '_> {
    pub(super) fn jsx_element(&mut self, element: &JSXElement<'a>) {
        for attribute in &element.opening_element.attributes {
            match attribute {
                JSXAttributeItem::Attribute(attribute) => match &attribute.value {
                    Some(JSXAttributeValue::StringLiteral(text)) => {
                        self.text(text.value.as_str(), text.span);
                    }
                    Some(JSXAttributeValue::ExpressionContainer(container)) => {
                        if let Some(e) = container.expression.as_expression() {
                            self.expression(e);
                        }
                    }
                    Some(JSXAttributeValue::Element(element)) => self.jsx_element(element),
                    Some(JSXAttributeValue::Fragment(fragment)) => {
                        self.jsx_children(&fragment.children);
                    }
                    None => {}
                },
                JSXAttributeItem::SpreadAttribute(spread) => {
                    self.expression(&spread.argument);
                }
            }
        }
        self.jsx_children(&element.children);
    }

    pub(super) fn jsx_children(&mut self, children: &[JSXChild<'a>]) {
        for child in children {
            match child {
                JSXChild::Element(element) => self.jsx_element(element),
                JSXChild::Fragment(fragment) => self.jsx_children(&fragment.children),
                JSXChild::ExpressionContainer(container) => {
                    if let Some(e) = container.expression.as_expression() {
                        self.expression(e);
                    }
                }
                JSXChild::Spread(spread) => {
                    self.expression(&spread.expression);
                }
                JSXChild::Text(_) => {}
            }
        }
    }
}
