//! Reads what the grammar of Python 3 rejects or what nests too deep, with tree-sitter: iteratively, tolerant, less
//! exact. Imports, aliases, calls and literals are found; data is not followed.

use foretaste_model::Limits;
use foretaste_model::facts::{Resolution, UseKind};
use foretaste_observe::{FactsBuilder, UseSite, tolerant};
use rustc_hash::{FxHashMap, FxHashSet};
use tree_sitter::Node;

use crate::interpreter::is_builtin;
use crate::symbols::{SymId, Symbols};

/// The longest text that is parsed this way.
const MAX_BYTES: usize = 16 << 20;
/// The longest dotted name that is read.
const MAX_NAME: usize = 256;

struct Reader<'a, 'b> {
    text: &'a str,
    facts: &'b mut FactsBuilder<'a>,
    symbols: Symbols,
    names: FxHashMap<&'a str, (SymId, Resolution)>,
    /// Places whose uses are known from a better reading.
    known: FxHashSet<u32>,
}

/// Adds what tree-sitter finds in a text to its facts. False if it could not be read.
pub(crate) fn read<'a>(
    text: &'a str,
    facts: &mut FactsBuilder<'a>,
    known_lines: FxHashSet<u32>,
    limits: &Limits,
) -> bool {
    if text.len() > MAX_BYTES {
        return false;
    }
    let grammar = tree_sitter_python::LANGUAGE.into();
    let Some(tree) = tolerant::parse(text.as_bytes(), &grammar, limits) else {
        return false;
    };
    let mut reader = Reader {
        text,
        facts,
        symbols: Symbols::default(),
        names: FxHashMap::default(),
        known: known_lines,
    };
    // two walks: names may be bound behind the function that uses them
    reader.walk(tree.root_node(), true);
    reader.walk(tree.root_node(), false);
    true
}

