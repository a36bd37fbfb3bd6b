//! Sockets that do not leave the machine.

use super::Evaluator;
use super::call::{Arg, Site};
use crate::ir::{NodeId, Op};

impl Evaluator<'_> {
    /// True for `net.connect("/run/x.sock")`, `net.connect(port, callback)`, `net.connect({ path })`: without a host, a
    /// connection is one to this machine (Node.js, `net.createConnection`).
    pub(super) fn stays_here(&self, site: &Site) -> bool {
        let Some(to) = site.args.first() else {
            return false;
        };
        let host = site
            .args
            .get(1)
            .is_some_and(|a| self.value(a.value).functions().next().is_none());
        let value = self.value(to.value);
        if let Some(options) = value.objects().next() {
            let props = self
                .heap
                .get(options as usize)
                .map_or(&[][..], |o| o.props());
            let named = |key: &str| props.iter().any(|(k, _)| self.ir.strings.get(*k) == key);
            return named("path") && !named("host") && !named("port");
        }
        !host && (value.number().is_some() || value.text.is_text() || self.is_named_so(*to))
    }

    /// True for a variable that is called after a port or a socket of this machine; a `transport` may be anything.
    fn is_named_so(&self, arg: Arg) -> bool {
        let name = self.written_name(arg.node);
        let is_port =
            name.eq_ignore_ascii_case("port") || name.ends_with("Port") || name.ends_with("_port");
        let name = name.to_ascii_lowercase();
        is_port || name.contains("sock") || name.contains("pipe")
    }

    /// The name of the variable or member that stands at a node.
    fn written_name(&self, node: NodeId) -> &str {
        match self.ir.node(node).op {
            Op::Member { key, .. } => self.ir.strings.get(key),
            _ => self.variable_name(node),
        }
    }
}
