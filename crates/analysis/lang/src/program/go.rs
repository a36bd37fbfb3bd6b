//! What the nodes of Go's grammar mean.

use std::rc::Rc;

use foretaste_model::facts::{FunctionKind, Language};
use tree_sitter::Node as Syntax;

use super::Dialect;
use super::lower::{Lower, assign, escape, join, number, range};
use super::tables;
use super::tree::{Form, Function, Import, Node, Range};

/// Go.
pub(super) static GO: Dialect = Dialect {
    language: Language::Go,
    grammar: || tree_sitter_go::LANGUAGE.into(),
    table: &tables::go::TABLE,
    lower,
    roots: &[],
    folds_case: false,
    bare_calls: false,
    loads: &[],
    sends: &[],
};

fn lower(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let at = range(syntax);
    match syntax.kind() {
        "comment" => comment(l, syntax),
        "package_clause" | "type_declaration" | "nil" | "type_arguments" | "blank_identifier" => {
            Node::nothing(at)
        }
        "source_file" | "block" | "statement_list" | "import_declaration" | "import_spec_list"
        | "const_declaration" | "var_declaration" | "var_spec_list" => l.sequence(syntax),
        "if_statement"
        | "expression_switch_statement"
        | "expression_case"
        | "default_case"
        | "type_switch_statement"
        | "type_case"
        | "select_statement"
        | "communication_case" => l.maybe(syntax),
        "for_statement" => for_loop(l, syntax),
        "import_spec" => import(l, syntax),
        "identifier" | "package_identifier" | "field_identifier" | "type_identifier" => {
            Node::name(l.slice(syntax), at)
        }
        "selector_expression" => member(l, syntax, ("operand", "field")),
        "qualified_type" => member(l, syntax, ("package", "name")),
        "call_expression" => {
            let arguments = syntax
                .child_by_field_name("arguments")
                .map_or_else(Vec::new, |list| l.children(list));
            match l.field(syntax, "function") {
                Some(function) => Node::call(function, arguments, at),
                None => Node::new(Form::Mix(arguments), at),
            }
        }
        "type_conversion_expression"
        | "type_assertion_expression"
        | "slice_expression"
        | "unary_expression" => l
            .field(syntax, "operand")
            .unwrap_or_else(|| Node::nothing(at)),
        "index_expression" => match (l.field(syntax, "operand"), l.field(syntax, "index")) {
            (Some(object), Some(key)) => {
                Node::new(Form::Index(Box::new(object), Box::new(key)), at)
            }
            _ => l.mix(syntax),
        },
        "composite_literal" => composite(l, syntax),
        "literal_value" | "expression_list" => Node::new(Form::List(l.children(syntax)), at),
        "keyed_element" => keyed(l, syntax),
        "interpreted_string_literal" => {
            let parts = l.children(syntax);
            join(parts, at)
        }
        "raw_string_literal" => Node::text(l.slice(syntax).trim_matches('`'), at),
        "interpreted_string_literal_content" => Node::text(l.slice(syntax), at),
        "escape_sequence" => Node::text(escape(l.slice(syntax)), at),
        "rune_literal" => rune(l.slice(syntax), at),
        "int_literal" => number(l.slice(syntax))
            .map_or_else(|| Node::nothing(at), |n| Node::new(Form::Number(n), at)),
        "binary_expression" => match l.word(syntax, "operator") {
            "+" => Node::new(Form::Sum(l.operands(syntax, "+")), at),
            "^" => {
                let mut operands = l.operands(syntax, "^").into_iter();
                let Some(first) = operands.next() else {
                    return Node::nothing(at);
                };
                operands.fold(first, |a, b| {
                    Node::new(Form::Xor(Box::new(a), Box::new(b)), at)
                })
            }
            operator => Node::new(Form::Mix(l.operands(syntax, operator)), at),
        },
        "short_var_declaration" | "assignment_statement" => {
            let grows = !matches!(l.word(syntax, "operator"), "=" | "");
            assigned(l, syntax, ("left", "right"), grows)
        }
        "var_spec" | "const_spec" => declared(l, syntax),
        "func_literal" => {
            let parameters = parameters(l, syntax);
            l.function(syntax, String::new(), FunctionKind::Function, parameters)
        }
        "function_declaration" | "method_declaration" => function(l, syntax),
        "return_statement" => {
            let value = l.mix(syntax);
            Node::new(Form::Return(Box::new(value)), at)
        }
        _ => l.mix(syntax),
    }
}

