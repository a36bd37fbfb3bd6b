//! Names, members and calls: what they stand for.

use std::rc::Rc;

use foretaste_model::facts::{Callee, Resolution, UseKind};
use foretaste_observe::table::{ArgRole, Entry};
use foretaste_observe::taint::{Effect, SetId, effect};

use super::fold;
use super::run::Run;
use super::tree::{Form, Function, Node, Range};
use super::value::{Constant, Value};

/// A call whose parts are known.
pub(super) struct Call<'v> {
    pub(super) entry: &'static Entry,
    pub(super) resolution: Resolution,
    pub(super) kind: UseKind,
    pub(super) receiver: Option<&'v Value>,
    /// Keyword and value of each argument.
    pub(super) arguments: &'v [(Option<Box<str>>, Value)],
    pub(super) range: Range,
}

/// What a callee turned out to be.
#[derive(Default)]
pub(super) struct Target {
    /// The name by which folding and other files know it.
    pub(super) name: String,
    entry: Option<(&'static Entry, Resolution)>,
    pub(super) receiver: Option<Value>,
    closure: Option<Rc<Function>>,
    local: Option<usize>,
}

/// Functions that give back the text or path they get, fit for a shell or written out.
const SAME: &[&str] = &[
    "escapeshellarg",
    "escapeshellcmd",
    "realpath",
    "shellescape",
];

impl Run<'_, '_> {
    /// The entry of a name as the program writes it.
    fn entry(&self, path: &str) -> Option<(&'static Entry, String)> {
        let table = self.dialect.table;
        for full in self.resolve(path) {
            let full = table.alias(&full).map_or(full, str::to_owned);
            if let Some(entry) = table.get(&full) {
                return Some((entry, full));
            }
        }
        None
    }

    /// A name as a value.
    pub(super) fn name(&mut self, name: &str, node: &Node) -> Value {
        if let Some(value) = self.variable(name) {
            return value.clone();
        }
        if self.dialect.bare_calls && name.starts_with(|c: char| c.is_lowercase() || c == '_') {
            return self.call(node, &[], node.range);
        }
        self.read(name, node.range)
    }

    /// A name of the table that is read: `ENV`, `$_GET`, `os.Args`.
    fn read(&mut self, path: &str, range: Range) -> Value {
        let mut value = Value::default();
        if let Some((entry, full)) = self.entry(path) {
            let source = entry
                .capability()
                .is_some_and(|c| effect(c) == Effect::Source || !full.contains('.'));
            if source
                && !entry.capabilities.is_empty()
                && full.starts_with(|c: char| c == '$' || c.is_uppercase() || full.contains('/'))
            {
                value = self.apply(&Call {
                    entry,
                    resolution: Resolution::Direct,
                    kind: UseKind::Read,
                    receiver: None,
                    arguments: &[],
                    range,
                });
            }
            value.path = Some(full.into());
        } else {
            let full = self.resolve(path).into_iter().next();
            value.path = full.map(Into::into);
        }
        value
    }

    /// Something of a value, not called.
    pub(super) fn member(&mut self, of: &Node, name: &str, node: &Node) -> Value {
        if let Some(path) = node.path() {
            if let Some(value) = self.variable(&path) {
                return value.clone();
            }
            let root = path.split('.').next().unwrap_or("");
            // `self::FILES`: variables begin with a mark of their own
            if self.dialect.folds_case
                && !root.starts_with('$')
                && let Some(value) = self.variable(name)
            {
                return value.clone();
            }
            if self.variable(root).is_none() && !root.starts_with('$') {
                return self.read(&path, node.range);
            }
        }
        let mut value = self.eval(of);
        value.constant = None;
        value.items = None;
        if !value.object.is_empty() {
            let api = format!("{}.{name}", value.object);
            if let Some(entry) = self.dialect.table.get(&api) {
                value.object = entry.returns;
            }
        }
        value
    }

