//! What of a value would leave with it, and when that is worth a chain.

use foretaste_model::Capability;
use foretaste_model::facts::StepRole;
use foretaste_observe::taint::{Mark, Origin, SetId};

use super::pieces::{From, To};
use super::{Evaluator, MEMBER_OF, Reach, Role};
use crate::apis::ApiRef;
use crate::ir::{FnId, NodeId};
use crate::special;
use crate::strings::{HOLE, StrId};
use crate::values::Value;

/// Settings of a request that are not sent, or only say where to.
const SETTINGS: &[&str] = &[
    "agent",
    "httpAgent",
    "httpsAgent",
    "dispatcher",
    "timeout",
    "proxy",
    "rejectUnauthorized",
    "ca",
    "caFile",
    "certificateAuthority",
    "https",
    "secureContext",
    "cert",
    "pfx",
    "passphrase",
    "family",
    "lookup",
    "signal",
    "maxRedirects",
    "retry",
    "retries",
    "cache",
    "mode",
    "credentials",
    "redirect",
    "cwd",
    "logger",
    "log",
    "responseType",
    "encoding",
    "method",
    "keepAlive",
    "socketPath",
    "servername",
    "ciphers",
    "localAddress",
    "stdio",
    "shell",
    "maxBuffer",
    "onUploadProgress",
    "validateStatus",
    "protocol",
    "port",
    "followRedirect",
    "strictSSL",
    "tunnel",
    "insecure",
    "gzip",
    "throwHttpErrors",
    "adapter",
    "transformResponse",
    "transformRequest",
    "withCredentials",
    "createConnection",
    "noProxy",
    "httpsProxy",
    "no-proxy",
    "https-proxy",
    "strict-ssl",
    "fetchRetries",
    "userAgent",
    "user-agent",
    "User-Agent",
];

/// Properties of a request that say where it goes.
const ADDRESSES: &[&str] = &[
    "url",
    "uri",
    "href",
    "host",
    "hostname",
    "baseURL",
    "baseUrl",
    "prefixUrl",
    "registry",
    "origin",
    "endpoint",
];

