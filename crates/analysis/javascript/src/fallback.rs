//! The tolerant reader: tree-sitter, walked with a cursor and an own stack, lowered into the same intermediate form.
//!
//! It takes what the main parser refuses: Flow, broken files, nesting bombs. Scopes are those of functions only.

mod declare;

use foretaste_model::Limits;
use foretaste_observe::{decode, tolerant};
use rustc_hash::FxHashMap;
use tree_sitter::{Language, Node, Tree, TreeCursor};

use crate::ir::{Arith, FnId, FnInfo, Ir, Key, NodeId, Op, Prop, SymId};
use crate::source::Dialect;
use crate::strings::StrId;

/// Reads a text; nothing if the time ran out.
pub(crate) fn lower<'a>(text: &'a str, dialect: Dialect, limits: &Limits) -> Option<Ir<'a>> {
    let tree = parse(text, dialect, limits)?;
    let mut walker = Walker {
        text,
        ir: Ir::new(text, 0),
        scopes: vec![FxHashMap::default()],
        functions: vec![0],
    };
    walker.walk(&tree);
    Some(walker.ir)
}

fn parse(text: &str, dialect: Dialect, limits: &Limits) -> Option<Tree> {
    let language: Language = match dialect {
        Dialect::Script => tree_sitter_javascript::LANGUAGE.into(),
        Dialect::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
        Dialect::Tsx => tree_sitter_typescript::LANGUAGE_TSX.into(),
    };
    tolerant::parse(text.as_bytes(), &language, limits)
}

/// What a finished child gave its parent.
struct Given<'t> {
    field: Option<&'static str>,
    kind: &'t str,
    value: NodeId,
    range: (u32, u32),
}

/// A node whose children are being walked.
struct Frame<'t> {
    kind: &'t str,
    field: Option<&'static str>,
    range: (u32, u32),
    function: bool,
    given: Vec<Given<'t>>,
}

struct Walker<'a> {
    text: &'a str,
    ir: Ir<'a>,
    scopes: Vec<FxHashMap<&'a str, SymId>>,
    functions: Vec<FnId>,
}

impl<'a> Walker<'a> {
    fn walk(&mut self, tree: &Tree) {
        let mut cursor = tree.walk();
        let mut frames: Vec<Frame<'_>> = Vec::new();
        loop {
            let frame = self.enter(&cursor);
            frames.push(frame);
            if cursor.goto_first_child() {
                continue;
            }
            loop {
                let Some(frame) = frames.pop() else { return };
                let field = frame.field;
                let (kind, range) = (frame.kind, frame.range);
                let value = self.leave(&frame, cursor.node());
                if let Some(parent) = frames.last_mut() {
                    parent.given.push(Given {
                        field,
                        kind,
                        value,
                        range,
                    });
                } else {
                    return;
                }
                if cursor.goto_next_sibling() {
                    break;
                }
                if !cursor.goto_parent() {
                    return;
                }
            }
        }
    }

