//! What the nodes of Ruby's grammar mean.

use std::rc::Rc;

use foretaste_model::facts::{FunctionKind, Language};
use tree_sitter::Node as Syntax;

use super::Dialect;
use super::lower::{Document, Lower, assign, escape, join, number, range};
use super::tables;
use super::tree::{Form, Node};

/// Ruby.
pub(super) static RUBY: Dialect = Dialect {
    language: Language::Ruby,
    grammar: || tree_sitter_ruby::LANGUAGE.into(),
    table: &tables::ruby::TABLE,
    lower,
    roots: &[
        "Kernel",
        "Object",
        "self",
        "main",
        "TOPLEVEL_BINDING.receiver",
    ],
    folds_case: false,
    bare_calls: true,
    loads: &[
        ("require", ""),
        ("require_relative", "./"),
        ("load", ""),
        ("autoload", ""),
    ],
    sends: &[
        "send",
        "public_send",
        "__send__",
        "method",
        "public_method",
        "instance_method",
    ],
};

const PARAMETERS: &[&str] = &["identifier"];

fn lower(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let at = range(syntax);
    match syntax.kind() {
        "comment" | "heredoc_body" | "uninterpreted" | "nil" | "superclass" => Node::nothing(at),
        "program"
        | "body_statement"
        | "block_body"
        | "begin"
        | "parenthesized_statements"
        | "begin_block"
        | "end_block"
        | "do"
        | "interpolation" => l.sequence(syntax),
        "then" | "else" | "elsif" | "ensure" | "if" | "unless" | "while" | "until" | "case"
        | "when" | "rescue" | "if_modifier" | "unless_modifier" | "while_modifier"
        | "until_modifier" | "rescue_modifier" | "case_match" | "in_clause" => l.maybe(syntax),
        "for" => each(l, syntax),
        "identifier" | "constant" | "instance_variable" | "class_variable" | "global_variable"
        | "self" => Node::name(l.slice(syntax), at),
        "scope_resolution" => {
            let name = l.word(syntax, "name").to_owned();
            match l.field(syntax, "scope") {
                Some(scope) => Node::new(Form::Member(Box::new(scope), name), at),
                None => Node::name(name, at),
            }
        }
        "integer" => number(l.slice(syntax))
            .map_or_else(|| Node::nothing(at), |n| Node::new(Form::Number(n), at)),
        "string" | "bare_string" | "delimited_symbol" | "bare_symbol" | "chained_string"
        | "character" | "simple_symbol" | "hash_key_symbol" | "string_content"
        | "escape_sequence" | "heredoc_content" => text(l, syntax),
        "subshell" => {
            let line = parts(l, syntax);
            Node::call(Node::name("`", at), vec![line], at)
        }
        "heredoc_beginning" => document(l, syntax),
        "array"
        | "string_array"
        | "symbol_array"
        | "hash"
        | "right_assignment_list"
        | "left_assignment_list"
        | "destructured_left_assignment" => Node::new(Form::List(l.children(syntax)), at),
        "pair" => {
            let value = l
                .field(syntax, "value")
                .unwrap_or_else(|| Node::nothing(at));
            match l.field(syntax, "key").map(|k| k.form) {
                Some(Form::Text(key)) => {
                    let key = String::from_utf8_lossy(&key).into_owned();
                    Node::new(Form::Keyed(key, Box::new(value)), at)
                }
                _ => value,
            }
        }
        "call" => call(l, syntax),
        "element_reference" => {
            let mut nodes = l.children(syntax).into_iter();
            let (object, key) = (nodes.next(), nodes.next());
            index(object, key, at)
        }
        "binary" => binary(l, syntax),
        "assignment" => l.assign(syntax, ("left", "right"), false),
        "operator_assignment" => {
            let node = l.assign(syntax, ("left", "right"), true);
            Node::new(Form::Maybe(vec![node]), at)
        }
        "alias" => {
            let (name, of) = (l.word(syntax, "name"), l.word(syntax, "alias"));
            assign(Node::name(name, at), Node::name(of, at), false, at)
        }
        "method" | "singleton_method" => {
            let name = l.word(syntax, "name").to_owned();
            let parameters = l.names_below(syntax.child_by_field_name("parameters"), PARAMETERS);
            l.function(syntax, name, FunctionKind::Method, parameters)
        }
        "lambda" | "block" | "do_block" => closure(l, syntax),
        "class" | "module" | "singleton_class" => {
            let name = l.word(syntax, "name").replace("::", ".");
            let body = l.field(syntax, "body").unwrap_or_else(|| Node::nothing(at));
            Node::new(Form::Class(name, Box::new(body)), at)
        }
        "return" => {
            let value = l.mix(syntax);
            Node::new(Form::Return(Box::new(value)), at)
        }
        _ => l.mix(syntax),
    }
}

fn index(object: Option<Node>, key: Option<Node>, at: (u32, u32)) -> Node {
    match (object, key) {
        (Some(object), Some(key)) => Node::new(Form::Index(Box::new(object), Box::new(key)), at),
        (Some(object), None) => object,
        _ => Node::nothing(at),
    }
}

fn closure(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let parameters = l.names_below(syntax.child_by_field_name("parameters"), PARAMETERS);
    l.function(syntax, String::new(), FunctionKind::Function, parameters)
}