impl Evaluator<'_> {
    /// Levels of objects below a value that are looked into.
    const MAX_DEPTH: u32 = 4;
    /// Parts of one value that are looked at.
    const MAX_PARTS: u32 = 200;

    /// The data in the objects of a value, not in the value itself.
    pub(super) fn deep_of_objects(&mut self, value: &Value) -> SetId {
        if value.objects == [0; 2] {
            return SetId::EMPTY;
        }
        if let Some((found, cost)) = self.known_deep(value.objects) {
            self.budget.spend(cost);
            return found;
        }
        let mut left = Self::MAX_PARTS;
        self.memo.visited.clear();
        let found = self.deep(value, Self::MAX_DEPTH, &mut left, None);
        let cost = u64::from(Self::MAX_PARTS - left) / 4;
        self.budget.spend(cost);
        self.remember_deep(value.objects, found, cost);
        found
    }

    fn deep(&mut self, value: &Value, depth: u32, left: &mut u32, role: Option<Role>) -> SetId {
        let mut out = SetId::EMPTY;
        if depth == 0 || self.budget.is_exhausted() {
            return out;
        }
        for object in value.objects() {
            if !self.memo.visited.contains(&object) {
                self.memo.visited.push(object);
            }
            let Some(o) = self.heap.get(object as usize) else {
                continue;
            };
            let props = o.props().len().min(100);
            let items = o.items.len().min(100);
            for index in 0..=props + items {
                let Some(o) = self.heap.peek(object as usize) else {
                    break;
                };
                let (key, id) = if index < props {
                    o.props().get(index).copied().unwrap_or_default()
                } else if index < props + items {
                    let item = o.items.get(index - props).copied();
                    (StrId::NONE, item.unwrap_or(0))
                } else {
                    (StrId::NONE, o.any)
                };
                if *left == 0 {
                    return out;
                }
                *left -= 1;
                let part = self.value(id);
                let name = self.ir.strings.get(key);
                let address = role.is_some() && ADDRESSES.contains(&name);
                if role.is_some() && SETTINGS.contains(&name) {
                    continue;
                }
                let mut taints = part.taints;
                if address {
                    taints = self.sendable(taints, part.text, Role::Address);
                }
                out = self.taints.union(out, taints);
                if part.objects != [0; 2] {
                    let inner = self.deep(&part, depth - 1, left, role);
                    out = self.taints.union(out, inner);
                }
            }
        }
        out
    }

    /// Data that reaches a sink in a value.
    pub(super) fn sink_value(
        &mut self,
        node: NodeId,
        api: ApiRef,
        capability: Capability,
        value: &Value,
        role: Role,
        request: bool,
    ) {
        let constant = self.telling_constant(value);
        self.sink_with(node, api, capability, value, role, request, constant);
    }

    /// The same, with the constant that tells where it goes.
    #[expect(clippy::too_many_arguments, reason = "the parts of one sink")]
    pub(super) fn sink_with(
        &mut self,
        node: NodeId,
        api: ApiRef,
        capability: Capability,
        value: &Value,
        role: Role,
        request: bool,
        constant: StrId,
    ) {
        self.heap.reads.restless();
        self.memo.visited.clear();
        let mut left = Self::MAX_PARTS;
        let inner = self.deep(
            value,
            Self::MAX_DEPTH,
            &mut left,
            (request && capability.is_network_sink()).then_some(role),
        );
        let own = self.taints.union(value.taints, SetId::EMPTY);
        let sink = Mark {
            capability,
            api: api.id(),
            constant: if constant.is_text() { constant.0 } else { 0 },
            range: self.ir.node(node).range,
        };
        let function = self.ir.node(node).function;
        self.arrive(own, value.text, sink, role, function);
        self.arrive(inner, StrId::NONE, sink, Role::Content, function);
    }

    /// Data arrives at a sink: a chain, if it has a source; a summary, if it is a parameter.
    pub(super) fn arrive(
        &mut self,
        data: SetId,
        text: StrId,
        sink: Mark,
        role: Role,
        function: FnId,
    ) {
        if data.is_empty() {
            return;
        }
        let is_address = text.is_text() && self.ir.strings.get(text).contains("://");
        if is_address && self.recording && sink.capability.is_network_sink() {
            self.hidden_address(data, sink, function);
        }
        let data = if sink.capability.is_network_sink() {
            self.sendable(data, text, role)
        } else {
            data
        };
        for index in 0..self.taints.trails(data).len() {
            let Some(trail) = self.taints.trails(data).get(index).copied() else {
                break;
            };
            match self.taints.origin_of(trail) {
                Some(Origin::Source(source)) => {
                    if self.recording && self.worth(&source, trail, &sink) {
                        self.record_flow(trail, sink, function);
                    }
                }
                Some(Origin::Parameter(owner, position)) => {
                    // once something known stands before it in an address, it is content
                    let role = if role == Role::Address && self.starts_known(text) {
                        Role::Content
                    } else {
                        role
                    };
                    self.add_reach(
                        owner,
                        Reach {
                            position: position.min(MEMBER_OF * 2 - 1),
                            trail,
                            sink,
                            role,
                            function,
                        },
                    );
                }
                Some(Origin::Outside(name)) => {
                    let from = From::Outside(name);
                    self.record_piece(from, To::Sink, trail, Some(sink), function);
                }
                Some(Origin::Resource(_)) | None => {}
            }
        }
    }

    /// The address of a request comes out of a decoder that was given a constant: somebody hides where it goes.
    fn hidden_address(&mut self, address: SetId, sink: Mark, function: FnId) {
        for trail in self.taints.trails(address).to_vec() {
            if let Some(Origin::Source(source)) = self.taints.origin_of(trail)
                && source.capability.is_decoder()
                && source.range != sink.range
            {
                self.record_flow(trail, sink, function);
            }
        }
    }

    fn add_reach(&mut self, owner: FnId, reach: Reach) {
        let Some(reaches) = self.reaches.get_mut(owner as usize) else {
            return;
        };
        if reaches.len() >= Self::MAX_REACHES || reaches.contains(&reach) {
            return;
        }
        reaches.push(reach);
        self.changed = true;
        self.stale.output(owner);
    }

    fn starts_known(&self, text: StrId) -> bool {
        text.is_text() && !self.ir.strings.get(text).starts_with(HOLE)
    }

    /// Something unknown in front of a known domain: `HOLE.c.invalid`.
    fn is_subdomain(&self, text: StrId) -> bool {
        let mut chars = self.ir.strings.get(text).chars();
        text.is_text()
            && chars.next() == Some(HOLE)
            && chars.next().is_some_and(|c| matches!(c, '.' | '-' | '_'))
    }

    /// Leaves out one named variable that only says where a request goes.
    fn sendable(&mut self, data: SetId, text: StrId, role: Role) -> SetId {
        if role == Role::Content || self.starts_known(text) || self.is_subdomain(text) {
            return data;
        }
        let interfaces: Vec<u32> = self
            .taints
            .trails(data)
            .iter()
            .filter_map(|t| match self.taints.origin_of(*t) {
                Some(Origin::Source(m))
                    if self.apis.name_of(m.api).ends_with("networkInterfaces") =>
                {
                    Some(m.api)
                }
                _ => None,
            })
            .collect();
        self.taints.filter(data, |origin| {
            !matches!(origin, Origin::Source(m) if interfaces.contains(&m.api) || matches!(
                m.capability,
                Capability::EnvironmentRead
                    | Capability::FileRead
                    | Capability::UserInput
                    | Capability::ProcessShell
                    | Capability::ProcessSpawn
            ))
        })
    }

    /// Which sources in which sinks make a chain.
    fn worth(
        &self,
        source: &Mark,
        trail: foretaste_observe::taint::TrailId,
        sink_mark: &Mark,
    ) -> bool {
        use Capability as C;
        let sink = sink_mark.capability;
        let capability = source.capability;
        // what passes through a replaced function is for whoever called it: only leaving tells
        if capability == C::CodeIntercept && !sink.is_network_sink() && sink != C::FileWrite {
            return false;
        }
        let steps = self.taints.steps(trail);
        let passes = |is: &dyn Fn(C) -> bool| {
            let mut transforms = steps
                .iter()
                .filter(|(role, _)| *role == StepRole::Transform);
            transforms.any(|(_, m)| is(m.capability))
        };
        let decoded = capability.is_decoder() || passes(&|c| c.is_decoder());
        let name = self.apis.name_of(source.api);
        // addresses are no payload, but records may hold one
        let records = capability == C::NetworkDns
            && [
                "resolve",
                "resolveTxt",
                "resolveAny",
                "resolveCname",
                "query",
            ]
            .iter()
            .any(|r| name.ends_with(&format!(".{r}")));
        let remote = capability.is_network_source() || records;
        // keys that are pressed in a page are for the page's own server, wherever that is
        if name.starts_with("KeyboardEvent.") {
            let to = self.ir.strings.get(StrId(sink_mark.constant));
            return sink.is_network_sink() && to.contains("://");
        }
        // what a module of WebAssembly gives is most of all a result: only as code it was hidden in there
        let is_code = matches!(sink, C::CodeEval | C::CodeCompile);
        if passes(&|c| c == C::CodeWasm) && !is_code {
            return false;
        }
        if sink.is_network_sink() {
            if special::is_ordinary_fact(name) {
                return false;
            }
            return match capability {
                C::ProcessShell | C::ProcessSpawn | C::Database => true,
                // which variable it is depends on the caller: settings, not a harvest
                C::EnvironmentRead if source.constant == 0 => false,
                // decoded content is sent everywhere; a decoded address is looked at by itself
                c if c.is_decoder() => false,
                c => {
                    foretaste_observe::taint::effect(c) == foretaste_observe::taint::Effect::Source
                }
            };
        }
        match sink {
            C::CodeEval | C::CodeCompile => {
                remote
                    || decoded
                    || matches!(
                        capability,
                        C::FileRead
                            | C::EnvironmentRead
                            | C::NetworkListen
                            | C::ProcessShell
                            | C::ProcessSpawn
                    )
            }
            C::ProcessShell | C::ProcessSpawn | C::CodeNative | C::CodeWasm => {
                remote || decoded || capability == C::NetworkListen
            }
            C::CodeImport => remote || (capability.is_decoder() && source.constant != 0),
            C::FileWrite => {
                remote
                    || (capability.is_decoder() && source.constant != 0)
                    || matches!(
                        capability,
                        C::EnvironmentReadAll
                            | C::CredentialStore
                            | C::Wallet
                            | C::Clipboard
                            | C::Keyboard
                            | C::Screen
                    )
                    || (capability == C::FileRead && passes(&|c| c == C::EncodeCipher))
            }
            C::SystemPersist | C::SystemSettings | C::PackageInstall => remote || decoded,
            _ => false,
        }
    }

    /// The constant of a value that tells most: its text, or the address in an options object.
    pub(super) fn telling_constant(&mut self, value: &Value) -> StrId {
        if value.text.is_text() {
            return value.text;
        }
        for object in value.objects() {
            for key in [
                "url", "uri", "href", "hostname", "host", "path", "chat_id", "channel",
            ] {
                let Some(key) = self.ir.strings.find(key) else {
                    continue;
                };
                let found = self.heap.get(object as usize).and_then(|o| o.get(key));
                if let Some(found) = found
                    && self.value(found).text.is_text()
                {
                    return self.value(found).text;
                }
            }
        }
        StrId::NONE
    }
}
