//! What the nodes of PHP's grammar mean. Names of functions, classes and methods are kept in lower case.

use std::rc::Rc;

use foretaste_model::facts::{FunctionKind, Language};
use tree_sitter::Node as Syntax;

use super::Dialect;
use super::lower::{Lower, assign, escape, join, number, range};
use super::tables;
use super::tree::{Form, Function, Import, Node, Range};

/// PHP.
pub(super) static PHP: Dialect = Dialect {
    language: Language::Php,
    grammar: || tree_sitter_php::LANGUAGE_PHP.into(),
    table: &tables::php::TABLE,
    lower,
    roots: &[],
    folds_case: true,
    bare_calls: false,
    loads: &[("include", "")],
    sends: &[],
};

fn lower(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let at = range(syntax);
    match syntax.kind() {
        "comment"
        | "text"
        | "text_interpolation"
        | "php_tag"
        | "global_declaration"
        | "base_clause"
        | "class_interface_clause"
        | "visibility_modifier"
        | "null"
        | "boolean" => Node::nothing(at),
        "program"
        | "compound_statement"
        | "declaration_list"
        | "namespace_definition"
        | "property_declaration"
        | "const_declaration"
        | "namespace_use_declaration"
        | "colon_block" => l.sequence(syntax),
        "if_statement" | "else_clause" | "else_if_clause" | "while_statement" | "do_statement"
        | "for_statement" | "switch_statement" | "switch_block" | "case_statement"
        | "default_statement" | "try_statement" | "catch_clause" | "finally_clause" => {
            l.maybe(syntax)
        }
        "foreach_statement" => foreach(l, syntax),
        "name" | "qualified_name" | "relative_scope" | "namespace_name" | "named_type" => {
            Node::name(dotted(l.slice(syntax)), at)
        }
        "variable_name" => Node::name(l.slice(syntax), at),
        "dynamic_variable_name" => {
            let parts = l.children(syntax);
            Node::call(Node::name("$$", at), parts, at)
        }
        "integer" => number(l.slice(syntax))
            .map_or_else(|| Node::nothing(at), |n| Node::new(Form::Number(n), at)),
        "string" => quoted(l, syntax),
        "encapsed_string" | "heredoc_body" | "nowdoc_body" => parts(l, syntax),
        "heredoc" | "nowdoc" => l
            .field(syntax, "value")
            .unwrap_or_else(|| Node::text("", at)),
        "string_content" | "nowdoc_string" => Node::text(l.slice(syntax), at),
        "escape_sequence" => Node::text(escape(l.slice(syntax)), at),
        "shell_command_expression" => {
            let line = parts(l, syntax);
            Node::call(Node::name("`", at), vec![line], at)
        }
        "function_call_expression" => {
            let arguments = arguments(l, syntax);
            match l.field(syntax, "function") {
                Some(function) => Node::call(function, arguments, at),
                None => Node::new(Form::Mix(arguments), at),
            }
        }
        "member_call_expression" | "nullsafe_member_call_expression" => method(l, syntax, "object"),
        "scoped_call_expression" => method(l, syntax, "scope"),
        "object_creation_expression" => creation(l, syntax),
        "argument" => argument(l, syntax),
        "member_access_expression" | "nullsafe_member_access_expression" => {
            field(l, syntax, "object")
        }
        "scoped_property_access_expression" => field(l, syntax, "scope"),
        "class_constant_access_expression" => {
            let mut nodes = l.children(syntax).into_iter();
            match (nodes.next(), nodes.next().map(|n| n.form)) {
                (Some(of), Some(Form::Name(name))) => {
                    Node::new(Form::Member(Box::new(of), name), at)
                }
                (of, _) => of.unwrap_or_else(|| Node::nothing(at)),
            }
        }
        "subscript_expression" => {
            let mut nodes = l.children(syntax).into_iter();
            match (nodes.next(), nodes.next()) {
                (Some(of), Some(key)) => Node::new(Form::Index(Box::new(of), Box::new(key)), at),
                (of, _) => of.unwrap_or_else(|| Node::nothing(at)),
            }
        }
        "binary_expression" => binary(l, syntax),
        "assignment_expression" | "reference_assignment_expression" => {
            l.assign(syntax, ("left", "right"), false)
        }
        "augmented_assignment_expression" => augmented(l, syntax),
        "property_element" => {
            let name = l.word(syntax, "name").trim_start_matches('$').to_owned();
            let target = Form::Member(Box::new(Node::name("$this", at)), name);
            initial(l, syntax, Node::new(target, at), "default_value")
        }
        "static_variable_declaration" => {
            let target = Node::name(l.word(syntax, "name"), at);
            initial(l, syntax, target, "value")
        }
        "const_element" => {
            let mut nodes = l.children(syntax).into_iter();
            match (nodes.next(), nodes.next()) {
                (Some(name), Some(value)) => assign(name, value, false, at),
                _ => Node::nothing(at),
            }
        }
        "list_literal" | "array_creation_expression" => {
            Node::new(Form::List(l.children(syntax)), at)
        }
        "array_element_initializer" | "pair" => element(l, syntax),
        "include_expression"
        | "include_once_expression"
        | "require_expression"
        | "require_once_expression" => {
            let parts = l.children(syntax);
            Node::call(Node::name("include", at), parts, at)
        }
        "function_definition" | "method_declaration" => {
            let name = l.word(syntax, "name").to_ascii_lowercase();
            let parameters = parameters(l, syntax);
            let kind = if syntax.kind() == "method_declaration" {
                FunctionKind::Method
            } else {
                FunctionKind::Function
            };
            l.function(syntax, name, kind, parameters)
        }
        // its body is what it gives back
        "arrow_function" => {
            let parameters = parameters(l, syntax);
            let body = l.field(syntax, "body").unwrap_or_else(|| Node::nothing(at));
            let function = Function {
                name: String::new(),
                kind: FunctionKind::Function,
                parameters,
                body: Node::new(Form::Return(Box::new(body)), at),
                runs: false,
            };
            Node::new(Form::Function(Rc::new(function)), at)
        }
        "anonymous_function" | "anonymous_function_creation_expression" => {
            let parameters = parameters(l, syntax);
            l.function(syntax, String::new(), FunctionKind::Function, parameters)
        }
        "class_declaration"
        | "trait_declaration"
        | "enum_declaration"
        | "interface_declaration"
        | "anonymous_class" => {
            let name = l.word(syntax, "name").to_ascii_lowercase();
            let body = l.field(syntax, "body").unwrap_or_else(|| Node::nothing(at));
            Node::new(Form::Class(name, Box::new(body)), at)
        }
        "return_statement" => {
            let value = l.mix(syntax);
            Node::new(Form::Return(Box::new(value)), at)
        }
        "namespace_use_clause" => import(l, syntax),
        "cast_expression" => l
            .field(syntax, "value")
            .unwrap_or_else(|| Node::nothing(at)),
        _ => l.mix(syntax),
    }
}