    /// An element of a value.
    pub(super) fn index(&mut self, of: &Node, key: &Node, node: &Node) -> Value {
        if let Some(path) = of.path()
            && self.variable(&path).is_none()
            && let Some((entry, _)) = self.entry(&format!("{path}.[]"))
        {
            let key = self.eval(key);
            return self.apply(&Call {
                entry,
                resolution: Resolution::Direct,
                kind: UseKind::Read,
                receiver: None,
                arguments: &[(None, key)],
                range: node.range,
            });
        }
        let object = self.eval(of);
        let key = self.eval(key);
        if let Some(item) = object.item(&key) {
            return item.clone();
        }
        if let (Some(text), Some(place)) = (object.bytes(), key.integer()) {
            let place = if place < 0 {
                text.len().checked_sub(place.unsigned_abs() as usize)
            } else {
                usize::try_from(place).ok()
            };
            if let Some(byte) = place.and_then(|p| text.get(p)) {
                return Value {
                    constant: Some(Constant::Text([*byte].as_slice().into())),
                    trails: object.trails,
                    steps: object.steps,
                    ..Value::default()
                };
            }
        }
        let mut value = Value::of(object.trails);
        value.file = object.file;
        value
    }

    /// A call.
    pub(super) fn call(&mut self, callee: &Node, arguments: &[Node], range: Range) -> Value {
        let mut blocks: Vec<Rc<Function>> = Vec::new();
        let mut values: Vec<(Option<Box<str>>, Value)> = Vec::new();
        for argument in arguments.iter().take(512) {
            match &argument.form {
                Form::Function(function) if function.name.is_empty() => {
                    blocks.push(function.clone());
                    values.push((
                        None,
                        Value {
                            closure: Some(function.clone()),
                            ..Value::default()
                        },
                    ));
                }
                Form::Keyed(key, value) => {
                    let value = self.eval(value);
                    values.push((Some(key.as_str().into()), value));
                }
                _ => values.push((None, self.eval(argument))),
            }
        }
        self.at = range;
        let mut target = self.target(callee);
        let mut reflected = false;
        if let Some(name) = self.sent(&target, &values) {
            values.remove(0);
            let receiver = target.receiver.take();
            target = match &callee.form {
                Form::Member(of, _) => match of.path() {
                    Some(path) => self.target_of(&format!("{path}.{name}")),
                    None => self.method(receiver.unwrap_or_default(), &name),
                },
                _ => self.target_of(&name),
            };
            reflected = true;
            if matches!(
                method_of(callee),
                "method" | "public_method" | "instance_method"
            ) {
                return Value {
                    path: Some(target.name.into()),
                    ..Value::default()
                };
            }
        }
        if let ([(None, value)], None, None) = (&values[..], target.entry, target.local)
            && SAME.contains(&target.name.rsplit('.').next().unwrap_or(""))
        {
            return value.clone();
        }
        let mut result = self.perform(&target, &values, range, reflected);
        self.fill(callee, arguments, &target, &values);
        self.blocks(&blocks, &target, &values, &mut result);
        result
    }

    /// What a call puts into its receiver or an argument: `request.add(x)`, `curl_setopt($handle, .., x)`.
    fn fill(
        &mut self,
        callee: &Node,
        arguments: &[Node],
        target: &Target,
        values: &[(Option<Box<str>>, Value)],
    ) {
        let mut trails = SetId::EMPTY;
        for (_, value) in values {
            trails = self.taints.union(trails, value.trails);
        }
        if trails.is_empty() || target.local.is_some() || target.closure.is_some() {
            return;
        }
        let entry = target.entry.map(|(entry, _)| entry);
        let into_receiver = match entry {
            Some(entry) => entry.capabilities.is_empty(),
            None => true,
        };
        if into_receiver && let Form::Member(of, _) = &callee.form {
            self.pour(of, trails);
        }
        for (at, argument) in arguments.iter().enumerate() {
            let filled = entry.is_some_and(|e| e.role_of(Some(at), "") == Some(ArgRole::Target));
            if filled {
                self.pour(argument, trails);
            }
        }
    }

    /// A variable holds more than before.
    fn pour(&mut self, into: &Node, trails: SetId) {
        if let Some(path) = into.path()
            && let Some(mut value) = self.variable(&path).cloned()
            && value.closure.is_none()
        {
            value.trails = self.taints.union(value.trails, trails);
            self.set(&path, value);
        }
    }

    /// The name of the method that `send(:name)` calls.
    fn sent(&self, target: &Target, values: &[(Option<Box<str>>, Value)]) -> Option<String> {
        let method = target.name.rsplit('.').next().unwrap_or("");
        if !self.dialect.sends.contains(&method) || target.local.is_some() {
            return None;
        }
        let name = values.first()?.1.str()?;
        (!name.is_empty() && name.len() < 100).then(|| name.to_owned())
    }

