//! Calls of APIs outside of the file: uses, sources, transforms, sinks, and what they return.

use foretaste_model::Capability;
use foretaste_model::facts::{Resolution, UseKind};
use foretaste_observe::given::opens_wallet;
use foretaste_observe::table::{ArgRole, Entry};
use foretaste_observe::taint::{Effect, Mark, Origin, SetId, effect};
use ruff_python_ast as ast;

use super::Interpreter;
use super::call::Arg;
use crate::symbols::{Special, SymId};
use crate::value::{Shape, Value};

/// Keywords that set how something is done and carry no data away.
const SETTINGS: &[&str] = &[
    "allow_redirects",
    "bufsize",
    "capture_output",
    "cert",
    "check",
    "close_fds",
    "context",
    "creationflags",
    "cwd",
    "encoding",
    "env",
    "errors",
    "executable",
    "follow_redirects",
    "preexec_fn",
    "proxies",
    "proxy",
    "shell",
    "start_new_session",
    "startupinfo",
    "stderr",
    "stdout",
    "stream",
    "text",
    "timeout",
    "universal_newlines",
    "verify",
];

impl<'a> Interpreter<'a> {
    /// Calls an API with plain values.
    pub(super) fn call_api_plain(
        &mut self,
        sym: SymId,
        callee: Value,
        values: &[Value],
        range: (u32, u32),
    ) -> Value {
        let args: Vec<Arg<'a>> = values
            .iter()
            .map(|value| Arg {
                name: None,
                value: *value,
                spread: false,
            })
            .collect();
        self.call_api(sym, callee, &args, range, None)
    }

