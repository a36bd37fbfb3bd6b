//! From a syntax tree to the forms of [`super::tree`]: what every grammar's own part needs.

use std::rc::Rc;

use foretaste_model::facts::FunctionKind;
use foretaste_observe::Budget;
use tree_sitter::Node as Syntax;

use super::Dialect;
use super::tree::{Form, Function, Node, Range};

/// Operands of one chain of operators.
const MAX_CHAIN: usize = 20_000;

/// What stands in comments and still does something.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Command lines that a tool runs for the package: `//go:generate`.
    pub(super) commands: Vec<(String, Range)>,
}

/// Where a here-document is mentioned, and where its text stands.
pub(super) type Document = (usize, (usize, usize));

/// The state of a translation.
pub(super) struct Lower<'a, 'b> {
    dialect: &'static Dialect,
    text: &'a str,
    depth: u32,
    limit: u32,
    budget: &'b mut Budget,
    /// Where the tree got too deep; what is deeper is left out.
    pub(super) too_deep: Option<u32>,
    pub(super) told: Told,
    /// Where the bodies of here-documents stand, by where the documents are mentioned.
    pub(super) documents: Option<Rc<[Document]>>,
}

impl<'a, 'b> Lower<'a, 'b> {
    pub(super) fn new(
        dialect: &'static Dialect,
        text: &'a str,
        limit: u32,
        budget: &'b mut Budget,
    ) -> Self {
        Self {
            dialect,
            text,
            depth: 0,
            limit,
            budget,
            too_deep: None,
            told: Told::default(),
            documents: None,
        }
    }

    /// What a node means.
    pub(super) fn node(&mut self, syntax: Syntax<'_>) -> Node {
        let range = range(syntax);
        if !self.budget.step() {
            return Node::nothing(range);
        }
        if self.depth >= self.limit {
            self.too_deep.get_or_insert(range.0);
            return Node::nothing(range);
        }
        self.depth += 1;
        let node = (self.dialect.lower)(self, syntax);
        self.depth -= 1;
        node
    }

    /// Takes some steps of the budget.
    pub(super) fn spend(&mut self, steps: u64) -> bool {
        self.budget.spend(steps)
    }