fn call(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let at = range(syntax);
    let method = match l.word(syntax, "method") {
        "" => "call",
        method => method,
    };
    let callee = match l.field(syntax, "receiver") {
        Some(receiver) => Node::new(Form::Member(Box::new(receiver), method.to_owned()), at),
        None => Node::name(method, at),
    };
    let mut arguments = syntax
        .child_by_field_name("arguments")
        .map_or_else(Vec::new, |list| l.children(list));
    arguments.extend(l.field(syntax, "block"));
    Node::call(callee, arguments, at)
}

fn each(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let at = range(syntax);
    let targets: Vec<Node> = l.field(syntax, "pattern").into_iter().collect();
    let value = l
        .field(syntax, "value")
        .unwrap_or_else(|| Node::nothing(at));
    let body = l.field(syntax, "body");
    let mut nodes = vec![Node::new(Form::Each(targets, Box::new(value)), at)];
    nodes.extend(body);
    Node::new(Form::Maybe(nodes), at)
}

fn binary(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let at = range(syntax);
    match l.word(syntax, "operator") {
        "+" => Node::new(Form::Sum(l.operands(syntax, "+")), at),
        "<<" => {
            let mut operands = l.operands(syntax, "<<");
            let named = operands
                .first()
                .is_some_and(|n| matches!(n.form, Form::Name(_) | Form::Member(..)));
            if named {
                let target = operands.remove(0);
                assign(target, Node::new(Form::Join(operands), at), true, at)
            } else {
                Node::new(Form::Sum(operands), at)
            }
        }
        "^" => {
            let mut operands = l.operands(syntax, "^").into_iter();
            let Some(first) = operands.next() else {
                return Node::nothing(at);
            };
            operands.fold(first, |a, b| {
                Node::new(Form::Xor(Box::new(a), Box::new(b)), at)
            })
        }
        "%" => {
            let mut operands = l.operands(syntax, "%");
            if operands.len() == 2
                && let Some(last) = operands.pop()
            {
                match last.form {
                    Form::List(values) => operands.extend(values),
                    _ => operands.push(last),
                }
            }
            Node::call(Node::name("format", at), operands, at)
        }
        operator => Node::new(Form::Mix(l.operands(syntax, operator)), at),
    }
}

/// A string of any kind.
fn text(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let at = range(syntax);
    let slice = l.slice(syntax);
    match syntax.kind() {
        "string_content" | "heredoc_content" | "hash_key_symbol" => Node::text(slice, at),
        "escape_sequence" => Node::text(escape(slice), at),
        "simple_symbol" => Node::text(slice.trim_start_matches(':'), at),
        "character" => {
            let character = slice.strip_prefix('?').unwrap_or(slice);
            if character.starts_with('\\') {
                Node::text(escape(character), at)
            } else {
                Node::text(character, at)
            }
        }
        _ => parts(l, syntax),
    }
}

fn parts(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    // what is interpolated leaves a hole even where nothing is known of it
    let mut parts = Vec::new();
    let mut cursor = syntax.walk();
    if cursor.goto_first_child() {
        loop {
            if cursor.node().is_named() && cursor.node().kind() != "heredoc_end" {
                parts.push(l.node(cursor.node()));
            }
            if !cursor.goto_next_sibling() {
                break;
            }
        }
    }
    join(parts, range(syntax))
}

/// The text of a here-document, which stands behind the line that mentions it.
fn document(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let at = range(syntax);
    let documents = if let Some(known) = &l.documents {
        known.clone()
    } else {
        let found: Rc<[_]> = all_documents(l, syntax).into();
        l.documents = Some(found.clone());
        found
    };
    let body = documents
        .binary_search_by_key(&syntax.start_byte(), |(begin, _)| *begin)
        .ok()
        .and_then(|i| documents.get(i))
        .map(|(_, body)| *body);
    let Some((start, end)) = body else {
        return Node::nothing(at);
    };
    let mut around = syntax;
    while around.end_byte() < end && l.spend(64) {
        match around.parent() {
            Some(parent) => around = parent,
            None => break,
        }
    }
    let found = around
        .descendant_for_byte_range(start, end)
        .filter(|n| n.kind() == "heredoc_body");
    let Some(found) = found else {
        return Node::nothing(at);
    };
    let line = parts(l, found);
    if l.slice(syntax).contains('`') {
        Node::call(Node::name("`", at), vec![line], at)
    } else {
        line
    }
}

/// Where here-documents are mentioned, and where their texts stand.
fn all_documents(l: &mut Lower<'_, '_>, within: Syntax<'_>) -> Vec<Document> {
    let mut root = within;
    while let Some(parent) = root.parent() {
        if !l.spend(64) {
            return Vec::new();
        }
        root = parent;
    }
    let (mut begins, mut bodies) = (Vec::new(), Vec::new());
    let mut cursor = root.walk();
    'walk: loop {
        let node = cursor.node();
        match node.kind() {
            "heredoc_beginning" => begins.push(node.start_byte()),
            "heredoc_body" => bodies.push((node.start_byte(), node.end_byte())),
            _ => {}
        }
        if !l.spend(1) {
            break;
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                break 'walk;
            }
        }
    }
    begins.sort_unstable();
    bodies.sort_unstable();
    begins.into_iter().zip(bodies).collect()
}