    pub(super) fn call_api(
        &mut self,
        sym: SymId,
        callee: Value,
        args: &[Arg<'a>],
        range: (u32, u32),
        node: Option<&'a ast::ExprCall>,
    ) -> Value {
        let args = match args.split_first() {
            Some((object, rest)) if self.is_unbound(sym, callee, object.value) => rest,
            _ => args,
        };
        let special = self.symbols.special(sym);
        if let Some(value) = self.call_special(special, sym, callee, args, range) {
            return value;
        }
        if special == Special::Setup
            && let Some(node) = node
        {
            self.setup_call(node, args);
        }
        self.external_call(sym);
        let Some(entry) = self.symbols.entry(sym) else {
            return self.call_unlisted(sym, callee, args, range);
        };
        self.call_entry(sym, entry, special, callee, args, range)
    }

    /// An API that the table does not list: it may be a class of which it lists methods.
    fn call_unlisted(
        &mut self,
        sym: SymId,
        callee: Value,
        args: &[Arg<'a>],
        range: (u32, u32),
    ) -> Value {
        let mut taint = callee.taint;
        for arg in args {
            // what a program is to be started with; where another file of the package sends it, the pieces tell
            if arg.name == Some("env") {
                continue;
            }
            taint = self.union(taint, arg.value.taint);
            // a library that opens a file which was written a moment ago gives what was written
            if self.has_writes()
                && let Some(write) = self.read_back(arg.value)
            {
                taint = self.union(taint, write.data.taint);
            }
        }
        if args.is_empty()
            && let Some(base) = self.symbols.name(sym).strip_suffix(".__str__")
            && super::is_builtin(base)
        {
            let base = base.to_owned();
            return self.printed(&base);
        }
        self.note_handler(sym, args, range);
        self.hand_over_all(sym, args);
        let given = self.outside(sym);
        let taint = self.digested(taint);
        let taint = self.union(taint, given);
        let taint = self.data_only(taint);
        let made = self.symbols.is_known(sym) || self.symbols.is_own_class(sym);
        if made && callee.via != Resolution::Method {
            return Value::of(Shape::Object(sym)).with(taint);
        }
        Value::tainted(taint)
    }

    fn call_entry(
        &mut self,
        sym: SymId,
        entry: &'static Entry,
        special: Special,
        callee: Value,
        args: &[Arg<'a>],
        range: (u32, u32),
    ) -> Value {
        let values: Vec<Value> = args.iter().map(|a| a.value).collect();
        let mut capability = entry.capability();
        let mut capabilities = entry.capabilities;
        if special == Special::Open {
            capability = Some(self.open_capability(entry, args));
            capabilities = match capability {
                Some(Capability::FileWrite) => &[Capability::FileWrite],
                Some(Capability::EncodeCompressed) => &[Capability::EncodeCompressed],
                _ => entry.capabilities,
            };
        }
        self.report(sym, capabilities, range, UseKind::Call, callee.via, &values);
        let given = self.run_callbacks(sym, entry, args, range);
        if let Some(given) = given
            && entry.args_of(ArgRole::CallbackRest).next().is_some()
        {
            return given;
        }
        let constant = self.telling_constant(entry, capability, args, callee);
        let in_shell = |a: &Arg<'a>| a.name == Some("shell") && a.value.shape == Shape::Bool(true);
        if capability == Some(Capability::ProcessSpawn) && args.iter().any(in_shell) {
            capability = Some(Capability::ProcessShell);
        }
        let Some(capability) = capability else {
            return self.call_constructor(sym, entry, special, callee, args);
        };
        let mark = Mark {
            capability,
            api: sym.0,
            constant,
            range,
        };
        if matches!(effect(capability), Effect::Source | Effect::SinkAndSource)
            || is_event(capability)
        {
            self.event(mark);
        }
        if capability == Capability::Wallet && opens_wallet(self.symbols.name(sym)) {
            self.handed_to_wallet(args, mark);
        }
        let mut result = self.follow(entry, special, callee, args, mark);
        if !self.intercepted.is_empty() {
            let passing = self.passes_through(sym);
            result = self.union(result, passing);
        }
        if special == Special::Glob
            && let Some(path) = self.found_paths(args)
        {
            return path.with(result);
        }
        let kind = self.returned_kind(sym, entry, callee);
        if capability == Capability::FileList && entry.api.starts_with("pathlib.Path.") {
            // each of what it finds is a path, too
            let path = Value::of(Shape::Object(self.symbols.path("pathlib.Path")));
            return self.list(vec![path.with(result)]).with(result);
        }
        match kind {
            Some(kind) => Value::of(Shape::Object(kind)).with(result),
            None => Value::tainted(result),
        }
    }

    /// What `glob` finds: paths like its pattern.
    fn found_paths(&mut self, args: &[Arg<'a>]) -> Option<Value> {
        let pattern = args.first()?.value;
        let text = self.text_of(pattern)?.replace("**", "*").replace('*', "{}");
        let id = self.constants.make_text(text)?;
        Some(self.list(vec![Value::of(Shape::Template(id))]))
    }

    /// What a call does to the data that goes in, and what comes out of it.
    fn follow(
        &mut self,
        entry: &'static Entry,
        special: Special,
        callee: Value,
        args: &[Arg<'a>],
        mark: Mark,
    ) -> SetId {
        match mark.capability {
            Capability::FileRead => return self.file_read(entry, callee, args, mark),
            Capability::FileWrite => return self.file_write(entry, special, callee, args, mark),
            Capability::ArchiveExtract => return self.unpacked(entry, callee, args, mark),
            _ => {}
        }
        match effect(mark.capability) {
            Effect::Source => self.taints.origin(Origin::Source(mark)),
            Effect::Transform => self.transformed(entry, callee, args, mark),
            Effect::Sink => {
                self.sink(entry, callee, args, mark);
                let taint = self.arguments_taint(callee, args);
                if matches!(mark.capability, Capability::CodeCompile) {
                    // a code object carries what it was compiled from
                    return taint;
                }
                self.data_only(callee.taint)
            }
            Effect::SinkAndSource => {
                self.sink(entry, callee, args, mark);
                if mark.capability == Capability::NetworkDns {
                    // whoever has the zone writes there what he wants
                    let texts = args.iter().any(|a| {
                        let kind = self.text_of(a.value);
                        kind.is_some_and(|k| k.eq_ignore_ascii_case("TXT"))
                    });
                    if texts {
                        let capability = Capability::NetworkDownload;
                        let answer = Mark { capability, ..mark };
                        return self.taints.origin(Origin::Source(answer));
                    }
                    return self.arguments_taint(callee, args);
                }
                if let Some(target) = argument(entry, ArgRole::Target, args) {
                    let source = self.taints.origin(Origin::Source(mark));
                    let keys = self.write_keys(target);
                    self.written(keys, Value::tainted(source), mark);
                }
                self.taints.origin(Origin::Source(mark))
            }
            Effect::None => self.arguments_taint(callee, args),
        }
    }

    pub(super) fn arguments_taint(&mut self, callee: Value, args: &[Arg<'a>]) -> SetId {
        let mut taint = callee.taint;
        for arg in args.iter().filter(|a| !is_setting(a)) {
            taint = self.union(taint, arg.value.taint);
        }
        self.data_only(taint)
    }

    /// Data arrives at an API.
    fn sink(&mut self, entry: &'static Entry, callee: Value, args: &[Arg<'a>], mark: Mark) {
        let runs = matches!(
            mark.capability,
            Capability::ProcessShell
                | Capability::ProcessSpawn
                | Capability::CodeNative
                | Capability::CodeImport
                | Capability::CodeEval
        );
        let network =
            mark.capability.is_network_sink() || mark.capability == Capability::NetworkDownload;
        let listed = entry.args_of(ArgRole::Data).next().is_some();
        let mut data = SetId::EMPTY;
        for (i, arg) in args.iter().enumerate() {
            if is_setting(arg) {
                continue;
            }
            let role = entry.role_of(arg.name.is_none().then_some(i), arg.name.unwrap_or(""));
            let value = arg.value;
            match role {
                Some(ArgRole::Ignore | ArgRole::Mode | ArgRole::Target) => continue,
                // a host's own name is looked up everywhere; a name made of it is not
                Some(ArgRole::Host)
                    if mark.capability == Capability::NetworkDns
                        && matches!(value.shape, Shape::Template(_)) => {}
                Some(ArgRole::Host) if mark.capability == Capability::NetworkDns => continue,
                Some(ArgRole::Url | ArgRole::Host) if network => {
                    self.hidden_address(value.taint, mark);
                    if !self.composed_behind_constant(value) {
                        continue;
                    }
                }
                None if listed && !network => continue,
                _ => {}
            }
            if runs {
                self.used_all(value, mark);
                self.executed(value, mark);
            }
            data = self.union(data, value.taint);
        }
        if network {
            self.sends = true;
            // what an object was given before it is sent: a request, a message
            data = self.union(data, callee.taint);
            if entry.api.starts_with("http.client.HTTP") {
                self.hidden_address(callee.taint, mark);
            }
        }
        let data = self.data_only(data);
        self.arrive(data, mark, self.frame.fact);
    }

    /// A text that begins with a constant and goes on with something unknown: data in a URL, not the URL itself.
    fn composed_behind_constant(&self, value: Value) -> bool {
        match value.shape {
            Shape::Template(id) => !self.constants.text(id).starts_with("{}"),
            Shape::List(list) => self
                .elements(list)
                .iter()
                .any(|v| self.composed_behind_constant(*v)),
            // request objects
            Shape::Object(_) => true,
            _ => false,
        }
    }

    /// A command or path may name something that was written before.
    fn used_all(&mut self, value: Value, mark: Mark) {
        if let Shape::List(list) = value.shape {
            for element in self
                .elements(list)
                .iter()
                .take(16)
                .copied()
                .collect::<Vec<_>>()
            {
                self.used(element, mark);
            }
            return;
        }
        self.used(value, mark);
    }

    /// Constant code or a command with code in it is run: it is a layer of its own.
    fn executed(&mut self, value: Value, mark: Mark) {
        match mark.capability {
            Capability::CodeEval | Capability::CodeCompile => {
                let steps = self.decode_steps(value.taint);
                match value.shape {
                    Shape::Str(id) => {
                        let text = self.constants.text(id).to_owned();
                        self.layers.add_code(&text, &steps, mark.range);
                    }
                    Shape::Bytes(id) => {
                        if let Ok(text) = std::str::from_utf8(self.constants.bytes(id)) {
                            let text = text.to_owned();
                            self.layers.add_code(&text, &steps, mark.range);
                        }
                    }
                    _ => {}
                }
            }
            Capability::ProcessSpawn | Capability::ProcessShell => {
                let words: Vec<String> = match value.shape {
                    Shape::List(list) => self
                        .elements(list)
                        .iter()
                        .take(16)
                        .map(|v| self.text_of(*v).unwrap_or("").to_owned())
                        .collect(),
                    _ => self.text_of(value).map(str::to_owned).into_iter().collect(),
                };
                self.layers.command(&words, mark.range);
            }
            _ => {}
        }
    }

    /// The names of the decode steps behind a value.
    fn decode_steps(&self, taint: SetId) -> Vec<&'static str> {
        let Some(trail) = self.taints.trails(taint).first() else {
            return Vec::new();
        };
        self.taints
            .steps(*trail)
            .iter()
            .filter(|(_, m)| m.capability.is_decoder())
            .map(|(_, m)| step_name(self.symbols.name(SymId(m.api))))
            .collect()
    }

    /// The constant that tells most about a call: the URL, path, name or command.
    fn telling_constant(
        &mut self,
        entry: &'static Entry,
        capability: Option<Capability>,
        args: &[Arg<'a>],
        callee: Value,
    ) -> u32 {
        let mut best = None;
        for role in [
            ArgRole::Url,
            ArgRole::Host,
            ArgRole::Command,
            ArgRole::Path,
            ArgRole::Name,
        ] {
            if let Some(value) = argument(entry, role, args) {
                best = Some(value);
                break;
            }
        }
        let value = best.unwrap_or_else(|| args.first().map_or(Value::UNKNOWN, |a| a.value));
        let text = match value.shape {
            Shape::Str(id) | Shape::Template(id) | Shape::Path(id) => return id.0 + 1,
            Shape::List(list) => {
                let words: Vec<&str> = self
                    .elements(list)
                    .iter()
                    .take(12)
                    .map(|v| self.text_of(*v).unwrap_or("{}"))
                    .collect();
                if words.iter().all(|w| *w == "{}") {
                    return 0;
                }
                words.join(" ")
            }
            Shape::Bytes(id) if capability.is_some_and(Capability::is_decoder) => {
                foretaste_observe::literal::escaped(self.constants.bytes(id), 120)
            }
            _ => match callee.shape {
                Shape::Path(id) => return id.0 + 1,
                _ => return 0,
            },
        };
        self.constants.make_text(text).map_or(0, |id| id.0 + 1)
    }

    /// Functions that the API calls, and what the last of them gives.
    fn run_callbacks(
        &mut self,
        sym: SymId,
        entry: &'static Entry,
        args: &[Arg<'a>],
        range: (u32, u32),
    ) -> Option<Value> {
        let mut given = None;
        for (i, arg) in args.iter().enumerate() {
            if !arg.value.shape.is_callable()
                || entry.role_of(arg.name.is_none().then_some(i), arg.name.unwrap_or(""))
                    != Some(ArgRole::Callback)
                || self.calls > 30
            {
                continue;
            }
            let first = entry
                .args_of(ArgRole::CallbackRest)
                .find_map(|a| a.position);
            if let Some(first) = first {
                let rest = args.get(usize::from(first)..).unwrap_or(&[]);
                self.calls += 1;
                given = Some(self.call_value(arg.value, rest, range, None));
                self.calls -= 1;
                continue;
            }
            let passed = argument(entry, ArgRole::CallbackArgs, args);
            let values = match passed.map(|p| (p, p.shape)) {
                Some((_, Shape::List(list))) => self.elements(list).to_vec(),
                Some((p, _)) => vec![p],
                None => match entry.capability() {
                    // what was captured is handed to the callback
                    Some(capability) if effect(capability) == Effect::Source => {
                        let mark = Mark {
                            capability,
                            api: sym.0,
                            constant: 0,
                            range,
                        };
                        vec![Value::tainted(self.taints.origin(Origin::Source(mark)))]
                    }
                    _ => argument(entry, ArgRole::Data, args).into_iter().collect(),
                },
            };
            self.calls += 1;
            given = Some(self.call_values(arg.value, &values, range));
            self.calls -= 1;
        }
        given
    }

    fn call_constructor(
        &mut self,
        sym: SymId,
        entry: &'static Entry,
        special: Special,
        callee: Value,
        args: &[Arg<'a>],
    ) -> Value {
        let taint = self.arguments_taint(callee, args);
        // a path: what it was made from names it
        if special == Special::TempFile || entry.args_of(ArgRole::Path).next().is_some() {
            return Value::tainted(taint);
        }
        match self.returned_kind(sym, entry, callee) {
            Some(kind) => Value::of(Shape::Object(kind)).with(taint),
            None => Value::tainted(taint),
        }
    }

    /// The kind of object that a call gives.
    fn returned_kind(&mut self, sym: SymId, entry: &'static Entry, callee: Value) -> Option<SymId> {
        if !entry.returns.is_empty() {
            return Some(self.symbols.path(entry.returns));
        }
        // calling a class gives an object of it
        let class = crate::table::TABLE.is_prefix(entry.api);
        (class && (callee.via != Resolution::Method || entry.api.contains(".new"))).then_some(sym)
    }
}

/// The argument that has a role.
pub(super) fn argument(entry: &'static Entry, role: ArgRole, args: &[Arg<'_>]) -> Option<Value> {
    args.iter()
        .enumerate()
        .find(|(i, a)| {
            let position = a.name.is_none().then_some(*i);
            !a.spread && entry.role_of(position, a.name.unwrap_or("")) == Some(role)
        })
        .map(|(_, a)| a.value)
}

/// Transforms that the constant texts of layers name.
fn step_name(api: &str) -> &'static str {
    let last = api.rsplit('.').next().unwrap_or(api);
    match last {
        "b64decode" | "standard_b64decode" | "urlsafe_b64decode" | "decodebytes"
        | "decodestring" | "a2b_base64" => "base64",
        "b32decode" => "base32",
        "b16decode" | "unhexlify" | "a2b_hex" | "fromhex" => "hex",
        "b85decode" | "a85decode" => "base85",
        "join" | "chr" => "characters",
        "decompress" => "zlib",
        "decode" | "encode" => "codec",
        "decrypt" => "cipher",
        "loads" | "load" => "object",
        _ => "decode",
    }
}

pub(super) fn is_setting(arg: &Arg<'_>) -> bool {
    arg.name.is_some_and(|n| SETTINGS.binary_search(&n).is_ok())
}

const fn is_event(capability: Capability) -> bool {
    matches!(capability, Capability::ProcessRedirect)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_is_sorted() {
        assert!(super::SETTINGS.is_sorted());
    }
}
