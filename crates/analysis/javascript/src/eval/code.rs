//! Code that is loaded or evaluated: modules by name, text, `data:` URLs, command lines of Node.js.

use foretaste_model::Capability;
use foretaste_model::facts::{Resolution, UseKind};
use foretaste_observe::table::{ArgRole, Entry};
use foretaste_observe::taint::{Mark, Origin, SetId};

use super::call::Site;
use super::record::Touch;
use super::{Evaluator, Role};
use crate::apis::ApiRef;
use crate::ir::{FnId, NodeId, Op};
use crate::strings::{HOLE, StrId};
use crate::values::{Value, ValueId};

/// Bytes of a text that is written from which it may be a program.
const MIN_WRITTEN: usize = 80;

/// The program that a command line starts, without its folder.
pub(super) fn program_of(command: &str) -> &str {
    let program = command.split_whitespace().next().unwrap_or_default();
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
    name.strip_suffix(".exe").unwrap_or(name)
}

impl Evaluator<'_> {
    /// The value of a global path such as `process` or `process.mainModule`.
    pub(super) fn path_value(&mut self, node: NodeId, path: &str) -> ValueId {
        let mut parts = path.split('.');
        let first = match parts.next() {
            Some("this") | None => "globalThis",
            Some(first) => first,
        };
        let mut api = ApiRef::new(self.apis.global(first), Resolution::Reflected);
        for part in parts {
            let key = self.ir.strings.fold(part.to_owned());
            api = self.apis.member(api, key.0, part);
        }
        self.api_value(node, api)
    }

    /// `return process`, `return this`: the path that a made function gives.
    pub(super) fn returned_path(&self, code: StrId) -> Option<String> {
        let code = self.ir.strings.constant(code)?.trim();
        let rest = code.strip_prefix("return")?;
        path_of(rest.trim_start_matches(|c: char| c.is_whitespace() || c == '('))
    }

    /// `require`, `process`: the path that evaluated text names.
    pub(super) fn evaluated_path(&self, code: StrId) -> Option<String> {
        path_of(self.ir.strings.constant(code)?)
    }

    /// Text is evaluated.
    pub(super) fn evaluate(
        &mut self,
        api: ApiRef,
        site: &Site,
        code: &Value,
        capability: Capability,
    ) {
        self.sink_value(site.node, api, capability, code, Role::Content, false);
        if code.text.is_text() {
            let steps = self.decode_steps(code);
            self.record_layer(site.node, code.text, steps, true);
        }
    }

    /// The names of the decode steps behind a text.
    pub(super) fn decode_steps(&self, value: &Value) -> Vec<Box<str>> {
        let mut steps: Vec<Box<str>> = Vec::new();
        if let Some(trail) = self.taints.trails(value.taints).first() {
            for (_, mark) in self.taints.steps(*trail) {
                if mark.capability.is_decoder() {
                    let name = self.apis.name_of(mark.api);
                    let step = match name {
                        "Buffer.from:hex" => "hex",
                        "atob" | "Buffer.from" | "Buffer" => "base64",
                        "String.fromCharCode" => "charcodes",
                        "unescape" | "decodeURIComponent" => "percent",
                        n if n.contains("Decipher") || n.contains("AES") => "aes",
                        n if n.contains("inflate") || n.contains("unzip") => "zlib",
                        n => n,
                    };
                    steps.push(step.into());
                }
            }
        }
        if steps.is_empty() {
            steps.push("string".into());
        }
        steps
    }

    pub(super) fn require(
        &mut self,
        api: ApiRef,
        entry: Option<&'static Entry>,
        site: &Site,
    ) -> ValueId {
        let name = self.arg(site, 0);
        let node = site.args.first().map_or(0, |a| a.node);
        if let Some(module) = self.ir.strings.constant(name.text) {
            let module = module.to_owned();
            if self.recording {
                let function = self.ir.node(site.node).function;
                if self.recorded.required.len() < 20_000 {
                    self.recorded
                        .required
                        .push((name.text, site.node, function));
                }
                if let Some(code) = module.strip_prefix("data:text/javascript") {
                    self.data_url(site, code);
                }
                // perhaps one that this program wrote
                if module.starts_with('/') || module.contains(":\\") {
                    let mark = self.mark(api, Capability::CodeImport, name.text, site.node);
                    self.record_file(site.node, Touch::Run, vec![name.text], mark);
                }
            }
            let plain = matches!(self.ir.node(node).op, Op::Text(_));
            let how = if !plain {
                Resolution::Reflected
            } else if api.how() == Resolution::Rebound {
                Resolution::Direct
            } else {
                api.how()
            };
            if !plain && let Some(entry) = entry {
                self.note_use(api, entry.capabilities, site);
            }
            let module = ApiRef::new(self.apis.module(&module), how);
            let value = self.api_value(site.node, module);
            return value;
        }
        if name.number().is_some() {
            return 0;
        }
        self.loads = true;
        self.note_loader(api, &name);
        if let Some(entry) = entry {
            // a module that is written out in its own address is text that is evaluated
            let is_text = self.ir.strings.get(name.text).starts_with("data:");
            let (kind, capabilities) = if is_text {
                (Capability::CodeEval, &[Capability::CodeEval][..])
            } else {
                (Capability::CodeImport, entry.capabilities)
            };
            self.note_use(api, capabilities, site);
            self.sink_value(site.node, api, kind, &name, Role::Content, false);
            if name.text.is_text() {
                let mark = self.mark(api, Capability::CodeImport, name.text, site.node);
                let paths = self.paths_of(node);
                self.record_file(site.node, Touch::Run, paths, mark);
            }
        }
        // a replaced loader hands on what the original one loads
        let passing = self.passing(name.taints);
        self.data(passing)
    }

    /// What a module of WebAssembly holds comes out of its memory again. Generated glue around one takes its names from there,
    /// too: only a program without it is followed.
    pub(super) fn through_wasm(&mut self, mark: Mark, site: &Site) -> SetId {
        const GLUE: usize = 48;
        if self.ir.functions.len() > GLUE {
            return SetId::EMPTY;
        }
        let module = self.argument(site, 0);
        let hidden = self.taints.filter(
            module,
            |o| matches!(o, Origin::Source(m) if m.capability.is_decoder()),
        );
        self.taints.transform(hidden, mark)
    }

    /// A variable that is bound to a dangerous function by plain assignment is a detour.
    pub(super) fn rebound(&mut self, value_node: NodeId, value: ValueId) -> ValueId {
        if !matches!(
            self.ir.node(value_node).op,
            Op::Global(_) | Op::Member { .. } | Op::Index { .. } | Op::Sym(_)
        ) {
            return value;
        }
        let mut known = self.value(value);
        let mut changed = false;
        for api in &mut known.apis {
            let Some(capability) = self.apis.get(*api).entry.and_then(Entry::capability) else {
                continue;
            };
            let dangerous = capability.is_execution() || capability == Capability::CodeCompile;
            if dangerous && self.ir.destructured.binary_search(&value_node).is_err() {
                *api = api.reached(Resolution::Rebound);
                changed = true;
            }
        }
        if changed { self.intern(known) } else { value }
    }

    /// A function that hands its parameter to a loader is a loader.
    pub(super) fn note_loader(&mut self, api: ApiRef, name: &Value) {
        if let Some((function, position)) = self.handed_on(name)
            && self.loaders.insert(function, (position, api)).is_none()
        {
            self.tells(function);
        }
    }

    /// A function that writes the file which its parameter names writes it for its callers.
    pub(super) fn note_writer(&mut self, api: ApiRef, path: &Value) {
        if let Some((function, position)) = self.handed_on(path)
            && self.writers.insert(function, (position, api)).is_none()
        {
            self.tells(function);
        }
    }

    /// Callers of a function learn something of it that they did not know.
    fn tells(&mut self, function: FnId) {
        self.changed = true;
        self.stale.output(function);
    }

    /// The parameter that a value is, as it was given.
    fn handed_on(&self, value: &Value) -> Option<(FnId, u32)> {
        let trail = self.taints.trails(value.taints).first().copied()?;
        match self.taints.origin_of(trail)? {
            Origin::Parameter(function, position)
                if position < super::MEMBER_OF && self.taints.transforms(trail).is_empty() =>
            {
                Some((function, position))
            }
            _ => None,
        }
    }

    /// A call names the file that the called function writes.
    pub(super) fn written_for(&mut self, function: FnId, site: &Site) {
        let Some((position, api)) = self.writers.get(&function).copied() else {
            return;
        };
        self.heap.reads.restless();
        let path = self.arg(site, position as usize);
        if !path.text.is_text() {
            self.note_writer(api, &path);
            return;
        }
        if self.recording {
            self.record_path(site.node, path.text);
            // the path, and what is written there
            let mut texts = self.describe(&path);
            for (at, arg) in site.args.iter().enumerate().take(4) {
                let value = self.value(arg.value);
                if at != position as usize && value.text.is_text() {
                    texts.extend(self.describe(&value));
                }
            }
            let write = [Capability::FileWrite];
            self.record_use(site.node, api, &write, UseKind::Call, texts);
        }
    }

    pub(super) fn data_url(&mut self, site: &Site, url: &str) {
        let Some((kind, body)) = url.split_once(',') else {
            return;
        };
        let decoded = if kind.contains("base64") {
            foretaste_observe::decode::base64(body.as_bytes())
        } else {
            Some(foretaste_observe::decode::percent(body.as_bytes()))
        };
        if let Some(text) = decoded.and_then(|d| String::from_utf8(d).ok()) {
            let text = self.ir.strings.fold(text);
            self.record_layer(site.node, text, vec!["data-url".into()], true);
        }
    }

    /// `fs.writeFileSync(path, "require('net')…")`: code that talks to other machines is read, wherever it is put.
    pub(super) fn written_code(&mut self, entry: &Entry, site: &Site) {
        const TALKS: &[&str] = &[
            "fetch(",
            "http.",
            "https.",
            "http')",
            "https')",
            "net.",
            "net')",
            "WebSocket",
            "axios",
        ];
        const CODE: &[&str] = &["require(", "import ", "=>", "function"];
        if !self.recording {
            return;
        }
        let content = entry.args_of(ArgRole::Data).find_map(|a| a.position);
        let Some(content) = content.map(|at| self.arg(site, usize::from(at))) else {
            return;
        };
        let has = |text: &str, of: &[&str]| of.iter().any(|part| text.contains(part));
        let text = self.ir.strings.get(content.text);
        let known = text
            .split(HOLE)
            .max_by_key(|part| part.len())
            .unwrap_or_default();
        if known.len() >= MIN_WRITTEN && has(known, CODE) && has(known, TALKS) {
            // a hole in a string of it is no reason to read half of it
            let whole = text.replace(HOLE, "0");
            let code = if known.len() * 2 > text.len() {
                whole
            } else {
                known.to_owned()
            };
            let code = self.ir.strings.fold(code);
            self.record_layer(site.node, code, vec!["write".into()], true);
        }
    }

    /// `node -e "..."` in a command line or argument list.
    pub(super) fn embedded_code(&mut self, capability: Capability, site: &Site) {
        if !self.recording
            || !matches!(
                capability,
                Capability::ProcessShell | Capability::ProcessSpawn
            )
        {
            return;
        }
        let first = self.arg(site, 0);
        let Some(command) = self.ir.strings.constant(first.text) else {
            return;
        };
        // the running program is Node.js itself
        if !matches!(program_of(command), "node" | "nodejs" | "bun" | "deno") {
            return;
        }
        let code = if let Some((_, rest)) = command
            .split_once(" -e ")
            .or_else(|| command.split_once(" --eval "))
            .or_else(|| command.split_once(" -p "))
        {
            let rest = rest.trim();
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
            match quote {
                Some(q) => rest
                    .get(1..)
                    .and_then(|r| r.rsplit_once(q))
                    .map(|(code, _)| code.to_owned()),
                None => Some(rest.to_owned()),
            }
        } else {
            let args = self.arg(site, 1);
            let texts: Vec<StrId> = args
                .objects()
                .filter_map(|o| self.heap.get(o as usize))
                .flat_map(|o| o.items.iter().take(12).map(|v| self.value(*v).text))
                .collect();
            texts
                .windows(2)
                .find(|w| {
                    matches!(
                        self.ir.strings.get(w[0]),
                        "-e" | "--eval" | "-p" | "--print"
                    )
                })
                .and_then(|w| self.ir.strings.constant(w[1]))
                .map(str::to_owned)
        };
        if let Some(code) = code {
            let text = self.ir.strings.fold(code);
            self.record_layer(site.node, text, vec!["node -e".into()], true);
        }
    }
}

/// A dotted path, if that is all a text says.
fn path_of(text: &str) -> Option<String> {
    let path = text.trim().trim_end_matches([';', ')', ' ']);
    let ok = !path.is_empty()
        && path.len() < 80
        && path.split('.').all(|p| {
            !p.is_empty()
                && p.chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
        })
        && path.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    ok.then(|| path.to_owned())
}