    /// The text of a node.
    pub(super) fn slice(&self, syntax: Syntax<'_>) -> &'a str {
        self.text.get(syntax.byte_range()).unwrap_or("")
    }

    /// What all named parts of a node mean.
    pub(super) fn children(&mut self, syntax: Syntax<'_>) -> Vec<Node> {
        let mut nodes = Vec::new();
        let mut cursor = syntax.walk();
        if cursor.goto_first_child() {
            loop {
                if cursor.node().is_named() {
                    let node = self.node(cursor.node());
                    if node.form != Form::Nothing {
                        nodes.push(node);
                    }
                }
                if !cursor.goto_next_sibling() {
                    break;
                }
            }
        }
        nodes
    }

    /// What a part of a node means.
    pub(super) fn field(&mut self, syntax: Syntax<'_>, name: &str) -> Option<Node> {
        let part = syntax.child_by_field_name(name)?;
        Some(self.node(part))
    }

    /// The text of a part of a node.
    pub(super) fn word(&self, syntax: Syntax<'_>, name: &str) -> &'a str {
        syntax
            .child_by_field_name(name)
            .map_or("", |part| self.slice(part))
    }

    /// An expression that is none of the forms.
    pub(super) fn mix(&mut self, syntax: Syntax<'_>) -> Node {
        let mut nodes = self.children(syntax);
        match (nodes.pop(), nodes.is_empty()) {
            (None, _) => Node::nothing(range(syntax)),
            (Some(only), true) => only,
            (Some(last), false) => {
                nodes.push(last);
                Node::new(Form::Mix(nodes), range(syntax))
            }
        }
    }

    /// Statements.
    pub(super) fn sequence(&mut self, syntax: Syntax<'_>) -> Node {
        Node::new(Form::Sequence(self.children(syntax)), range(syntax))
    }

    /// Statements that may not run.
    pub(super) fn maybe(&mut self, syntax: Syntax<'_>) -> Node {
        Node::new(Form::Maybe(self.children(syntax)), range(syntax))
    }

    /// The operands of `a + b + c`, which grammars nest to the left.
    pub(super) fn operands(&mut self, syntax: Syntax<'_>, operator: &str) -> Vec<Node> {
        let mut right = Vec::new();
        let mut at = syntax;
        let first = loop {
            right.extend(at.child_by_field_name("right"));
            let Some(left) = at.child_by_field_name("left") else {
                break None;
            };
            let same = left.kind() == syntax.kind() && self.word(left, "operator") == operator;
            if !same || right.len() >= MAX_CHAIN || !self.budget.step() {
                break Some(left);
            }
            at = left;
        };
        let mut nodes: Vec<Node> = first.into_iter().map(|n| self.node(n)).collect();
        for part in right.into_iter().rev() {
            nodes.push(self.node(part));
        }
        nodes
    }

    /// The assignment of `value` to the node behind a field.
    pub(super) fn assign(&mut self, syntax: Syntax<'_>, fields: (&str, &str), grows: bool) -> Node {
        let value = self.field(syntax, fields.1);
        let target = self.field(syntax, fields.0);
        let (Some(target), Some(value)) = (target, value) else {
            return self.mix(syntax);
        };
        assign(target, value, grows, range(syntax))
    }

    /// A function from its parts.
    pub(super) fn function(
        &mut self,
        syntax: Syntax<'_>,
        name: String,
        kind: FunctionKind,
        parameters: Vec<String>,
    ) -> Node {
        let body = self
            .field(syntax, "body")
            .unwrap_or_else(|| Node::nothing(range(syntax)));
        let function = Function {
            name,
            kind,
            parameters,
            body,
            runs: false,
        };
        Node::new(Form::Function(Rc::new(function)), range(syntax))
    }

    /// Every node of a kind below one, in order: names of parameters. Bounded.
    pub(super) fn names_below(
        &mut self,
        syntax: Option<Syntax<'_>>,
        kinds: &[&str],
    ) -> Vec<String> {
        let mut names = Vec::new();
        let Some(syntax) = syntax else {
            return names;
        };
        let mut waiting = vec![syntax];
        while let Some(at) = waiting.pop() {
            if names.len() >= 64 || !self.budget.step() {
                break;
            }
            if kinds.contains(&at.kind()) {
                names.push(self.slice(at).to_owned());
                continue;
            }
            let mut cursor = at.walk();
            let mut below: Vec<_> = at.named_children(&mut cursor).take(256).collect();
            below.reverse();
            waiting.extend(below);
        }
        names
    }
}

/// An assignment; a list of targets gets the parts of a list of as many values, or the whole value.
pub(super) fn assign(target: Node, value: Node, grows: bool, range: Range) -> Node {
    let Form::List(targets) = target.form else {
        let form = Form::Assign {
            target: Box::new(target),
            value: Box::new(value),
            grows,
        };
        return Node::new(form, range);
    };
    let one = |target: Node, value: Node| {
        Node::new(
            Form::Assign {
                target: Box::new(target),
                value: Box::new(value),
                grows,
            },
            range,
        )
    };
    match value.form {
        Form::List(values) if values.len() == targets.len() => Node::new(
            Form::Sequence(
                targets
                    .into_iter()
                    .zip(values)
                    .map(|(t, v)| one(t, v))
                    .collect(),
            ),
            range,
        ),
        form => Node::new(
            Form::Each(targets, Box::new(Node::new(form, value.range))),
            range,
        ),
    }
}

/// One text, if all parts are.
pub(super) fn join(parts: Vec<Node>, range: Range) -> Node {
    let mut whole = Vec::new();
    for part in &parts {
        match &part.form {
            Form::Text(text) => whole.extend_from_slice(text),
            _ => return Node::new(Form::Join(parts), range),
        }
    }
    Node::text(whole, range)
}

/// The bytes of a node.
pub(super) fn range(syntax: Syntax<'_>) -> Range {
    (syntax.start_byte() as u32, syntax.end_byte() as u32)
}

/// A number as C, Ruby, PHP and Go write it.
pub(super) fn number(text: &str) -> Option<i64> {
    let digits: String = text.chars().filter(|c| *c != '_').take(40).collect();
    let lower = digits.to_ascii_lowercase();
    let radix = |prefix: &str, radix| {
        lower
            .strip_prefix(prefix)
            .map(|rest| i64::from_str_radix(rest, radix).ok())
    };
    radix("0x", 16)
        .or_else(|| radix("0b", 2))
        .or_else(|| radix("0o", 8))
        .or_else(|| {
            (lower.len() > 1 && lower.bytes().all(|b| b.is_ascii_digit()))
                .then(|| radix("0", 8))
                .flatten()
        })
        .unwrap_or_else(|| lower.parse().ok())
}

/// The bytes of an escape sequence with its backslash.
pub(super) fn escape(sequence: &str) -> Vec<u8> {
    let rest = sequence.strip_prefix('\\').unwrap_or(sequence);
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok();
    let one = |byte: u8| vec![byte];
    match rest.as_bytes() {
        [b'n'] => one(b'\n'),
        [b't'] => one(b'\t'),
        [b'r'] => one(b'\r'),
        [b'a'] => one(7),
        [b'b'] => one(8),
        [b'v'] => one(11),
        [b'f'] => one(12),
        [b'e'] => one(27),
        [b's'] => one(b' '),
        [b'x', digits @ ..] => std::str::from_utf8(digits)
            .ok()
            .and_then(|d| number(d, 16))
            .map_or_else(Vec::new, |n| vec![n as u8]),
        [b'u' | b'U', ..] => {
            let digits = rest.get(1..).unwrap_or("").trim_matches(['{', '}']);
            digits
                .split(' ')
                .filter_map(|d| number(d, 16).and_then(char::from_u32))
                .collect::<String>()
                .into_bytes()
        }
        [b'0'..=b'7', ..] => number(rest, 8).map_or_else(Vec::new, |n| vec![n as u8]),
        [b'\n', ..] => Vec::new(),
        _ => rest.as_bytes().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_escapes_are_read() {
        for (text, value) in [
            ("10", 10),
            ("0x1F", 31),
            ("0b11", 3),
            ("017", 15),
            ("0o17", 15),
            ("1_000", 1000),
            ("0", 0),
        ] {
            assert_eq!(number(text), Some(value), "{text}");
        }
        assert_eq!(number("1.5"), None);
        for (text, bytes) in [
            ("\\x41", &b"A"[..]),
            ("\\xff", b"\xff"),
            ("\\101", b"A"),
            ("\\u0042", b"B"),
            ("\\u{43 44}", b"CD"),
            ("\\n", b"\n"),
            ("\\\"", b"\""),
            ("\\é", "é".as_bytes()),
        ] {
            assert_eq!(escape(text), bytes, "{text}");
        }
    }
}
