//! The form in which programs of several languages are read: expressions, as few kinds of them as will do.
//!
//! A grammar says much that does not matter here. What matters is which names a program calls, with which constants
//! and values, and where those come from; so every statement is an expression, and what is none of the kinds below
//! is a mixture of its parts.

use std::rc::Rc;

use foretaste_model::facts::FunctionKind;

/// Bytes of a text, as offsets.
pub(super) type Range = (u32, u32);

/// One expression and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) form: Form,
    pub(super) range: Range,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Form {
    /// Nothing that matters.
    Nothing,
    /// A constant string.
    Text(Vec<u8>),
    /// A constant number.
    Number(i64),
    /// A variable, function, class or module, with dots between its parts.
    Name(String),
    /// Something of a value: a field or method.
    Member(Box<Node>, String),
    /// An element of a value.
    Index(Box<Node>, Box<Node>),
    /// A call.
    Call(Box<Node>, Vec<Node>),
    /// An argument with a keyword, an entry of a table.
    Keyed(String, Box<Node>),
    /// Strings put one behind another.
    Join(Vec<Node>),
    /// A sum of numbers or strings.
    Sum(Vec<Node>),
    /// Exclusive or of numbers or strings.
    Xor(Box<Node>, Box<Node>),
    /// A list or table.
    List(Vec<Node>),
    /// Any other expression: its parts are gone through, and its value may come from each of them.
    Mix(Vec<Node>),
    /// One after another; the value is that of the last.
    Sequence(Vec<Node>),
    /// Like a sequence that may not be gone through: a branch or a loop.
    Maybe(Vec<Node>),
    /// An assignment; what was there before stays if it grows.
    Assign {
        target: Box<Node>,
        value: Box<Node>,
        grows: bool,
    },
    /// A loop variable takes the elements of a value.
    Each(Vec<Node>, Box<Node>),
    /// A function.
    Function(Rc<Function>),
    /// What a class or module contains, with its name.
    Class(String, Box<Node>),
    /// The result of a function.
    Return(Box<Node>),
    /// An import: the module, what is taken from it, and the name it gets here.
    Import(Import),
}

/// A function or closure.
#[derive(Debug, PartialEq)]
pub(super) struct Function {
    /// The name; empty for closures.
    pub(super) name: String,
    pub(super) kind: FunctionKind,
    pub(super) parameters: Vec<String>,
    pub(super) body: Node,
    /// It runs when the file does, without a call: `init` and `main` of Go.
    pub(super) runs: bool,
}

/// An import.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Import {
    pub(super) module: String,
    pub(super) names: Vec<Box<str>>,
    /// The name in this file, and what it stands for.
    pub(super) local: Option<(String, String)>,
    /// Everything of the module is known by its own name.
    pub(super) open: bool,
}

impl Node {
    pub(super) const fn new(form: Form, range: Range) -> Self {
        Self { form, range }
    }

    pub(super) const fn nothing(range: Range) -> Self {
        Self::new(Form::Nothing, range)
    }

    pub(super) fn name(name: impl Into<String>, range: Range) -> Self {
        Self::new(Form::Name(name.into()), range)
    }

    pub(super) fn text(text: impl Into<Vec<u8>>, range: Range) -> Self {
        Self::new(Form::Text(text.into()), range)
    }

    pub(super) fn call(callee: Self, arguments: Vec<Self>, range: Range) -> Self {
        Self::new(Form::Call(Box::new(callee), arguments), range)
    }

    /// The dotted name of a chain of members.
    pub(super) fn path(&self) -> Option<String> {
        match &self.form {
            Form::Name(name) => Some(name.clone()),
            Form::Member(of, name) => {
                let mut path = of.path()?;
                (path.len() < 200).then(|| {
                    path.push('.');
                    path.push_str(name);
                    path
                })
            }
            _ => None,
        }
    }
}

/// The parts of an expression, functions excepted.
pub(super) fn parts(form: &Form) -> Vec<&Node> {
    match form {
        Form::Member(of, _) | Form::Keyed(_, of) | Form::Return(of) | Form::Class(_, of) => {
            vec![of]
        }
        Form::Index(a, b) | Form::Xor(a, b) => vec![a, b],
        Form::Call(callee, arguments) => {
            let mut nodes: Vec<&Node> = vec![callee];
            nodes.extend(arguments);
            nodes
        }
        Form::Join(nodes)
        | Form::Sum(nodes)
        | Form::List(nodes)
        | Form::Mix(nodes)
        | Form::Sequence(nodes)
        | Form::Maybe(nodes) => nodes.iter().collect(),
        Form::Assign { target, value, .. } => vec![target, value],
        Form::Each(targets, value) => {
            let mut nodes: Vec<&Node> = targets.iter().collect();
            nodes.push(value);
            nodes
        }
        Form::Nothing
        | Form::Text(_)
        | Form::Number(_)
        | Form::Name(_)
        | Form::Function(_)
        | Form::Import(_) => Vec::new(),
    }
}