    fn slice(&self, range: (u32, u32)) -> &'a str {
        self.text
            .get(range.0 as usize..range.1 as usize)
            .unwrap_or("")
    }

    fn function(&self) -> FnId {
        self.functions.last().copied().unwrap_or(0)
    }

    fn push(&mut self, op: Op, range: (u32, u32)) -> NodeId {
        let function = self.function();
        self.ir.push(op, range, function)
    }

    fn enter<'t>(&mut self, cursor: &TreeCursor<'t>) -> Frame<'t> {
        let node = cursor.node();
        let kind = node.kind();
        let range = range_of(node);
        let function = matches!(
            kind,
            "function_declaration"
                | "function_expression"
                | "function"
                | "arrow_function"
                | "generator_function"
                | "generator_function_declaration"
                | "method_definition"
        ) && node.is_named();
        if function {
            self.open_function(node, range);
        }
        Frame {
            kind,
            field: cursor.field_name().and_then(known_field),
            range,
            function,
            given: Vec::new(),
        }
    }

    fn open_function(&mut self, node: Node<'_>, range: (u32, u32)) {
        let name = node
            .child_by_field_name("name")
            .map_or("<anonymous>", |n| self.slice(range_of(n)));
        let id = self.ir.functions.len() as FnId;
        let parent = self.function();
        self.ir.functions.push(FnInfo {
            name: name.chars().take(128).collect(),
            method: node.kind() == "method_definition",
            range,
            parent,
            params: Vec::new(),
        });
        if node.kind().ends_with("declaration") {
            let value = self.push(Op::Function(id), range);
            self.declare(name, value, range);
        }
        self.functions.push(id);
        self.scopes.push(FxHashMap::default());
        let single = node.child_by_field_name("parameter");
        let list = node.child_by_field_name("parameters");
        let mut names = Vec::new();
        if let Some(list) = list {
            let mut cursor = list.walk();
            for child in list.named_children(&mut cursor).take(64) {
                let inner = child.child_by_field_name("pattern").unwrap_or(child);
                names.push(self.slice(range_of(inner)));
            }
        } else if let Some(single) = single {
            names.push(self.slice(range_of(single)));
        }
        for (position, name) in names.into_iter().enumerate() {
            let interned = self.ir.strings.intern(name);
            if let Some(f) = self.ir.functions.get_mut(id as usize) {
                f.params.push(interned);
            }
            let value = self.push(Op::Param(id, position as u32), range);
            self.declare(name, value, range);
        }
    }

    /// Declares a variable in the innermost function and gives it a value.
    fn declare(&mut self, name: &'a str, value: NodeId, range: (u32, u32)) {
        let interned = self.ir.strings.intern(name);
        let sym = if self.scopes.len() == 1 {
            self.ir.implicit_symbol(interned)
        } else {
            let known = self.scopes.last().and_then(|s| s.get(name)).copied();
            known.unwrap_or_else(|| {
                let function = self.function();
                let id = self.ir.symbols.len() as SymId;
                self.ir.symbols.push(crate::ir::SymInfo {
                    owner: Some(function),
                    linear: false,
                    name: interned,
                });
                if let Some(scope) = self.scopes.last_mut() {
                    scope.insert(name, id);
                }
                id
            })
        };
        self.push(
            Op::Bind {
                sym,
                value,
                strong: false,
            },
            range,
        );
    }

    fn name(&mut self, name: &'a str, range: (u32, u32)) -> NodeId {
        let known = self.scopes.iter().rev().find_map(|s| s.get(name)).copied();
        if let Some(sym) = known {
            return self.push(Op::Sym(sym), range);
        }
        if matches!(name, "undefined" | "NaN" | "Infinity") {
            return 0;
        }
        let name = self.ir.strings.intern(name);
        self.push(Op::Global(name), range)
    }

    fn leave(&mut self, frame: &Frame<'_>, node: Node<'_>) -> NodeId {
        let range = frame.range;
        if frame.function {
            return self.close_function(frame);
        }
        match frame.kind {
            "identifier" | "shorthand_property_identifier" => {
                let name = self.slice(range);
                self.name(name, range)
            }
            "this" => {
                let function = self.function();
                self.push(Op::This(function), range)
            }
            "import" if frame.given.is_empty() => {
                let name = self.ir.strings.intern("import");
                self.push(Op::Global(name), range)
            }
            "string" => {
                let raw = self.slice(range);
                let inner = raw.get(1..raw.len().saturating_sub(1).max(1)).unwrap_or("");
                let id = if inner.contains('\\') {
                    self.ir.strings.fold(decode::unescape(inner))
                } else {
                    self.ir.strings.intern(inner)
                };
                self.push(Op::Text(id), range)
            }
            "string_fragment" => {
                let id = self.ir.strings.intern(self.slice(range));
                self.push(Op::Text(id), range)
            }
            "number" => match number(self.slice(range)) {
                Some(value) => self.push(Op::Number(value), range),
                None => 0,
            },
            "template_string" => {
                let parts: Vec<NodeId> = frame
                    .given
                    .iter()
                    .filter(|g| matches!(g.kind, "string_fragment" | "template_substitution"))
                    .map(|g| g.value)
                    .collect();
                let list = self.ir.list(&parts);
                self.push(Op::Concat(list), range)
            }
            "member_expression" => {
                let object = by_field(frame, "object");
                let key = frame
                    .given
                    .iter()
                    .find(|g| g.field == Some("property"))
                    .map_or("", |g| self.slice(g.range));
                let key = self.ir.strings.intern(key);
                self.push(Op::Member { object, key }, range)
            }
            "subscript_expression" => {
                let (object, index) = (by_field(frame, "object"), by_field(frame, "index"));
                self.push(Op::Index { object, index }, range)
            }
            "spread_element" => {
                let value = last_value(frame);
                self.push(Op::Spread(value), range)
            }
            "arguments" | "array" => {
                let items: Vec<NodeId> = frame
                    .given
                    .iter()
                    .filter(|g| !matches!(g.kind, "(" | ")" | "," | "[" | "]" | "comment"))
                    .map(|g| g.value)
                    .collect();
                let list = self.ir.list(&items);
                self.push(Op::Array(list), range)
            }
            "call_expression" | "new_expression" => {
                let callee = frame
                    .given
                    .iter()
                    .find(|g| matches!(g.field, Some("function" | "constructor")))
                    .map_or(0, |g| g.value);
                let given = by_field(frame, "arguments");
                let args = if let Op::Array(list) = self.ir.node(given).op {
                    list
                } else {
                    self.ir.list(&[given])
                };
                let op = if frame.kind == "new_expression" {
                    Op::New { callee, args }
                } else {
                    Op::Call { callee, args }
                };
                self.push(op, range)
            }
            "pair" => {
                let key = frame.given.iter().find(|g| g.field == Some("key"));
                let key = match key {
                    Some(g) if g.kind == "string" => match self.ir.node(g.value).op {
                        Op::Text(text) => text,
                        _ => StrId::NONE,
                    },
                    Some(g) => self.ir.strings.intern(self.slice(g.range)),
                    None => StrId::NONE,
                };
                let value = by_field(frame, "value");
                let props = self.ir.props(&[Prop {
                    key: Key::Name(key),
                    value,
                }]);
                self.push(Op::Object(props), range)
            }
            "object" => {
                let mut props = Vec::new();
                for given in &frame.given {
                    match given.kind {
                        "pair" => {
                            if let Op::Object(list) = self.ir.node(given.value).op {
                                props.extend_from_slice(self.ir.members(list));
                            }
                        }
                        "shorthand_property_identifier" => {
                            let key = self.ir.strings.intern(self.slice(given.range));
                            props.push(Prop {
                                key: Key::Name(key),
                                value: given.value,
                            });
                        }
                        "spread_element" => props.push(Prop {
                            key: Key::Spread,
                            value: given.value,
                        }),
                        _ => {}
                    }
                }
                let props = self.ir.props(&props);
                self.push(Op::Object(props), range)
            }
            "binary_expression" => {
                let operator = frame
                    .given
                    .iter()
                    .find(|g| g.field == Some("operator"))
                    .map_or("", |g| g.kind);
                let (left, right) = (by_field(frame, "left"), by_field(frame, "right"));
                match operator {
                    "+" => {
                        let list = self.ir.list(&[left, right]);
                        self.push(Op::Concat(list), range)
                    }
                    "||" | "??" => {
                        let list = self.ir.list(&[left, right]);
                        self.push(Op::Either(list), range)
                    }
                    "&&" => self.push(Op::Same(right), range),
                    "-" | "*" | "/" | "%" | "^" | "&" | "|" | "<<" | ">>" | ">>>" => {
                        let op = match operator {
                            "-" => Arith::Sub,
                            "*" => Arith::Mul,
                            "/" => Arith::Div,
                            "%" => Arith::Rem,
                            "^" => Arith::Xor,
                            "&" => Arith::And,
                            "|" => Arith::Or,
                            "<<" => Arith::Shl,
                            ">>" => Arith::Shr,
                            _ => Arith::Ushr,
                        };
                        self.push(Op::Arith { op, left, right }, range)
                    }
                    _ => 0,
                }
            }
            "ternary_expression" => {
                let list = [
                    by_field(frame, "consequence"),
                    by_field(frame, "alternative"),
                ];
                let list = self.ir.list(&list);
                self.push(Op::Either(list), range)
            }
            "assignment_expression" | "augmented_assignment_expression" => {
                let (left, mut value) = (by_field(frame, "left"), by_field(frame, "right"));
                if frame.kind.starts_with("augmented") {
                    let list = self.ir.list(&[left, value]);
                    value = self.push(Op::Concat(list), range);
                }
                self.assign(left, value, range);
                value
            }
            "variable_declarator" => {
                self.variable(frame, node);
                0
            }
            "return_statement" => {
                let value = last_value(frame);
                self.push(Op::Return(value), range)
            }
            "import_statement" => {
                self.import(node, range);
                0
            }
            "parenthesized_expression"
            | "await_expression"
            | "sequence_expression"
            | "template_substitution"
            | "as_expression"
            | "non_null_expression"
            | "satisfies_expression"
            | "expression_statement"
            | "computed_property_name"
            | "optional_chain" => last_value(frame),
            _ => 0,
        }
    }

    fn close_function(&mut self, frame: &Frame<'_>) -> NodeId {
        let body = frame.given.iter().find(|g| g.field == Some("body"));
        if let Some(body) = body
            && body.kind != "statement_block"
        {
            let value = body.value;
            self.push(Op::Return(value), frame.range);
        }
        let id = self.function();
        self.functions.pop();
        self.scopes.pop();
        self.push(Op::Function(id), frame.range)
    }

    fn assign(&mut self, left: NodeId, value: NodeId, range: (u32, u32)) {
        let op = match self.ir.node(left).op {
            Op::Sym(sym) => Op::Bind {
                sym,
                value,
                strong: false,
            },
            Op::Global(name) => Op::Bind {
                sym: self.ir.implicit_symbol(name),
                value,
                strong: false,
            },
            Op::Member { object, key } => Op::SetMember { object, key, value },
            Op::Index { object, index } => Op::SetIndex {
                object,
                index,
                value,
            },
            _ => return,
        };
        self.push(op, range);
    }
}

