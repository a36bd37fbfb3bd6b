//! Uses, and what flows through pipelines, variables and files.

use std::collections::BTreeMap;

use foretaste_model::Capability;
use foretaste_model::facts::{Flow, FlowLink, LiteralKind, Resolution, Step, StepRole, UseKind};
use foretaste_observe::{FactsBuilder, UseSite, decode, literal};

use super::lex::{Kind, Token};
use super::value::{
    Point, Value, assignment, is_source, is_transform, named_variable, path_key, texts,
};
use crate::script::{Inner, InnerLanguage, POWERSHELL, utf16_base64};

/// Variables and files that are followed.
const MAX_NAMES: usize = 2_000;

/// Values of one statement that are followed.
const MAX_VALUES: usize = 16;

/// Goes through the statements in order. Returns the code that stands inside them.
pub(super) fn follow(tokens: &[Token], facts: &mut FactsBuilder<'_>) -> Vec<Inner> {
    let mut script = Script {
        facts,
        variables: BTreeMap::new(),
        texts: BTreeMap::new(),
        files: BTreeMap::new(),
        inner: Vec::new(),
    };
    let mut start = 0;
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Mark('(') => depth += 1,
            Kind::Mark(')') => depth = depth.saturating_sub(1),
            // a block's statements are statements
            Kind::Mark('{' | '}') => {
                script.statement(tokens.get(start..at).unwrap_or(&[]));
                start = at + 1;
                depth = 0;
            }
            Kind::End => {
                let before = at
                    .checked_sub(1)
                    .and_then(|i| tokens.get(i))
                    .map(|t| &t.kind);
                let goes_on =
                    depth > 0 || matches!(before, Some(Kind::Mark('|' | ',' | '+' | '=')));
                if !goes_on {
                    script.statement(tokens.get(start..at).unwrap_or(&[]));
                    start = at + 1;
                }
            }
            _ => {}
        }
    }
    script.statement(tokens.get(start..).unwrap_or(&[]));
    script.inner
}

struct Script<'b, 'a> {
    facts: &'b mut FactsBuilder<'a>,
    variables: BTreeMap<String, Vec<Value>>,
    texts: BTreeMap<String, String>,
    files: BTreeMap<String, Vec<Value>>,
    inner: Vec<Inner>,
}

impl Script<'_, '_> {
    fn statement(&mut self, tokens: &[Token]) {
        if tokens.is_empty() {
            return;
        }
        let (target, tokens) = assignment(tokens);
        let points = self.points(tokens);
        for token in tokens {
            if let Kind::Text(text) = &token.kind {
                self.facts.literal(text, token.range, 0);
            }
        }
        let mut values = self.sources(tokens, &points);
        for point in points.iter().filter(|p| is_transform(p.capability)) {
            for value in &mut values {
                if value.points.len() < 8
                    && value.points.first() != Some(point)
                    && !value.points.contains(point)
                {
                    value.points.push(point.clone());
                }
            }
        }
        for sink in &points {
            self.sink(sink, &values);
        }
        self.downloads(tokens, &points);
        self.runs(tokens, &points, &values);
        self.code(tokens, &points);
        if let Some(name) = target {
            self.assign(name, tokens, values);
        }
    }

    /// The APIs of a statement.
    fn points(&mut self, tokens: &[Token]) -> Vec<Point> {
        let mut points = Vec::new();
        let constants = texts(tokens, &self.texts);
        for (at, token) in tokens.iter().enumerate() {
            let before = at
                .checked_sub(1)
                .and_then(|i| tokens.get(i))
                .map(|t| &t.kind);
            let name = match &token.kind {
                Kind::Word(word) => word.to_ascii_lowercase(),
                Kind::Member(name) => format!(".{name}"),
                Kind::Static(name) => match before {
                    Some(Kind::Type(ty)) => {
                        format!("{}::{name}", ty.rsplit('.').next().unwrap_or(ty))
                    }
                    _ => format!("::{name}"),
                },
                // `& 'IEX'`, `New-Object 'Net.WebClient'`: strings that stand where names do
                Kind::Text(text)
                    if text.len() < 60
                        && matches!(before, Some(Kind::Mark('&' | '|') | Kind::Word(_)) | None) =>
                {
                    text.to_ascii_lowercase()
                }
                Kind::Type(name) => name.clone(),
                Kind::Variable(name) if name.starts_with("env:") => {
                    self.environment(name, token.range);
                    continue;
                }
                _ => continue,
            };
            let Some(entry) = POWERSHELL
                .get(POWERSHELL.alias(&name).unwrap_or(&name))
                .or_else(|| POWERSHELL.get(name.strip_prefix("system.").unwrap_or(&name)))
                .or_else(|| {
                    name.starts_with("env:")
                        .then(|| POWERSHELL.get("env:"))
                        .flatten()
                })
            else {
                continue;
            };
            let site = UseSite {
                api: entry.api,
                range: token.range,
                function: 0,
                resolution: if matches!(token.kind, Kind::Text(_)) {
                    Resolution::Reflected
                } else {
                    Resolution::Direct
                },
                kind: UseKind::Call,
            };
            self.facts.uses(site, entry.capabilities, || {
                constants
                    .iter()
                    .take(4)
                    .map(|c| c.chars().take(512).collect::<String>().into())
                    .collect()
            });
            if let Some(capability) = entry.capability()
                && points.len() < 64
            {
                let constant = constants
                    .iter()
                    .find(|c| c.contains("://"))
                    .or_else(|| constants.first())
                    .cloned();
                points.push(Point {
                    capability,
                    api: entry.api.to_owned(),
                    range: token.range,
                    constant,
                });
            }
        }
        points
    }