impl<'a> Reader<'a, '_> {
    /// Visits every node without recursion.
    fn walk(&mut self, root: Node<'_>, binding: bool) {
        let mut cursor = root.walk();
        // the nodes above the current one: asking a node for its parent walks down from the root
        let mut above = Vec::new();
        loop {
            let node = cursor.node();
            if binding {
                self.bind(node);
            } else {
                self.visit(node, above.last().copied());
            }
            if cursor.goto_first_child() {
                above.push(node);
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
                above.pop();
            }
        }
    }

    fn slice(&self, node: Node<'_>) -> &'a str {
        self.text
            .get(node.start_byte()..node.end_byte())
            .unwrap_or("")
    }

    fn bind(&mut self, node: Node<'_>) {
        match node.kind() {
            "import_statement" => self.imports(node, ""),
            "import_from_statement" => {
                let module = node
                    .child_by_field_name("module_name")
                    .map_or("", |m| self.slice(m));
                self.imports(node, module);
            }
            "assignment" => {
                let (Some(left), Some(right)) = (
                    node.child_by_field_name("left"),
                    node.child_by_field_name("right"),
                ) else {
                    return;
                };
                if left.kind() == "identifier"
                    && matches!(right.kind(), "identifier" | "attribute")
                    && let Some((sym, _)) = self.resolve(right)
                    && self.symbols.is_known(sym)
                {
                    self.names
                        .insert(self.slice(left), (sym, Resolution::Rebound));
                }
            }
            _ => {}
        }
    }

    fn imports(&mut self, node: Node<'_>, module: &'a str) {
        let range = (node.start_byte() as u32, node.end_byte() as u32);
        let mut taken: Vec<Box<str>> = Vec::new();
        let mut cursor = node.walk();
        for child in node.children_by_field_name("name", &mut cursor) {
            let (name, alias) = match child.kind() {
                "aliased_import" => (
                    child
                        .child_by_field_name("name")
                        .map_or("", |n| self.slice(n)),
                    child.child_by_field_name("alias").map(|n| self.slice(n)),
                ),
                _ => (self.slice(child), None),
            };
            if module.is_empty() {
                self.facts.import(name, Vec::new(), range, 0);
                let bound = alias.unwrap_or_else(|| name.split('.').next().unwrap_or(name));
                let target = if alias.is_some() { name } else { bound };
                let sym = self.symbols.path(target);
                self.names.insert(bound, (sym, Resolution::Direct));
            } else {
                let parent = self.symbols.path(module);
                let sym = self.symbols.child(parent, name);
                self.names
                    .insert(alias.unwrap_or(name), (sym, Resolution::Direct));
                taken.push(name.into());
            }
        }
        if !module.is_empty() {
            self.facts.import(module, taken, range, 0);
        }
    }

    /// The API that a name or chain of attributes stands for.
    fn resolve(&mut self, node: Node<'_>) -> Option<(SymId, Resolution)> {
        if node.end_byte().saturating_sub(node.start_byte()) > MAX_NAME {
            return None;
        }
        let text = self.slice(node);
        let mut parts = text.split('.').map(str::trim);
        let first = parts.next()?;
        let (mut sym, via) = match self.names.get(first) {
            Some(found) => *found,
            None if is_builtin(first) => (self.symbols.root(first), Resolution::Direct),
            None => return None,
        };
        for part in parts {
            if part.is_empty() || !part.chars().all(|c| c.is_alphanumeric() || c == '_') {
                return None;
            }
            sym = self.symbols.child(sym, part);
        }
        Some((sym, via))
    }

    fn visit(&mut self, node: Node<'_>, parent: Option<Node<'_>>) {
        match node.kind() {
            "call" => {
                if let Some(function) = node.child_by_field_name("function") {
                    self.note(function, node, UseKind::Call);
                }
            }
            "attribute" => {
                let called = parent.is_some_and(|p| {
                    p.kind() == "attribute"
                        || p.child_by_field_name("function")
                            .is_some_and(|f| f.id() == node.id())
                });
                if !called {
                    self.note(node, node, UseKind::Read);
                }
            }
            "exec_statement" => {
                let sym = self.symbols.root("exec");
                self.add(sym, Resolution::Direct, node, UseKind::Call, &[]);
            }
            "string_content" => {
                let range = (node.start_byte() as u32, node.end_byte() as u32);
                let value = self.slice(node);
                if !self.known.contains(&line(node)) {
                    self.facts.literal(value, range, 0);
                }
            }
            _ => {}
        }
    }

    fn note(&mut self, name: Node<'_>, place: Node<'_>, kind: UseKind) {
        let Some((sym, via)) = self.resolve(name) else {
            return;
        };
        let mut constants: Vec<Box<str>> = Vec::new();
        if let Some(arguments) = place.child_by_field_name("arguments") {
            let mut cursor = arguments.walk();
            for argument in arguments.children(&mut cursor).take(8) {
                if argument.kind() == "string" && argument.end_byte() - argument.start_byte() < 4096
                {
                    let text = self.slice(argument);
                    let text = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
                    constants.push(text.trim_matches(['"', '\'']).into());
                }
            }
        }
        self.add(sym, via, place, kind, &constants);
    }

    fn add(
        &mut self,
        sym: SymId,
        via: Resolution,
        place: Node<'_>,
        kind: UseKind,
        constants: &[Box<str>],
    ) {
        let Some(entry) = self.symbols.entry(sym) else {
            return;
        };
        if self.known.contains(&line(place)) {
            return;
        }
        let end = place.end_byte().min(place.start_byte() + 2000);
        let site = UseSite {
            api: self.symbols.name(sym),
            range: (place.start_byte() as u32, end as u32),
            function: 0,
            resolution: via,
            kind,
        };
        self.facts
            .uses(site, entry.capabilities, || constants.to_vec());
    }
}

fn line(node: Node<'_>) -> u32 {
    node.start_position().row as u32 + 1
}