/// The fields that are looked at.
fn known_field(name: &str) -> Option<&'static str> {
    const FIELDS: [&str; 16] = [
        "object",
        "property",
        "index",
        "function",
        "constructor",
        "arguments",
        "key",
        "value",
        "operator",
        "left",
        "right",
        "consequence",
        "alternative",
        "body",
        "name",
        "source",
    ];
    FIELDS.iter().find(|f| **f == name).copied()
}

fn range_of(node: Node<'_>) -> (u32, u32) {
    (node.start_byte() as u32, node.end_byte() as u32)
}

fn by_field(frame: &Frame<'_>, field: &str) -> NodeId {
    frame
        .given
        .iter()
        .find(|g| g.field == Some(field))
        .map_or(0, |g| g.value)
}

fn last_value(frame: &Frame<'_>) -> NodeId {
    frame
        .given
        .iter()
        .rev()
        .find(|g| g.value != 0)
        .map_or(0, |g| g.value)
}

fn number(text: &str) -> Option<f64> {
    let lower = text.to_ascii_lowercase().replace('_', "");
    let radix = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().map(f64::from);
    if let Some(digits) = lower.strip_prefix("0x") {
        radix(digits, 16)
    } else if let Some(digits) = lower.strip_prefix("0o") {
        radix(digits, 8)
    } else if let Some(digits) = lower.strip_prefix("0b") {
        radix(digits, 2)
    } else {
        lower.parse().ok()
    }
}
