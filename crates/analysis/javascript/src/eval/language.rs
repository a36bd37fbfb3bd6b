//! Calls of what the language and its platforms offer under names of their own, and do with data as no table can say.

use foretaste_model::Capability;
use foretaste_model::facts::Resolution;
use foretaste_observe::table::Entry;
use foretaste_observe::taint::{Origin, SetId};

use super::Evaluator;
use super::call::Site;
use crate::apis::ApiRef;
use crate::special::Special;
use crate::strings::{HOLE, StrId};
use crate::values::{Value, ValueId};

impl Evaluator<'_> {
    /// What a call of a special name gives; nothing if it is none.
    pub(super) fn call_special(
        &mut self,
        special: Special,
        api: ApiRef,
        entry: Option<&'static Entry>,
        site: &Site,
    ) -> Option<ValueId> {
        let first = site.args.first().map_or(0, |a| a.value);
        Some(match special {
            Special::None | Special::Property => return None,
            Special::Require => self.require(api, entry, site),
            Special::Identity | Special::Text => first,
            Special::Pipeline => {
                self.pipeline(site);
                0
            }
            Special::Connect => {
                if !self.stays_here(site) {
                    return None;
                }
                self.run_callbacks(site, SetId::EMPTY, 0, false);
                0
            }
            Special::Assign => {
                let target = self.value(first);
                for arg in site.args.iter().skip(1) {
                    let source = self.value(arg.value);
                    for to in target.objects() {
                        for from in source.objects() {
                            self.copy_props(from, to);
                        }
                        let rest = self.data(source.taints);
                        self.set_any(to, rest);
                    }
                }
                let mut all = 0;
                for arg in &site.args {
                    all = self.join(all, arg.value);
                }
                all
            }
            Special::View => {
                let reflects = |e: &&Entry| e.capabilities == [Capability::CodeReflect];
                self.note_reflection(api, entry.filter(reflects), site);
                let mut taints = SetId::EMPTY;
                let mut text = StrId::NONE;
                for arg in &site.args {
                    let value = self.value(arg.value);
                    if text == StrId::NONE {
                        text = value.text;
                    }
                    let inner = self.deep_of_objects(&value);
                    taints = self.taints.union(taints, value.taints);
                    taints = self.taints.union(taints, inner);
                }
                let mut value = self.value(first);
                value.taints = taints;
                value.text = text;
                // the objects themselves stay reachable: `Array.from(list)`, `new Map(entries)`
                value.apis = [ApiRef::NONE; 3];
                value.functions = [0; 3];
                for arg in &site.args {
                    let function = self.value(arg.value).functions;
                    if function != [0; 3] && site.args.len() > 1 {
                        self.run_callbacks(site, taints, 0, false);
                    }
                }
                self.intern(value)
            }
            Special::Apply | Special::Construct => {
                let target = self.value(first);
                let new = special == Special::Construct;
                let list = site.args.get(if new { 1 } else { 2 }).copied();
                let args = list
                    .map(|list| self.spread_for(&target, list))
                    .unwrap_or_default();
                let inner = Site {
                    node: site.node,
                    args,
                    new,
                    receiver: None,
                };
                self.note_reflection(api, entry, site);
                let mut target = target;
                for a in &mut target.apis {
                    if a.is_some() {
                        *a = a.reached(Resolution::Reflected);
                    }
                }
                self.dispatch(target, &inner, None)
            }
            Special::Get => {
                self.note_reflection(api, entry, site);
                let key = self.arg(site, 1);
                let key = self.key_text(&key);
                let object = site.args.first().map_or(0, |a| a.node);
                if self.ir.strings.constant(key).is_some() {
                    let value = self.get_member(site.node, object, key, true);
                    let mut known = self.value(value);
                    for a in &mut known.apis {
                        if a.is_some() {
                            *a = a.reached(Resolution::Reflected);
                        }
                    }
                    self.intern(known)
                } else {
                    0
                }
            }
            Special::Prototype => {
                let value = self.value(first);
                if value.functions().next().is_some() {
                    let api = ApiRef::new(self.apis.named("<prototype>"), Resolution::Reflected);
                    self.intern(Value::of_api(api))
                } else {
                    first
                }
            }
            Special::Promise => {
                let executor = self.value(first);
                let resolve = Value::of_function(super::RESOLVERS + site.node);
                let resolve = self.intern(resolve);
                for function in executor.functions() {
                    self.call_back(site.node, function, &[resolve]);
                }
                self.resolved.get(&site.node).copied().unwrap_or(0)
            }
            Special::CharCode => self.char_codes(api, entry, site),
            Special::Buffer => self.buffer(api, entry, site),
            Special::Escape => return self.escaped(first),
            Special::Atob | Special::Percent | Special::Inflate => {
                self.decode_call(special, api, entry, site)
            }
            Special::Decipher => return self.decipher(api, entry, site),
            Special::Hash => return self.hash(api, entry, site),
            Special::Update => return self.update(api, entry, site),
            Special::Final => return self.finish(site),
            Special::Passphrase => return self.passphrase(api, entry, site),
            Special::Pieces => {
                let list = self.value(first);
                let Some(text) = self.join_texts(&list, "") else {
                    return self.call_special(Special::View, api, entry, site);
                };
                let taints = self.deep_of_objects(&list);
                self.record_folded(site.node, text);
                self.intern(Value {
                    text,
                    taints,
                    ..Value::default()
                })
            }
            Special::Scalar => {
                self.run_callbacks(site, SetId::EMPTY, 0, false);
                if let Some(entry) = entry {
                    self.note_use(api, entry.capabilities, site);
                }
                0
            }
            Special::Path => self.path_join(site),
            Special::Folder => {
                let value = self.value(first);
                self.intern(Value {
                    text: value.text,
                    ..Value::default()
                })
            }
            Special::Timer => {
                if let Some(entry) = entry {
                    self.note_use(api, entry.capabilities, site);
                }
                let code = self.value(first);
                let takes_text = self.apis.get(api).name.starts_with("set")
                    && &*self.apis.get(api).name != "setImmediate";
                // nobody waits with unknown text: what is not constant is a function that is not known
                if takes_text && self.ir.strings.constant(code.text).is_some() {
                    self.evaluate(api, site, &code, Capability::CodeEval);
                    self.note_use(api, &[Capability::CodeEval], site);
                }
                let rest: Vec<ValueId> = site.args.iter().skip(2).map(|a| a.value).collect();
                for function in code.functions() {
                    self.call_back(site.node, function, &rest);
                }
                // a timer of the promise kind gives nothing to follow
                0
            }
            Special::Function => {
                self.note_use(api, &[Capability::CodeEval], site);
                let code = self.arg(site, site.args.len().saturating_sub(1));
                self.evaluate(api, site, &code, Capability::CodeEval);
                match self.returned_path(code.text) {
                    Some(path) => {
                        let name = format!("()=>{path}");
                        let api = ApiRef::new(self.apis.named(&name), Resolution::Reflected);
                        self.intern(Value::of_api(api))
                    }
                    None => self.data(SetId::EMPTY),
                }
            }
            Special::Listen => {
                if !self.hears_page(site) {
                    return None;
                }
                0
            }
            Special::Side => site.receiver.map_or(0, |r| self.value_of(r)),
            Special::Eval => {
                self.note_use(api, &[Capability::CodeEval], site);
                let code = self.value(first);
                self.evaluate(api, site, &code, Capability::CodeEval);
                match self.evaluated_path(code.text) {
                    Some(path) => self.path_value(site.node, &path),
                    None => 0,
                }
            }
            Special::Proxy => self.proxy(site),
            Special::Server => {
                if let Some(entry) = entry {
                    self.note_use(api, entry.capabilities, site);
                }
                let taints =
                    self.source(site.node, Capability::NetworkListen, api.id(), StrId::NONE);
                let socket = self.apis.kind("net.Socket");
                let request = self.intern(Value {
                    taints,
                    apis: [
                        ApiRef::new(socket, Resolution::Method),
                        ApiRef::NONE,
                        ApiRef::NONE,
                    ],
                    ..Value::default()
                });
                for arg in &site.args {
                    for function in self.value(arg.value).functions() {
                        self.call_back(site.node, function, &[request]);
                    }
                }
                let kind = if &*self.apis.get(api).name == "net.createServer" {
                    "net.Server"
                } else {
                    "http.Server"
                };
                let kind = ApiRef::new(self.apis.kind(kind), Resolution::Method);
                self.intern(Value::of_api(kind))
            }
        })
    }

    fn note_reflection(&mut self, api: ApiRef, entry: Option<&'static Entry>, site: &Site) {
        if let Some(entry) = entry {
            self.note_use(api, entry.capabilities, site);
        }
    }

    fn path_join(&mut self, site: &Site) -> ValueId {
        let mut text = String::new();
        let mut known = false;
        let mut taints = SetId::EMPTY;
        for arg in &site.args {
            let value = self.value(arg.value);
            // a name that came over the network still decides which file it is
            let remote = self.taints.filter(value.taints, |o| {
                matches!(o, Origin::Source(m) if m.capability.is_network_source())
                    || matches!(o, Origin::Parameter(..))
            });
            taints = self.taints.union(taints, remote);
            let part = self.text_of(&value);
            if !text.is_empty() && !text.ends_with('/') {
                text.push('/');
            }
            match part {
                Some(part) => {
                    known |= !part.is_empty();
                    let part = part.strip_prefix("./").unwrap_or(&part);
                    text.push_str(part);
                }
                None => text.push(HOLE),
            }
        }
        let text = if known && text.len() < 65_536 {
            self.ir.strings.fold(text)
        } else {
            StrId::NONE
        };
        self.record_folded(site.node, text);
        self.intern(Value {
            text,
            taints,
            ..Value::default()
        })
    }
}