    fn environment(&mut self, name: &str, range: (u32, u32)) {
        let variable = name.trim_start_matches("env:").to_ascii_uppercase();
        let site = UseSite {
            api: "env:",
            range,
            function: 0,
            resolution: Resolution::Direct,
            kind: UseKind::Read,
        };
        let constant: Box<str> = variable.into();
        self.facts.uses(site, &[Capability::EnvironmentRead], || {
            vec![constant.clone()]
        });
    }

    /// Values that a statement holds: from its own sources, from variables, from files.
    fn sources(&self, tokens: &[Token], points: &[Point]) -> Vec<Value> {
        let mut values: Vec<Value> = Vec::new();
        let mut add = |value: Value| {
            if values.len() < MAX_VALUES && !values.contains(&value) {
                values.push(value);
            }
        };
        for point in points.iter().filter(|p| is_source(p.capability)) {
            add(Value {
                points: vec![point.clone()],
                through_file: false,
            });
        }
        for token in tokens {
            match &token.kind {
                Kind::Variable(name) => {
                    if let Some(known) = self.variables.get(name) {
                        known.iter().cloned().for_each(&mut add);
                    } else if let Some(variable) = name.strip_prefix("env:")
                        && let Some(point) = named_variable(variable, token.range)
                    {
                        add(Value {
                            points: vec![point],
                            through_file: false,
                        });
                    }
                }
                Kind::Text(text) => {
                    if let Some(known) = self.files.get(&path_key(text)) {
                        known.iter().cloned().for_each(&mut add);
                    }
                    let secret = text.len() < 400
                        && literal::classify(text)
                            .into_iter()
                            .any(|(k, _)| k == LiteralKind::SecretPath);
                    let reads = points.iter().any(|p| {
                        matches!(
                            p.capability,
                            Capability::FileRead
                                | Capability::EncodeCompressed
                                | Capability::NetworkHttp
                        )
                    });
                    if secret && reads {
                        add(Value {
                            points: vec![Point {
                                capability: Capability::FileRead,
                                api: "path".to_owned(),
                                range: token.range,
                                constant: Some(text.clone()),
                            }],
                            through_file: false,
                        });
                    }
                }
                _ => {}
            }
        }
        values
    }

    fn sink(&mut self, sink: &Point, values: &[Value]) {
        for value in values {
            let Some(first) = value.points.first() else {
                continue;
            };
            let executes = sink.capability.is_execution()
                && (first.capability.is_network_source() || first.capability.is_decoder());
            let leaves = sink.capability.is_network_sink()
                && !first.capability.is_network_source()
                && !first.capability.is_decoder();
            if !(executes || leaves) || first == sink {
                continue;
            }
            let mut steps: Vec<Step> = Vec::new();
            for (at, point) in value.points.iter().enumerate().filter(|(_, p)| *p != sink) {
                let role = if at == 0 {
                    StepRole::Source
                } else {
                    StepRole::Transform
                };
                steps.push(self.step(role, point));
            }
            steps.push(self.step(StepRole::Sink, sink));
            let link = if value.through_file {
                FlowLink::Resource
            } else {
                FlowLink::Data
            };
            self.facts.flow(
                Flow {
                    steps,
                    function: 0,
                    link,
                },
                (first.range.0, sink.range.0),
            );
        }
    }

    fn step(&self, role: StepRole, point: &Point) -> Step {
        self.facts.step(
            role,
            point.capability,
            &point.api,
            point.range,
            point.constant.as_deref(),
        )
    }

    /// `DownloadFile(url, path)`, `-OutFile path`: the path now holds what came from the network.
    fn downloads(&mut self, tokens: &[Token], points: &[Point]) {
        let Some(source) = points.iter().find(|p| p.capability.is_network_source()) else {
            return;
        };
        let mut path = None;
        let mut named = false;
        for token in tokens {
            match &token.kind {
                Kind::Word(word)
                    if matches!(
                        &*word.to_ascii_lowercase(),
                        "-outfile" | "-o" | "-destination" | "-out" | "-outf"
                    ) =>
                {
                    named = true;
                }
                Kind::Word(word) if named => {
                    path = Some(path_key(word));
                    break;
                }
                Kind::Text(text)
                    if named
                        || source.api.starts_with(".downloadfile") && !text.contains("://") =>
                {
                    path = Some(path_key(text));
                    break;
                }
                Kind::Variable(name)
                    if (named || source.api.starts_with(".downloadfile"))
                        && !self.texts.get(name).is_some_and(|t| t.contains("://")) =>
                {
                    // the receiver of the call is a variable too: the last one counts
                    path = Some(format!("${name}"));
                    if named {
                        break;
                    }
                }
                _ => {}
            }
        }
        if let Some(path) = path
            && self.files.len() < MAX_NAMES
        {
            let value = Value {
                points: vec![source.clone()],
                through_file: true,
            };
            self.files.insert(path, vec![value]);
        }
    }

