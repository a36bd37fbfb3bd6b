//! What functions are given by others: a caller's secret, a request, the environment behind a proxy.

use foretaste_model::Capability;
use foretaste_observe::given::opens_wallet;
use foretaste_observe::taint::Origin;

use super::Evaluator;
use super::call::Site;
use crate::apis::ApiRef;
use crate::ir::{FnId, NodeId, Op};
use crate::strings::StrId;
use crate::values::{Value, ValueId};

impl Evaluator<'_> {
    /// `new Proxy(target, { get(target, name) { … } })`: what is read of the target passes through the handler. Of the
    /// environment whatever is read does.
    pub(super) fn proxy(&mut self, site: &Site) -> ValueId {
        let first = site.args.first().map_or(0, |a| a.value);
        let mut target = self.value(first);
        let environment = target
            .apis()
            .find(|a| matches!(&*self.apis.get(*a).name, "process.env" | "Bun.env"));
        let traps = self.get_traps(site);
        let Some(environment) = environment else {
            return self.stand_in(site, first, traps);
        };
        let all = Capability::EnvironmentReadAll;
        let taints = self.source(site.node, all, environment.id(), StrId::NONE);
        target.taints = self.taints.union(target.taints, taints);
        let target = self.intern(target);
        let name = self.data(taints);
        for function in traps {
            self.call_back(site.node, function, &[target, name]);
        }
        first
    }

    /// The functions of a proxy's handler that are asked for members.
    fn get_traps(&mut self, site: &Site) -> Vec<FnId> {
        let handler = self.arg(site, 1);
        let traps: Vec<ValueId> = handler
            .objects()
            .filter_map(|o| self.heap.get(o as usize))
            .flat_map(|o| o.props().iter().take(16))
            .filter(|(key, _)| self.ir.strings.get(*key) == "get")
            .map(|(_, value)| *value)
            .collect();
        traps
            .into_iter()
            .flat_map(|trap| self.value(trap).functions())
            .collect()
    }

    /// An object that asks functions for its members; the target itself if there are none.
    fn stand_in(&mut self, site: &Site, target: ValueId, traps: Vec<FnId>) -> ValueId {
        let mut functions = [0; 3];
        for (slot, trap) in functions.iter_mut().zip(traps) {
            *slot = trap + 1;
        }
        if functions == [0; 3] {
            return target;
        }
        let object = self.object_of(site.node);
        if let Some(o) = self.heap.get_mut(object as usize)
            && (o.traps != functions || o.target != target)
        {
            o.traps = functions;
            o.target = target;
            self.heap.changed(object, &mut self.stale);
        }
        let known = self.value(target);
        self.intern(Value {
            objects: [object + 1, known.objects[0]],
            ..known
        })
    }

    /// `client.interceptors.request.use(…)` (axios, "Interceptors")
    pub(super) fn is_interceptor(&self, site: &Site) -> bool {
        let name_of = |node: NodeId| match self.ir.node(node).op {
            Op::Member { object, key } => Some((object, self.ir.strings.get(key))),
            _ => None,
        };
        site.receiver
            .and_then(name_of)
            .filter(|(_, name)| matches!(*name, "request" | "response"))
            .and_then(|(object, _)| name_of(object))
            .is_some_and(|(_, name)| name == "interceptors")
    }

    /// A client of the network calls the given functions with every request or answer.
    pub(super) fn intercept_requests(&mut self, site: &Site) {
        let api = self.apis.named("axios.interceptors");
        let taints = self.source(site.node, Capability::CodeIntercept, api, StrId::NONE);
        for arg in &site.args {
            self.pass_to(site.node, arg.value, taints);
        }
    }

    /// Something goes to a wallet's library: a parameter that does is a secret of whoever gave it.
    pub(super) fn handed_to_wallet(&mut self, api: ApiRef, site: &Site) {
        if !self.marking || !opens_wallet(&self.apis.get(api).name) {
            return;
        }
        let Some(arg) = site.args.first() else {
            return;
        };
        for trail in self.taints.trails(self.value(arg.value).taints).to_vec() {
            if let Some(Origin::Parameter(function, position)) = self.taints.origin_of(trail)
                && position < super::MEMBER_OF
                && self.taints.transforms(trail).is_empty()
                && self
                    .telling
                    .insert((function, position), Capability::SecretParameter)
                    .is_none()
            {
                self.changed = true;
                self.stale.input(function);
            }
        }
    }

    /// A value that is a source as well, known by the name under which it is given.
    pub(super) fn joined_source(
        &mut self,
        id: NodeId,
        capability: Capability,
        name: StrId,
        value: ValueId,
    ) -> ValueId {
        let name = self.ir.strings.get(name).to_owned();
        let api = self.apis.named(&name);
        let taints = self.source(id, capability, api, StrId::NONE);
        let source = self.data(taints);
        self.join(value, source)
    }
}