fn comment(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let at = range(syntax);
    let slice = l.slice(syntax);
    if let Some(line) = slice.strip_prefix("//go:generate ") {
        l.told.commands.push((line.trim().to_owned(), at));
    }
    if slice.contains("#include") || slice.contains("#cgo") {
        // what stands before `import "C"` is C code
        let code: String = slice
            .chars()
            .filter(|c| *c != '\0')
            .take(64 << 10)
            .collect();
        let strings = code.split('"').skip(1).step_by(2);
        let texts = strings.take(64).map(|s| Node::text(s, at)).collect();
        return Node::new(Form::Mix(texts), at);
    }
    Node::nothing(at)
}

fn member(l: &mut Lower<'_, '_>, syntax: Syntax<'_>, fields: (&str, &str)) -> Node {
    let name = l.word(syntax, fields.1).to_owned();
    match l.field(syntax, fields.0) {
        Some(of) => Node::new(Form::Member(Box::new(of), name), range(syntax)),
        None => Node::name(name, range(syntax)),
    }
}

fn import(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let module = l.word(syntax, "path").trim_matches(['"', '`']).to_owned();
    let alias = l.word(syntax, "name");
    let name = match alias {
        "" => {
            let mut parts = module.rsplit('/');
            let last = parts.next().unwrap_or("");
            let version = last.len() > 1
                && last.starts_with('v')
                && last.bytes().skip(1).all(|b| b.is_ascii_digit());
            let last = if version {
                parts.next().unwrap_or(last)
            } else {
                last
            };
            last.trim_start_matches("go-")
                .split(".v")
                .next()
                .unwrap_or(last)
                .to_owned()
        }
        alias => alias.to_owned(),
    };
    let named = !matches!(&*name, "_" | ".");
    let form = Form::Import(Import {
        names: Vec::new(),
        open: name == ".",
        local: named.then(|| (name, module.clone())),
        module,
    });
    Node::new(form, range(syntax))
}

fn composite(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let at = range(syntax);
    let elements = syntax
        .child_by_field_name("body")
        .map_or_else(Vec::new, |body| l.children(body));
    let named = syntax
        .child_by_field_name("type")
        .filter(|t| matches!(t.kind(), "type_identifier" | "qualified_type"));
    match named {
        Some(named) => {
            let named = l.node(named);
            Node::call(named, elements, at)
        }
        None => Node::new(Form::List(elements), at),
    }
}

fn keyed(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let at = range(syntax);
    let value = l
        .field(syntax, "value")
        .unwrap_or_else(|| Node::nothing(at));
    let key = match l.field(syntax, "key").map(|k| k.form) {
        Some(Form::Name(name)) => name,
        Some(Form::Text(text)) => String::from_utf8_lossy(&text).into_owned(),
        Some(Form::Number(number)) => number.to_string(),
        _ => return value,
    };
    Node::new(Form::Keyed(key, Box::new(value)), at)
}

fn rune(slice: &str, at: Range) -> Node {
    let inner = slice.trim_matches('\'');
    let bytes = if inner.starts_with('\\') {
        escape(inner)
    } else {
        inner.as_bytes().to_vec()
    };
    let number = match std::str::from_utf8(&bytes)
        .ok()
        .and_then(|t| t.chars().next())
    {
        Some(c) => i64::from(u32::from(c)),
        None => bytes.first().copied().map_or(0, i64::from),
    };
    Node::new(Form::Number(number), at)
}