    /// Programs that are run by a path or variable that holds a download.
    fn runs(&mut self, tokens: &[Token], points: &[Point], values: &[Value]) {
        let start = points.iter().find(|p| {
            p.capability == Capability::ProcessSpawn
                || p.capability == Capability::CodeNative
                || p.capability == Capability::CodeEval
        });
        let called = points.is_empty()
            && matches!(
                tokens.first().map(|t| &t.kind),
                Some(Kind::Mark('&') | Kind::Word(_))
            );
        let Some(range) = start
            .map(|p| p.range)
            .or_else(|| called.then(|| tokens.first().map(|t| t.range)).flatten())
        else {
            return;
        };
        let sink = start.cloned().unwrap_or(Point {
            capability: Capability::ProcessSpawn,
            api: "&".to_owned(),
            range,
            constant: None,
        });
        let mut found: Vec<Value> = Vec::new();
        for token in tokens {
            let key = match &token.kind {
                Kind::Word(word) => path_key(word),
                Kind::Text(text) => path_key(text),
                Kind::Variable(name) => format!("${name}"),
                _ => continue,
            };
            if let Some(known) = self.files.get(&key) {
                found.extend(known.iter().filter(|v| !values.contains(v)).cloned());
            }
        }
        // the statement that downloads does not run what it fetched
        found.retain(|v| v.points.iter().all(|p| !points.contains(p)));
        found.truncate(MAX_VALUES);
        self.sink(&sink, &found);
        if start.is_none() {
            self.sink(
                &sink,
                &values
                    .iter()
                    .filter(|v| v.through_file)
                    .cloned()
                    .collect::<Vec<_>>(),
            );
        }
    }

    /// Code in strings: evaluated text, encoded commands, base64.
    fn code(&mut self, tokens: &[Token], points: &[Point]) {
        let evaluates = points.iter().any(|p| p.capability == Capability::CodeEval);
        let decodes = points.iter().any(|p| p.api == "convert::frombase64string");
        let mut encoded = false;
        let mut shell = false;
        for token in tokens {
            match &token.kind {
                Kind::Word(word) => {
                    let lower = word.to_ascii_lowercase();
                    shell |= matches!(&*lower, "powershell" | "powershell.exe" | "pwsh");
                    if encoded {
                        self.add_encoded(word, token.range);
                    }
                    encoded = shell
                        && lower.len() > 1
                        && ("-encodedcommand".starts_with(&*lower) || lower == "-ec");
                }
                Kind::Text(text) if encoded => self.add_encoded(text, token.range),
                Kind::Text(text) if decodes && text.len() >= 16 => {
                    let code = utf16_base64(text)
                        .or_else(|| String::from_utf8(decode::base64(text.as_bytes())?).ok());
                    if let Some(code) = code {
                        self.push_inner(code, vec!["base64".into()], token.range);
                    }
                }
                Kind::Text(text)
                    if evaluates && (!text.contains("://") || decode::looks_like_code(text)) =>
                {
                    self.push_inner(text.clone(), vec!["Invoke-Expression".into()], token.range);
                }
                Kind::Variable(name) if evaluates => {
                    if let Some(text) = self.texts.get(name).cloned() {
                        self.push_inner(text, vec!["Invoke-Expression".into()], token.range);
                    }
                }
                _ => {}
            }
        }
    }

    fn add_encoded(&mut self, text: &str, range: (u32, u32)) {
        if let Some(code) = utf16_base64(text) {
            self.push_inner(code, vec!["base64".into(), "utf-16le".into()], range);
        }
    }

    fn push_inner(&mut self, code: String, steps: Vec<Box<str>>, range: (u32, u32)) {
        if self.inner.len() < 32 && code.len() >= 4 {
            self.inner.push(Inner {
                language: InnerLanguage::PowerShell,
                code,
                steps,
                range,
            });
        }
    }

    fn assign(&mut self, name: &str, tokens: &[Token], values: Vec<Value>) {
        if self.variables.len() >= MAX_NAMES {
            return;
        }
        if let [
            Token {
                kind: Kind::Text(text),
                ..
            },
        ] = tokens
        {
            self.texts.insert(name.to_owned(), text.clone());
            if let Some(known) = self.files.get(&path_key(text)).cloned() {
                self.files.insert(format!("${name}"), known);
            }
        }
        if !values.is_empty() {
            self.variables.insert(name.to_owned(), values);
        }
    }
}