    /// What a callee stands for.
    fn target(&mut self, callee: &Node) -> Target {
        if let Some(path) = callee.path() {
            let root = path.split('.').next().unwrap_or("");
            let bound = self.variable(root).is_some() || self.variable(&path).is_some();
            if !bound && !root.starts_with(['$', '@']) {
                return self.target_of(&path);
            }
            if matches!(root, "$this" | "self")
                && let Some(at) = self.local(&path)
            {
                return Target {
                    name: path,
                    local: Some(at),
                    ..Target::default()
                };
            }
        }
        if let Form::Member(of, name) = &callee.form {
            let receiver = self.eval(of);
            self.method(receiver, name)
        } else {
            let value = self.eval(callee);
            self.of_value(value)
        }
    }

    /// A name that is no variable.
    fn target_of(&mut self, path: &str) -> Target {
        if let Some(at) = self.local(path) {
            return Target {
                name: path.to_owned(),
                local: Some(at),
                ..Target::default()
            };
        }
        if let Some((entry, full)) = self.entry(path) {
            return Target {
                name: full,
                entry: Some((entry, Resolution::Direct)),
                ..Target::default()
            };
        }
        let name = self.resolve(path).into_iter().next().unwrap_or_default();
        // a method of something that is no variable: `foo().bar` is none, `Foo.new.bar` is one
        let any = path.rsplit_once('.').and_then(|(of, method)| {
            let entry = self.dialect.table.get(&format!(".{method}"))?;
            let known = self.variable(of).is_some();
            (!known).then_some((entry, Resolution::Method))
        });
        Target {
            name,
            entry: any,
            ..Target::default()
        }
    }

    /// A method of a value.
    fn method(&mut self, receiver: Value, name: &str) -> Target {
        if name == "call" && (receiver.path.is_some() || receiver.closure.is_some()) {
            return self.of_value(receiver);
        }
        let table = self.dialect.table;
        if !receiver.object.is_empty() {
            let full = format!("{}.{name}", receiver.object);
            if let Some(entry) = table.get(&full) {
                return Target {
                    name: full,
                    entry: Some((entry, Resolution::Method)),
                    receiver: Some(receiver),
                    ..Target::default()
                };
            }
        }
        // `klass = Net::HTTP; klass.get(..)`
        if let Some(path) = receiver.path.clone() {
            let mut target = self.target_of(&format!("{path}.{name}"));
            if let Some((_, resolution)) = &mut target.entry {
                *resolution = Resolution::Rebound;
            }
            if target.entry.is_some() || target.local.is_some() {
                target.receiver = Some(receiver);
                return target;
            }
        }
        let entry = table.get(&format!(".{name}"));
        Target {
            name: format!(".{name}"),
            entry: entry.map(|e| (e, Resolution::Method)),
            local: None,
            receiver: Some(receiver),
            closure: None,
        }
    }

    /// A value that is called: a closure, a function bound to a variable, a name in a string.
    fn of_value(&mut self, value: Value) -> Target {
        if let Some(closure) = value.closure {
            return Target {
                closure: Some(closure),
                ..Target::default()
            };
        }
        let (name, how) = match (&value.path, value.str()) {
            (Some(path), _) => (path.to_string(), Resolution::Rebound),
            (None, Some(text)) if text.len() < 200 => (text.to_owned(), Resolution::Reflected),
            _ => {
                return Target {
                    receiver: Some(value),
                    ..Target::default()
                };
            }
        };
        let name = name.replace("::", ".");
        let name = if self.dialect.folds_case {
            name.to_ascii_lowercase()
        } else {
            name
        };
        let mut target = self.target_of(name.trim_start_matches('\\'));
        if let Some((_, resolution)) = &mut target.entry {
            *resolution = how;
        }
        target
    }