/// Names of results that say how it went carry no data.
fn carries(node: &Node) -> bool {
    !matches!(&node.form, Form::Name(name) if matches!(&**name, "err" | "_" | "ok"))
}

fn assigned(l: &mut Lower<'_, '_>, syntax: Syntax<'_>, fields: (&str, &str), grows: bool) -> Node {
    let at = range(syntax);
    let value = l.field(syntax, fields.1);
    let target = l.field(syntax, fields.0);
    let (Some(target), Some(value)) = (target, value) else {
        return l.mix(syntax);
    };
    pair(target, value, grows, at)
}

fn pair(target: Node, value: Node, grows: bool, at: Range) -> Node {
    let mut targets = match target.form {
        Form::List(targets) => targets,
        _ => vec![target],
    };
    let mut value = value;
    if let Form::List(values) = &mut value.form
        && values.len() == 1
        && let Some(only) = values.pop()
    {
        value = only;
    } else if let Form::List(values) = &value.form
        && values.len() == targets.len()
    {
        return assign(Node::new(Form::List(targets), at), value, grows, at);
    }
    targets.retain(carries);
    if targets.len() == 1
        && let Some(only) = targets.pop()
    {
        return assign(only, value, grows, at);
    }
    Node::new(Form::Each(targets, Box::new(value)), at)
}

fn declared(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let at = range(syntax);
    let mut cursor = syntax.walk();
    let names: Vec<Syntax<'_>> = syntax
        .children_by_field_name("name", &mut cursor)
        .take(64)
        .collect();
    let targets = names.into_iter().map(|n| l.node(n)).collect();
    match l.field(syntax, "value") {
        Some(value) => pair(Node::new(Form::List(targets), at), value, false, at),
        // `var client http.Client`
        None => match l.field(syntax, "type") {
            Some(kind) if kind.path().is_some() => pair(
                Node::new(Form::List(targets), at),
                Node::call(kind, Vec::new(), at),
                false,
                at,
            ),
            _ => Node::nothing(at),
        },
    }
}

fn for_loop(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let at = range(syntax);
    let mut cursor = syntax.walk();
    let clause = syntax
        .named_children(&mut cursor)
        .find(|n| n.kind() == "range_clause");
    let Some(clause) = clause else {
        return l.maybe(syntax);
    };
    let targets = match l.field(clause, "left").map(|n| n.form) {
        Some(Form::List(targets)) => targets,
        _ => Vec::new(),
    };
    let mut nodes = Vec::new();
    if let Some(value) = l.field(clause, "right") {
        nodes.push(Node::new(Form::Each(targets, Box::new(value)), at));
    }
    nodes.extend(l.field(syntax, "body"));
    Node::new(Form::Maybe(nodes), at)
}

fn parameters(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Vec<String> {
    l.names_below(syntax.child_by_field_name("parameters"), &["identifier"])
}

fn function(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let at = range(syntax);
    let name = l.word(syntax, "name").to_owned();
    let method = syntax.kind() == "method_declaration";
    let runs = !method && matches!(&*name, "init" | "main");
    let parameters = parameters(l, syntax);
    let body = l.field(syntax, "body").unwrap_or_else(|| Node::nothing(at));
    let function = Function {
        name,
        kind: if method {
            FunctionKind::Method
        } else {
            FunctionKind::Function
        },
        parameters,
        body,
        runs,
    };
    let node = Node::new(Form::Function(Rc::new(function)), at);
    let class = syntax.child_by_field_name("receiver").and_then(|r| {
        l.names_below(Some(r), &["type_identifier"])
            .into_iter()
            .next()
    });
    match class {
        Some(class) => Node::new(Form::Class(class, Box::new(node)), at),
        None => node,
    }
}
