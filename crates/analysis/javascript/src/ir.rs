//! The intermediate form: expressions of a file as one flat list, operands before their users.
//!
//! Both parsers lower into it, and the analysis walks it front to back as often as needed: no recursion, no syntax.

use crate::strings::{StrId, Strings};

/// Index of a node; 0 is a value about which nothing is known.
pub(crate) type NodeId = u32;
/// Index of a variable.
pub(crate) type SymId = u32;
/// Index of a function; 0 is the module body.
pub(crate) type FnId = u32;

/// A run of [`Ir::lists`].
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct List {
    start: u32,
    len: u32,
}

/// A run of [`Ir::props`].
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Props {
    start: u32,
    len: u32,
}

/// One property of an object literal or class.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prop {
    pub(crate) key: Key,
    pub(crate) value: NodeId,
}

/// The key of a property.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Key {
    Name(StrId),
    Computed(NodeId),
    Spread,
}

/// Arithmetic that is folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arith {
    Sub,
    Mul,
    Div,
    Rem,
    Xor,
    And,
    Or,
    Shl,
    Shr,
    Ushr,
    Other,
}

/// What a node does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Op {
    /// Nothing is known about it.
    Unknown,
    /// A string constant.
    Text(StrId),
    /// A number.
    Number(f64),
    /// A variable.
    Sym(SymId),
    /// A name that the file does not declare.
    Global(StrId),
    /// `this` of a function (arrow functions resolved to their surroundings).
    This(FnId),
    /// `arguments`.
    Arguments(FnId),
    /// A function value.
    Function(FnId),
    /// A class: members, constructor, parent class.
    Class {
        props: Props,
        constructor: Option<FnId>,
        parent: NodeId,
    },
    /// `object.key`
    Member { object: NodeId, key: StrId },
    /// `object[index]`
    Index { object: NodeId, index: NodeId },
    /// `callee(args)`
    Call { callee: NodeId, args: List },
    /// `new callee(args)`
    New { callee: NodeId, args: List },
    /// Text that a decoder of the program gives.
    Unpacked(StrId),
    /// Text put together.
    Concat(List),
    /// One of several values.
    Either(List),
    /// `{...}`
    Object(Props),
    /// `[...]`
    Array(List),
    /// `...value` inside a list.
    Spread(NodeId),
    /// One element of a value, as in `for (x of value)`.
    Element(NodeId),
    /// A value of which a condition has said that it is called so: itself, a member of it, or the elements of a list.
    Narrow {
        value: NodeId,
        name: StrId,
        member: StrId,
        list: bool,
    },
    /// The elements of an array from a position on.
    Rest { value: NodeId, from: u32 },
    /// A regular expression: its text, and its flags.
    Pattern { text: StrId, flags: StrId },
    /// The value itself (await, casts, rest of an object).
    Same(NodeId),
    /// Arithmetic.
    Arith {
        op: Arith,
        left: NodeId,
        right: NodeId,
    },
    /// A parameter.
    Param(FnId, u32),
    /// All further arguments.
    RestParam(FnId, u32),
    /// The value of a static import: the module, or one name of it.
    Import { module: StrId, name: StrId },
    /// A variable is given a value. `strong`: in a straight line of its own function.
    Bind {
        sym: SymId,
        value: NodeId,
        strong: bool,
    },
    /// `object.key = value`
    SetMember {
        object: NodeId,
        key: StrId,
        value: NodeId,
    },
    /// `object[index] = value`
    SetIndex {
        object: NodeId,
        index: NodeId,
        value: NodeId,
    },
    /// A function gives a value back.
    Return(NodeId),
}

/// One expression or effect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) op: Op,
    pub(crate) range: (u32, u32),
    pub(crate) function: FnId,
}

/// One function.
#[derive(Clone, Debug)]
pub(crate) struct FnInfo {
    pub(crate) name: String,
    pub(crate) method: bool,
    pub(crate) range: (u32, u32),
    pub(crate) parent: FnId,
    /// Names of plain parameters, empty for patterns.
    pub(crate) params: Vec<StrId>,
}

/// One variable.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SymInfo {
    /// The function that declares it; unknown until the declaration was seen.
    pub(crate) owner: Option<FnId>,
    /// Every assignment stands in a straight line of the owner.
    pub(crate) linear: bool,
    pub(crate) name: StrId,
}

