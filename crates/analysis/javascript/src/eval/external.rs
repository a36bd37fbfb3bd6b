//! Calls of external names: what the table says of them.

use foretaste_model::Capability;
use foretaste_model::facts::{Resolution, UseKind};
use foretaste_observe::table::{ArgRole, Entry};
use foretaste_observe::taint::{Effect, Mark, Origin, SetId, effect};

use super::builtin::BETWEEN;
use super::call::{Arg, Site};
use super::code::program_of;
use super::record::Touch;
use super::{Evaluator, Role};
use crate::apis::{ApiRef, Root};
use crate::ir::{NodeId, Op};
use crate::special::Special;
use crate::strings::StrId;
use crate::values::{Value, ValueId};

/// Programs that execute what they are given on their standard input.
const INTERPRETERS: &[&str] = &[
    "bash",
    "bun",
    "cmd",
    "deno",
    "node",
    "nodejs",
    "osascript",
    "perl",
    "php",
    "powershell",
    "pwsh",
    "python",
    "python3",
    "ruby",
    "sh",
    "zsh",
];

impl Evaluator<'_> {
    /// The result of a call, and whether the name is known well enough that nothing else need be assumed.
    pub(super) fn call_external(&mut self, api: ApiRef, site: &Site) -> (ValueId, bool) {
        self.heap.reads.restless();
        let known = self.apis.get(api);
        let (special, entry, root, top) = (known.special, known.entry, known.root, known.top);
        if let Some(name) = known.name.strip_prefix("()=>") {
            let name = name.to_owned();
            return (self.path_value(site.node, &name), true);
        }
        // a module of the package that is called as a whole is its default export
        let whole = if top && root == Root::Relative {
            self.apis.member(api, u32::MAX - 1, "default")
        } else {
            api
        };
        if whole != api {
            self.record_external(site.node, whole);
        } else if special == Special::None {
            self.record_external(site.node, api);
        }
        if let Some(value) = self.call_special(special, api, entry, site) {
            return (value, true);
        }
        if let Some(entry) = entry {
            return (self.call_entry(api, entry, site), true);
        }
        self.run_callbacks(site, SetId::EMPTY, 0, false);
        if root == Root::Relative {
            self.hand_over(whole, site);
            let mut given = Value::of_taints(self.outside(whole));
            if site.new {
                // its methods are those of the class
                given.apis = Value::of_api(whole).apis;
            }
            return (self.intern(given), false);
        }
        if site.new || (top && root == Root::Module) {
            // an object of that class, or what a module that is a function gives
            let kind = self.apis.get(api).name.clone();
            let kind = ApiRef::new(self.apis.kind(&kind), Resolution::Method);
            return (self.intern(Value::of_api(kind)), false);
        }
        (0, false)
    }

    pub(super) fn arg(&self, site: &Site, index: usize) -> Value {
        site.args
            .get(index)
            .map_or_else(Value::default, |a| self.value(a.value))
    }

    pub(super) fn mark(
        &self,
        api: ApiRef,
        capability: Capability,
        constant: StrId,
        node: NodeId,
    ) -> Mark {
        Mark {
            capability,
            api: api.id(),
            constant: if constant.is_text() { constant.0 } else { 0 },
            range: self.ir.node(node).range,
        }
    }

    /// Records a use with the texts of its arguments.
    pub(super) fn note_use(&mut self, api: ApiRef, capabilities: &[Capability], site: &Site) {
        if !self.recording {
            return;
        }
        let mut constants = Vec::new();
        for arg in site.args.iter().take(4) {
            let value = self.value(arg.value);
            constants.extend(self.describe(&value));
            if !value.text.is_text()
                && let Op::Either(choices) = self.ir.node(arg.node).op
            {
                for choice in self.ir.items(choices).to_vec() {
                    let value = self.at(choice);
                    constants.extend(self.describe(&value));
                }
            }
            if matches!(self.ir.node(arg.node).op, Op::Concat(_)) && value.text.is_text() {
                self.record_folded(arg.node, value.text);
            }
        }
        constants.truncate(4);
        self.record_use(site.node, api, capabilities, UseKind::Call, constants);
    }

    /// A name of the table is called.
    fn call_entry(&mut self, api: ApiRef, entry: &'static Entry, site: &Site) -> ValueId {
        let capabilities = if self.opens_to_write(entry, site) {
            &[Capability::FileWrite]
        } else {
            entry.capabilities
        };
        self.note_use(api, capabilities, site);
        let Some(capability) = capabilities.first().copied() else {
            return self.plain_result(entry, site);
        };
        if capability == Capability::Wallet {
            self.handed_to_wallet(api, site);
        }
        self.feeds |= self.starts_interpreter(capability, site);
        let telling = self.telling_of(entry, site);
        let mut payload = SetId::EMPTY;
        for (position, arg) in site.args.iter().enumerate() {
            let role = entry.role_of(Some(position), "");
            let roles = entry
                .args
                .iter()
                .filter(|a| a.position == Some(position as u8))
                .map(|a| a.role);
            let is = |wanted: ArgRole| roles.clone().any(|r| r == wanted);
            let value = self.value(arg.value);
            let mute = is(ArgRole::Ignore) || (!entry.args.is_empty() && role.is_none());
            match effect(capability) {
                Effect::Sink | Effect::SinkAndSource if !mute => {
                    self.arrive_at(api, capability, telling, &value, site, &is);
                }
                Effect::Transform if !mute || role.is_none() => {
                    let inner = self.deep_of_objects(&value);
                    payload = self.taints.union(payload, value.taints);
                    payload = self.taints.union(payload, inner);
                }
                _ => {}
            }
            self.touch_files(api, capability, *arg, site, &is);
        }
        if effect(capability) == Effect::Transform && !payload.is_empty() {
            self.fill_receiver(payload, site);
        }
        self.embedded_code(capability, site);
        if capability == Capability::FileWrite {
            self.written_code(entry, site);
        }
        self.entry_result(api, entry, capability, telling, payload, site)
    }

    /// True for `spawn(process.execPath, …)`, `exec("sh")`: what is written to such a child is code.
    fn starts_interpreter(&self, capability: Capability, site: &Site) -> bool {
        if !matches!(
            capability,
            Capability::ProcessSpawn | Capability::ProcessShell
        ) {
            return false;
        }
        let Some(program) = site.args.first().map(|a| self.value(a.value)) else {
            return false;
        };
        let is_node = |api| {
            matches!(
                &*self.apis.get(api).name,
                "process.execPath" | "process.argv0"
            )
        };
        let text = self.ir.strings.constant(program.text).unwrap_or_default();
        INTERPRETERS.contains(&program_of(text)) || program.apis().any(is_node)
    }

    /// `form.append(name, data)`: what goes in stays in what the method is called on.
    fn fill_receiver(&mut self, payload: SetId, site: &Site) {
        let Some(receiver) = site.receiver else {
            return;
        };
        let data = self.data(payload);
        for object in self.at(receiver).objects() {
            self.set_any(object, data);
        }
    }

    /// True for `fs.open(path, "w")` and its like: the descriptor gives no content.
    fn opens_to_write(&self, entry: &Entry, site: &Site) -> bool {
        let mode = entry.args_of(ArgRole::Mode).find_map(|a| a.position);
        mode.and_then(|at| site.args.get(usize::from(at)))
            .and_then(|arg| self.ir.strings.constant(self.value(arg.value).text))
            .is_some_and(|mode| mode.len() < 8 && mode.contains(['w', 'a', 'x']))
    }

    fn arrive_at(
        &mut self,
        api: ApiRef,
        capability: Capability,
        telling: StrId,
        value: &Value,
        site: &Site,
        is: &dyn Fn(ArgRole) -> bool,
    ) {
        if is(ArgRole::Target) && !is(ArgRole::Data) && !capability.is_network_sink() {
            return;
        }
        if capability == Capability::FileWrite && !is(ArgRole::Data) {
            return;
        }
        let role = if is(ArgRole::Url) || is(ArgRole::Host) {
            Role::Address
        } else {
            Role::Content
        };
        if value.functions().next().is_some() && value.taints.is_empty() {
            return;
        }
        let node = site.node;
        if is(ArgRole::Code) && !self.is_text_of_worker(api, value, site) {
            return;
        }
        if is(ArgRole::Code) && &*self.apis.get(api).name == "importScripts" {
            self.load_script(api, site, value);
        }
        if is(ArgRole::Code) || capability == Capability::CodeEval {
            self.evaluate(api, site, value, capability);
        } else {
            let request = capability.is_network_sink();
            self.sink_with(node, api, capability, value, role, request, telling);
        }
    }

    /// False for a worker of Node.js that is given the path of a file: it takes text with `eval: true` or in a URL alone
    /// (Node.js, `new Worker(filename, options)`).
    fn is_text_of_worker(&mut self, api: ApiRef, value: &Value, site: &Site) -> bool {
        if &*self.apis.get(api).name != "worker_threads.Worker" {
            return true;
        }
        if self.ir.strings.get(value.text).starts_with("data:") {
            return true;
        }
        let Some(key) = self.ir.strings.find("eval") else {
            return false;
        };
        let options = self.arg(site, 1);
        options.objects().any(|object| {
            self.heap
                .get(object as usize)
                .is_some_and(|o| o.get(key).is_some())
        })
    }

    /// The constant that tells most about a call: an address, a path, a command; else the one of its object.
    fn telling_of(&mut self, entry: &Entry, site: &Site) -> StrId {
        for (position, arg) in site.args.iter().enumerate() {
            let role = entry.role_of(Some(position), "");
            if matches!(
                role,
                Some(ArgRole::Ignore | ArgRole::Mode | ArgRole::Callback)
            ) {
                continue;
            }
            let value = self.value(arg.value);
            let found = self.telling_constant(&value);
            if found.is_text() && role != Some(ArgRole::Data) {
                return found;
            }
        }
        let Some(receiver) = site.receiver else {
            return StrId::NONE;
        };
        let taints = self.at(receiver).taints;
        let first = self.taints.trails(taints).first().copied();
        match first.and_then(|t| self.taints.origin_of(t)) {
            Some(Origin::Source(mark)) => StrId(mark.constant),
            _ => StrId::NONE,
        }
    }

    /// Files that are written by one call and run by another.
    fn touch_files(
        &mut self,
        api: ApiRef,
        capability: Capability,
        arg: Arg,
        site: &Site,
        is: &dyn Fn(ArgRole) -> bool,
    ) {
        let writes = matches!(
            capability,
            Capability::FileWrite | Capability::NetworkDownload
        ) && is(ArgRole::Target);
        if !self.recording {
            if writes && capability == Capability::FileWrite {
                let path = self.value(arg.value);
                self.note_writer(api, &path);
            }
            return;
        }
        let runs = capability.is_execution()
            && (is(ArgRole::Command) || is(ArgRole::Path) || is(ArgRole::Code));
        if !writes && !runs {
            return;
        }
        let text = self.value(arg.value).text;
        let mark = self.mark(api, capability, text, site.node);
        let paths = self.paths_of(arg.node);
        if writes {
            self.record_path(site.node, text);
        }
        let touch = if writes { Touch::Write } else { Touch::Run };
        self.record_file(site.node, touch, paths, mark);
    }

    /// The texts in an argument that may name a file.
    pub(super) fn paths_of(&self, node: NodeId) -> Vec<StrId> {
        let value = self.at(node);
        let mut paths = Vec::new();
        if value.text.is_text() {
            paths.push(value.text);
        }
        for object in value.objects() {
            if let Some(o) = self.heap.get(object as usize) {
                let items = o.items.iter().take(12).map(|v| self.value(*v).text);
                paths.extend(items.filter(|t| t.is_text()));
            }
        }
        paths
    }

    /// What a constructor or a name without a capability gives.
    fn plain_result(&mut self, entry: &'static Entry, site: &Site) -> ValueId {
        let mut taints = SetId::EMPTY;
        if let Some(receiver) = site.receiver {
            taints = self.at(receiver).taints;
        }
        self.run_callbacks(site, taints, 0, false);
        let mut value = if site.new {
            // what is put into it by its methods
            Value::of_object(self.object_of(site.node))
        } else {
            Value::default()
        };
        value.taints = taints;
        if !entry.returns.is_empty() {
            value.apis[0] = self.returned(entry);
        }
        if entry.returns == BETWEEN {
            value.objects = Value::of_object(self.object_of(site.node)).objects;
        }
        self.intern(value)
    }

    fn returned(&mut self, entry: &'static Entry) -> ApiRef {
        let id = if entry.returns == "require" {
            return ApiRef::new(self.apis.global("require"), Resolution::Direct);
        } else {
            self.apis.kind(entry.returns)
        };
        ApiRef::new(id, Resolution::Method)
    }

    fn entry_result(
        &mut self,
        api: ApiRef,
        entry: &'static Entry,
        capability: Capability,
        telling: StrId,
        payload: SetId,
        site: &Site,
    ) -> ValueId {
        let mark = self.mark(api, capability, telling, site.node);
        let receiver = site.receiver.map_or(SetId::EMPTY, |r| self.at(r).taints);
        let method = api.how() == Resolution::Method || self.apis.get(api).root == Root::Kind;
        let taints = match effect(capability) {
            Effect::Source | Effect::SinkAndSource => {
                // what is seen of somebody else's request comes with the event, whoever hands that on
                let is_seen = capability == Capability::CodeIntercept;
                if method && !receiver.is_empty() && !is_seen {
                    receiver
                } else {
                    self.source(site.node, capability, api.id(), telling)
                }
            }
            Effect::Transform => {
                let input = self.taints.union(payload, receiver);
                if input.is_empty() && !entry.returns.is_empty() {
                    // an object that will transform
                    SetId::EMPTY
                } else if input.is_empty() && capability.is_decoder() {
                    // where it comes from is not known: only a decoder followed by execution will tell
                    self.unknown_input(site.node, capability, api)
                } else if capability == Capability::DecodeCipher && self.is_from_outside(input) {
                    // what other files hand over, and only a key of this one opens
                    let hidden = self.source(site.node, capability, api.id(), telling);
                    let opened = self.taints.transform(input, mark);
                    self.taints.union(hidden, opened)
                } else {
                    self.taints.transform(input, mark)
                }
            }
            _ if capability == Capability::CodeWasm => self.through_wasm(mark, site),
            _ => SetId::EMPTY,
        };
        let mut value = Value::of_taints(taints);
        if !entry.returns.is_empty() {
            value.apis[0] = self.returned(entry);
        } else if site.new {
            let kind = self.apis.get(api).name.clone();
            value.apis[0] = ApiRef::new(self.apis.kind(&kind), Resolution::Method);
        }
        if entry.returns == BETWEEN {
            value.objects = Value::of_object(self.object_of(site.node)).objects;
        }
        let result = self.intern(value);
        let remote = capability.is_network_source();
        self.run_callbacks(site, taints, result, remote);
        result
    }

    /// True if some data comes out of other files, and the rest from whoever calls.
    fn is_from_outside(&self, data: SetId) -> bool {
        let trails = self.taints.trails(data);
        let origins = || trails.iter().map(|t| self.taints.origin_of(*t));
        origins().any(|o| matches!(o, Some(Origin::Outside(_))))
            && origins().all(|o| matches!(o, Some(Origin::Outside(_) | Origin::Parameter(..))))
    }

    /// Functions given to an external name are called by it, with what it gives.
    pub(super) fn run_callbacks(
        &mut self,
        site: &Site,
        taints: SetId,
        result: ValueId,
        with_kind: bool,
    ) {
        for arg in &site.args {
            let functions = self.value(arg.value).functions;
            if functions == [0; 3] {
                continue;
            }
            let given = if with_kind { result } else { self.data(taints) };
            for function in self.value(arg.value).functions() {
                let info = self.ir.functions.get(function as usize);
                let first = info
                    .and_then(|f| f.params.first())
                    .map_or("", |p| self.ir.strings.get(*p));
                let count = info.map_or(0, |f| f.params.len());
                let error_first = count >= 2
                    && (first.len() <= 2
                        || first.starts_with("err")
                        || first.starts_with('_')
                        || matches!(first, "error" | "ex" | "exception"));
                let values = if error_first {
                    [0, given, given, given]
                } else {
                    [given; 4]
                };
                self.call_back(site.node, function, &values);
            }
        }
    }
}