    fn perform(
        &mut self,
        target: &Target,
        values: &[(Option<Box<str>>, Value)],
        range: Range,
        reflected: bool,
    ) -> Value {
        if let Some(closure) = &target.closure {
            if self.may_enter(closure) {
                let given: Vec<Value> = values.iter().map(|(_, v)| v.clone()).collect();
                return self.invoke(closure, self.function, &given, true);
            }
            return self.passed(target, values);
        }
        if let Some(at) = target.local {
            return self.own(at, target, values);
        }
        let folded = fold::call(
            &target.name,
            target.receiver.as_ref(),
            values,
            &mut self.room,
        );
        let mut result = if let Some((entry, resolution)) = target.entry {
            self.apply(&Call {
                entry,
                resolution: if reflected {
                    Resolution::Reflected
                } else {
                    resolution
                },
                kind: UseKind::Call,
                receiver: target.receiver.as_ref(),
                arguments: values,
                range,
            })
        } else {
            if !target.name.is_empty() && !target.name.starts_with('.') {
                self.facts
                    .call(self.function, Callee::External(target.name.as_str().into()));
            }
            self.passed(target, values)
        };
        self.special(target, values, range, &mut result);
        if let Some(folded) = folded {
            self.decoded(folded, range, &mut result);
        }
        result
    }

    /// A function of the file.
    fn own(&mut self, at: usize, target: &Target, values: &[(Option<Box<str>>, Value)]) -> Value {
        let Some(known) = self.known.get(at) else {
            return Value::default();
        };
        let function = known.function.clone();
        self.facts.call(self.function, Callee::Local(known.id));
        if self.may_enter(&function) {
            let mut given: Vec<Value> = Vec::with_capacity(values.len());
            for (key, value) in values {
                let place = key.as_deref().and_then(|k| {
                    function
                        .parameters
                        .iter()
                        .position(|p| p.trim_start_matches('$') == k)
                });
                match place {
                    Some(place) if place < 64 => {
                        if given.len() <= place {
                            given.resize(place + 1, Value::default());
                        }
                        if let Some(slot) = given.get_mut(place) {
                            *slot = value.clone();
                        }
                    }
                    _ => given.push(value.clone()),
                }
            }
            return self.enter(at, &given);
        }
        self.passed(target, values)
    }

    /// What an unknown function gives: whatever it was given.
    fn passed(&mut self, target: &Target, values: &[(Option<Box<str>>, Value)]) -> Value {
        let mut trails = SetId::EMPTY;
        let mut file = None;
        for value in target.receiver.iter().chain(values.iter().map(|(_, v)| v)) {
            trails = self.taints.union(trails, value.trails);
            file = file.or_else(|| value.file.clone());
        }
        let mut value = Value::of(trails);
        value.file = file;
        value
    }

    /// Calls that are no interface and still matter.
    fn special(
        &mut self,
        target: &Target,
        values: &[(Option<Box<str>>, Value)],
        range: Range,
        result: &mut Value,
    ) {
        let first = values.first().map(|(_, v)| v);
        let said = first.and_then(Value::said);
        if let Some((_, folder)) = self
            .dialect
            .loads
            .iter()
            .find(|(name, _)| *name == target.name)
            && let Some(path) = &said
            && path.len() < 256
        {
            let path = path.trim_start_matches("*/").trim_start_matches('/');
            let here = path.starts_with("./") || path.starts_with("../");
            let module = if here || (folder.is_empty() && !self.dialect.folds_case) {
                path.to_owned()
            } else {
                format!("./{path}")
            };
            self.facts.import(&module, Vec::new(), range, self.function);
        }
        match &*target.name {
            // a variable whose name is a value
            "$$" => {
                if let Some(name) = first.and_then(Value::str) {
                    let name = format!("${name}");
                    *result = match self.variable(&name) {
                        Some(value) => value.clone(),
                        None => self.read(&name, range),
                    };
                }
            }
            "define" => {
                if let (Some(name), Some((_, value))) = (said, values.get(1)) {
                    self.set(&name.to_ascii_lowercase(), value.clone());
                }
            }
            "const_get" | ".const_get" | "Object.const_get" | ".constantize"
            | "Module.const_get" => {
                let name = target.receiver.as_ref().and_then(Value::said).or(said);
                result.path = name.map(|n| n.replace("::", ".").into());
            }
            _ => {}
        }
    }
}

/// The last part of a callee's name.
fn method_of(callee: &Node) -> &str {
    match &callee.form {
        Form::Name(name) | Form::Member(_, name) => name,
        _ => "",
    }
}