/// A static import or re-export.
#[derive(Clone, Debug)]
pub(crate) struct ImportInfo {
    pub(crate) module: StrId,
    pub(crate) names: Vec<StrId>,
    pub(crate) range: (u32, u32),
    pub(crate) function: FnId,
}

/// A file in intermediate form.
#[derive(Debug)]
pub(crate) struct Ir<'a> {
    pub(crate) nodes: Vec<Node>,
    pub(crate) lists: Vec<NodeId>,
    pub(crate) props: Vec<Prop>,
    pub(crate) functions: Vec<FnInfo>,
    pub(crate) symbols: Vec<SymInfo>,
    pub(crate) strings: Strings<'a>,
    pub(crate) imports: Vec<ImportInfo>,
    /// What other files can import: the name they use, and the value.
    pub(crate) exports: Vec<(StrId, NodeId)>,
    /// Names taken from the value of a node by destructuring, for `require`.
    pub(crate) taken: Vec<(NodeId, StrId)>,
    /// Nodes that read a property for a pattern, in order.
    pub(crate) destructured: Vec<NodeId>,
    /// Variables for names that are assigned without being declared.
    pub(crate) implicit: rustc_hash::FxHashMap<StrId, SymId>,
}

impl<'a> Ir<'a> {
    pub(crate) fn new(text: &'a str, symbols: usize) -> Self {
        let unknown = Node {
            op: Op::Unknown,
            range: (0, 0),
            function: 0,
        };
        let module = FnInfo {
            name: "<module>".to_owned(),
            method: false,
            range: (0, text.len() as u32),
            parent: 0,
            params: Vec::new(),
        };
        let symbol = SymInfo {
            owner: None,
            linear: true,
            name: StrId::NONE,
        };
        // dense code has a node for every six bytes; a list that grows is copied again and again
        let mut nodes = Vec::with_capacity(text.len() / 6 + 16);
        nodes.push(unknown);
        Self {
            nodes,
            lists: Vec::new(),
            props: Vec::new(),
            functions: vec![module],
            symbols: vec![symbol; symbols],
            strings: Strings::new(text.len()),
            imports: Vec::new(),
            exports: Vec::new(),
            taken: Vec::new(),
            destructured: Vec::new(),
            implicit: rustc_hash::FxHashMap::default(),
        }
    }

    pub(crate) fn push(&mut self, op: Op, range: (u32, u32), function: FnId) -> NodeId {
        self.nodes.push(Node {
            op,
            range,
            function,
        });
        self.nodes.len() as NodeId - 1
    }

    pub(crate) fn list(&mut self, items: &[NodeId]) -> List {
        let start = self.lists.len() as u32;
        self.lists.extend_from_slice(items);
        List {
            start,
            len: items.len() as u32,
        }
    }

    pub(crate) fn props(&mut self, items: &[Prop]) -> Props {
        let start = self.props.len() as u32;
        self.props.extend_from_slice(items);
        Props {
            start,
            len: items.len() as u32,
        }
    }

    pub(crate) fn items(&self, list: List) -> &[NodeId] {
        let start = list.start as usize;
        self.lists
            .get(start..start + list.len as usize)
            .unwrap_or(&[])
    }

    pub(crate) fn members(&self, props: Props) -> &[Prop] {
        let start = props.start as usize;
        self.props
            .get(start..start + props.len as usize)
            .unwrap_or(&[])
    }

    pub(crate) fn node(&self, id: NodeId) -> Node {
        self.nodes.get(id as usize).copied().unwrap_or(Node {
            op: Op::Unknown,
            range: (0, 0),
            function: 0,
        })
    }

    /// Declares or finds the variable behind an undeclared name.
    pub(crate) fn implicit_symbol(&mut self, name: StrId) -> SymId {
        if let Some(known) = self.implicit.get(&name) {
            return *known;
        }
        let id = self.hidden_symbol(name);
        self.implicit.insert(name, id);
        id
    }

    /// A variable of the module that no declaration in the text stands for.
    pub(crate) fn hidden_symbol(&mut self, name: StrId) -> SymId {
        self.symbols.push(SymInfo {
            owner: Some(0),
            linear: false,
            name,
        });
        self.symbols.len() as SymId - 1
    }
}
