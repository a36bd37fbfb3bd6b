//! Variables, assignments, and what names stand for.

use super::run::{MAX_VARIABLES, Run};
use super::tree::{Form, Node};
use super::value::Value;

impl Run<'_, '_> {
    /// A variable.
    pub(super) fn variable(&self, name: &str) -> Option<&Value> {
        for frame in self.frames.iter().rev() {
            if let Some(value) = frame.variables.get(name) {
                return Some(value);
            }
            if !frame.open {
                break;
            }
        }
        self.frames.first()?.variables.get(name)
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        let lasts =
            name.starts_with('@') || name.starts_with("$this.") || name.starts_with("self.");
        // a closure changes what stands around it
        let mut at = self.frames.len().saturating_sub(1);
        while at > 0
            && self
                .frames
                .get(at)
                .is_some_and(|f| f.open && !f.variables.contains_key(name))
            && self.variable(name).is_some()
        {
            at -= 1;
        }
        let at = if lasts { 0 } else { at };
        if let Some(frame) = self.frames.get_mut(at)
            && (frame.variables.len() < MAX_VARIABLES || frame.variables.contains_key(name))
        {
            frame.variables.insert(name.to_owned(), value);
        }
    }

    pub(super) fn assign(&mut self, target: &Node, value: Value, grows: bool) {
        match &target.form {
            Form::Name(name) => self.update(name, value, grows),
            Form::Member(of, name) => {
                self.attribute(name, &value, target.range);
                if let Some(path) = target.path() {
                    self.update(&path, value.clone(), grows);
                }
                // what is put into an object is in it
                if let Form::Name(root) = &of.form
                    && let Some(mut object) = self.variable(root).cloned()
                {
                    object.trails = self.taints.union(object.trails, value.trails);
                    self.set(root, object);
                }
            }
            Form::Index(of, key) => {
                let key = self.eval(key);
                let Some(name) = of.path() else {
                    self.eval(of);
                    return;
                };
                let mut object = self.variable(&name).cloned().unwrap_or_default();
                object.trails = self.taints.union(object.trails, value.trails);
                if object.constant.is_none() {
                    let mut items = object.items.take().map_or_else(Vec::new, |i| i.to_vec());
                    // copying a long table for each entry would cost its square
                    if items.len() < 256 {
                        let key = key.said().map(Into::into);
                        items.push((key, value));
                    }
                    object.items = Some(items.into());
                }
                object.constant = None;
                self.set(&name, object);
            }
            Form::List(targets) => {
                for target in targets {
                    self.assign(target, Value::of(value.trails), grows);
                }
            }
            Form::Call(callee, _) if target.path().is_none() => {
                // Ruby: `spec.extensions = [...]` is a call of a receiver
                let callee: &Node = callee;
                if let Form::Member(..) = callee.form {
                    self.assign(callee, value, grows);
                }
            }
            Form::Keyed(_, target) => self.assign(target, value, grows),
            _ => {
                self.eval(target);
            }
        }
    }

    fn update(&mut self, name: &str, value: Value, grows: bool) {
        let mut value = value;
        if grows || self.maybe > 0 {
            let before = self.variable(name).cloned().unwrap_or_default();
            if grows && before.bytes().is_some() {
                let trails = self.taints.union(before.trails, value.trails);
                value = self.join(&[before, value], false, (0, 0));
                value.trails = trails;
                if self.maybe > 0 {
                    // how often it grows is not known
                    value.shape = value.said().map(Into::into);
                    value.constant = None;
                }
            } else {
                value.trails = self.taints.union(before.trails, value.trails);
                if grows {
                    value.constant = None;
                    if value.object.is_empty() {
                        value.object = before.object;
                    }
                    value.file = value.file.or(before.file);
                }
            }
        }
        self.set(name, value);
    }

    /// The full names that a name may have, most likely first.
    pub(super) fn resolve(&self, path: &str) -> Vec<String> {
        let (first, rest) = path
            .split_once('.')
            .map_or((path, None), |(f, r)| (f, Some(r)));
        let mut found = Vec::new();
        if let Some(full) = self.names.get(first) {
            found.push(rest.map_or_else(|| full.clone(), |rest| format!("{full}.{rest}")));
        }
        if let Some(rest) = rest
            && self.dialect.roots.contains(&first)
        {
            found.push(rest.to_owned());
        }
        found.push(path.to_owned());
        found.extend(self.open.iter().map(|module| format!("{module}.{path}")));
        found
    }
}