/// `\Foo\Bar` as `foo.bar`.
fn dotted(name: &str) -> String {
    name.trim_start_matches('\\')
        .replace('\\', ".")
        .to_ascii_lowercase()
}

fn parameters(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Vec<String> {
    l.names_below(syntax.child_by_field_name("parameters"), &["variable_name"])
}

fn arguments(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Vec<Node> {
    let mut cursor = syntax.walk();
    let list = syntax
        .named_children(&mut cursor)
        .find(|n| n.kind() == "arguments");
    list.map_or_else(Vec::new, |list| l.children(list))
}

fn argument(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let keyword = l.word(syntax, "name").to_ascii_lowercase();
    let Some(value) = l.children(syntax).pop() else {
        return Node::nothing(range(syntax));
    };
    if keyword.is_empty() {
        value
    } else {
        Node::new(Form::Keyed(keyword, Box::new(value)), range(syntax))
    }
}

fn method(l: &mut Lower<'_, '_>, syntax: Syntax<'_>, of: &str) -> Node {
    let at = range(syntax);
    let arguments = arguments(l, syntax);
    let name = syntax.child_by_field_name("name");
    let plain = name.is_some_and(|n| n.kind() == "name");
    let object = l.field(syntax, of).unwrap_or_else(|| Node::nothing(at));
    let callee = if plain {
        let name = l.word(syntax, "name").to_ascii_lowercase();
        Node::new(Form::Member(Box::new(object), name), at)
    } else {
        // the method is a value
        let mut nodes = vec![object];
        nodes.extend(name.map(|n| l.node(n)));
        Node::new(Form::Mix(nodes), at)
    };
    Node::call(callee, arguments, at)
}

fn field(l: &mut Lower<'_, '_>, syntax: Syntax<'_>, of: &str) -> Node {
    let at = range(syntax);
    let name = l.word(syntax, "name").trim_start_matches('$').to_owned();
    match l.field(syntax, of) {
        Some(object) => Node::new(Form::Member(Box::new(object), name), at),
        None => Node::name(name, at),
    }
}

fn creation(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let at = range(syntax);
    let arguments = arguments(l, syntax);
    let mut cursor = syntax.walk();
    let class = syntax
        .named_children(&mut cursor)
        .find(|n| n.kind() != "arguments");
    match class.map(|c| (c.kind() == "anonymous_class", l.node(c))) {
        Some((false, class)) => {
            let callee = Node::new(Form::Member(Box::new(class), "new".to_owned()), at);
            Node::call(callee, arguments, at)
        }
        Some((true, class)) => {
            let mut nodes = arguments;
            nodes.push(class);
            Node::new(Form::Sequence(nodes), at)
        }
        None => Node::new(Form::Mix(arguments), at),
    }
}

fn initial(l: &mut Lower<'_, '_>, syntax: Syntax<'_>, target: Node, value: &str) -> Node {
    match l.field(syntax, value) {
        Some(value) => assign(target, value, false, range(syntax)),
        None => Node::nothing(range(syntax)),
    }
}

fn element(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let at = range(syntax);
    let mut nodes = l.children(syntax).into_iter();
    match (nodes.next(), nodes.next()) {
        (Some(key), Some(value)) => {
            let key = match key.form {
                Form::Text(text) => String::from_utf8_lossy(&text).into_owned(),
                Form::Number(number) => number.to_string(),
                _ => return value,
            };
            Node::new(Form::Keyed(key, Box::new(value)), at)
        }
        (only, _) => only.unwrap_or_else(|| Node::nothing(at)),
    }
}

fn foreach(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let at = range(syntax);
    let mut cursor = syntax.walk();
    let heads: Vec<Syntax<'_>> = syntax.named_children(&mut cursor).take(2).collect();
    let mut nodes = Vec::new();
    if let [value, target] = heads[..] {
        let value = l.node(value);
        let targets = l
            .names_below(Some(target), &["variable_name"])
            .into_iter()
            .map(|name| Node::name(name, at))
            .collect();
        nodes.push(Node::new(Form::Each(targets, Box::new(value)), at));
    }
    nodes.extend(l.field(syntax, "body"));
    Node::new(Form::Maybe(nodes), at)
}

fn binary(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let at = range(syntax);
    match l.word(syntax, "operator") {
        "." => Node::new(Form::Join(l.operands(syntax, ".")), at),
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
    }
}

fn augmented(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let at = range(syntax);
    if l.word(syntax, "operator") == "^="
        && let (Some(target), Some(value)) = (l.field(syntax, "left"), l.field(syntax, "right"))
    {
        let xor = Form::Xor(Box::new(target.clone()), Box::new(value));
        return assign(target, Node::new(xor, at), false, at);
    }
    l.assign(syntax, ("left", "right"), true)
}

/// Single quotes: two escapes only.
fn quoted(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let slice = l.slice(syntax);
    let inner = slice
        .trim_start_matches(['b', 'B'])
        .strip_prefix('\'')
        .and_then(|s| s.strip_suffix('\''))
        .unwrap_or(slice);
    let text = if inner.contains('\\') {
        inner.replace("\\'", "'").replace("\\\\", "\\")
    } else {
        inner.to_owned()
    };
    Node::text(text, range(syntax))
}

fn parts(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let parts = l.children(syntax);
    join(parts, range(syntax))
}

fn import(l: &mut Lower<'_, '_>, syntax: Syntax<'_>) -> Node {
    let at: Range = range(syntax);
    let mut cursor = syntax.walk();
    let module = syntax
        .named_children(&mut cursor)
        .find(|n| matches!(n.kind(), "qualified_name" | "name"))
        .map_or_else(String::new, |n| dotted(l.slice(n)));
    let alias = l.word(syntax, "alias").to_ascii_lowercase();
    let name = match &*alias {
        "" => module.rsplit('.').next().unwrap_or("").to_owned(),
        _ => alias,
    };
    let form = Form::Import(Import {
        names: Vec::new(),
        open: false,
        local: Some((name, module.clone())),
        module,
    });
    Node::new(form, at)
}
