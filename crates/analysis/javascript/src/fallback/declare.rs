//! Declarations with patterns, and imports.

use tree_sitter::Node;

use super::{Frame, Walker, by_field, range_of};
use crate::ir::{ImportInfo, Op};
use crate::strings::StrId;

impl<'a> Walker<'a> {
    pub(super) fn variable(&mut self, frame: &Frame<'_>, node: Node<'_>) {
        let value = by_field(frame, "value");
        let Some(name) = node.child_by_field_name("name") else {
            return;
        };
        match name.kind() {
            "identifier" => self.declare(self.slice(range_of(name)), value, frame.range),
            "object_pattern" => {
                let mut cursor = name.walk();
                let children: Vec<Node<'_>> = name.named_children(&mut cursor).take(64).collect();
                for child in children {
                    let (key, local) = match child.kind() {
                        "shorthand_property_identifier_pattern" => (child, child),
                        "pair_pattern" => {
                            match (
                                child.child_by_field_name("key"),
                                child.child_by_field_name("value"),
                            ) {
                                (Some(key), Some(local)) => (key, local),
                                _ => continue,
                            }
                        }
                        _ => continue,
                    };
                    let text = self.slice(range_of(key));
                    let key = self.ir.strings.intern(text);
                    self.ir.taken.push((value, key));
                    let part = self.push(Op::Member { object: value, key }, frame.range);
                    self.ir.destructured.push(part);
                    self.declare(self.slice(range_of(local)), part, frame.range);
                }
            }
            _ => {}
        }
    }

    pub(super) fn import(&mut self, node: Node<'_>, range: (u32, u32)) {
        let Some(source) = node.child_by_field_name("source") else {
            return;
        };
        let module = self.slice(range_of(source));
        let module = module.trim_matches(['"', '\'']);
        let module = self.ir.strings.intern(module);
        let mut names = Vec::new();
        let mut cursor = node.walk();
        let clauses: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
        for clause in clauses.iter().filter(|c| c.kind() == "import_clause") {
            let mut cursor = clause.walk();
            let parts: Vec<Node<'_>> = clause.named_children(&mut cursor).collect();
            for part in parts {
                match part.kind() {
                    "identifier" => self.take(module, "default", part, range, &mut names),
                    "namespace_import" => {
                        if let Some(local) = part.named_child(0) {
                            self.take(module, "*", local, range, &mut names);
                        }
                    }
                    "named_imports" => {
                        let mut cursor = part.walk();
                        let items: Vec<Node<'_>> = part.named_children(&mut cursor).collect();
                        for item in items {
                            let Some(name) = item.child_by_field_name("name") else {
                                continue;
                            };
                            let local = item.child_by_field_name("alias").unwrap_or(name);
                            let text = self.slice(range_of(name));
                            self.take(module, text, local, range, &mut names);
                        }
                    }
                    _ => {}
                }
            }
        }
        let function = self.function();
        self.ir.imports.push(ImportInfo {
            module,
            names,
            range,
            function,
        });
    }

    pub(super) fn take(
        &mut self,
        module: StrId,
        name: &'a str,
        local: Node<'_>,
        range: (u32, u32),
        names: &mut Vec<StrId>,
    ) {
        let name = self.ir.strings.intern(name);
        names.push(name);
        let value = self.push(Op::Import { module, name }, range);
        self.declare(self.slice(range_of(local)), value, range);
    }
}
