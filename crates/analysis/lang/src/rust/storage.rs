//! Values in files and buffers: what is written, what is filled, and which programs are started from it.

use foretaste_model::Capability;

use super::flow::{File, MAX_NAMES, MAX_VALUES};
use super::lex::{Kind, Token};
use super::value::{Origin, Point, Value, clean};
use crate::script::handles_files;

/// Methods that put their arguments into what they are called on.
const TAKES_IN: &[&str] = &[
    "insert",
    "push",
    "push_str",
    "push_back",
    "extend",
    "extend_from_slice",
    "append",
    "write_str",
    "entry",
    "part",
];

/// Those of them that nothing else is called.
const TAKES_IN_ANYWHERE: &[&str] = &["push_str", "extend_from_slice", "part"];

impl File<'_, '_, '_> {
    /// Files that receive a value, and programs started from them.
    pub(super) fn writes(
        &mut self,
        target: Option<&str>,
        points: &[Point],
        texts: &[(&str, (u32, u32))],
        tokens: &[Token],
        values: &[Value],
    ) {
        let Some(write) = points
            .iter()
            .find(|p| p.capability == Capability::FileWrite)
        else {
            self.alias(target, tokens);
            // `Command::new(path)`, `Library::new(path)`
            let sinks: Vec<&Point> = points
                .iter()
                .filter(|p| p.capability.is_execution())
                .collect();
            for sink in sinks {
                // tools that check, move or unpack a file do not run it
                if sink.constant.as_deref().is_some_and(handles_files) {
                    continue;
                }
                let mut found: Vec<Value> = Vec::new();
                for token in tokens.iter().filter(|t| t.range.0 >= sink.range.1).take(48) {
                    let key = match &token.kind {
                        Kind::Text(text) => clean(text).to_owned(),
                        Kind::Path(name) => format!("${name}"),
                        _ => continue,
                    };
                    found.extend(self.files.get(&key).into_iter().flatten().cloned());
                }
                found.truncate(MAX_VALUES);
                self.sink(sink, &found);
            }
            return;
        };
        let own = places_of(write, texts, tokens);
        if let Some(target) = target
            && !own.is_empty()
            && self.opened.len() < MAX_NAMES
        {
            self.opened.insert(target.to_owned(), own.clone());
        }
        self.store(own, values);
    }

    /// `let text = path.to_str()?`: another name for the same file.
    fn alias(&mut self, target: Option<&str>, tokens: &[Token]) {
        let (
            Some(target),
            Some(Token {
                kind: Kind::Path(name),
                ..
            }),
        ) = (
            target,
            tokens
                .iter()
                .find(|t| matches!(&t.kind, Kind::Path(word) if word != "mut")),
        )
        else {
            return;
        };
        if let Some(stored) = self.files.get(&format!("${name}")).cloned()
            && self.files.len() < MAX_NAMES
        {
            self.files.insert(format!("${target}"), stored);
        }
    }

    /// What a command line that fetches something writes: `curl -o path url`.
    pub(super) fn downloads(&mut self, tokens: &[Token], spawn: &Point, words: &[String]) {
        const FETCH: &[&str] = &[
            "curl",
            "wget",
            "aria2c",
            "bitsadmin",
            "certutil",
            "powershell",
            "pwsh",
            "iwr",
        ];
        let program = words.first().map_or("", String::as_str);
        let program = program.rsplit(['/', '\\']).next().unwrap_or(program);
        let url = words.iter().find(|w| w.contains("://"));
        let fetches =
            FETCH.contains(&program.trim_end_matches(".exe")) && (url.is_some() || words.len() > 1);
        if !fetches || self.files.len() >= MAX_NAMES {
            return;
        }
        let value = Value {
            points: vec![Point {
                capability: Capability::NetworkDownload,
                api: program.to_owned(),
                range: spawn.range,
                constant: url.cloned(),
            }],
            through_file: true,
            origin: Origin::Here,
        };
        let after = words.iter().zip(words.iter().skip(1)).find(|(flag, _)| {
            matches!(
                flag.as_str(),
                "-o" | "--output" | "-O" | "-OutFile" | "--output-document"
            ) || flag.starts_with('-') && flag.ends_with('O')
        });
        let mut places: Vec<String> = after
            .map(|(_, place)| clean(place).to_owned())
            .into_iter()
            .collect();
        for token in tokens.iter().filter(|t| t.range.0 >= spawn.range.1) {
            if let Kind::Path(name) = &token.kind
                && !name.contains('.')
                && after.is_none_or(|(_, place)| {
                    !place.starts_with('{') || *place == format!("{{{name}}}")
                })
            {
                places.push(format!("${name}"));
            }
        }
        for place in places.into_iter().take(8) {
            self.files.insert(place, vec![value.clone()]);
        }
    }

    /// A value goes into files.
    fn store(&mut self, places: Vec<String>, values: &[Value]) {
        let mut stored: Vec<Value> = values
            .iter()
            .filter(|v| {
                v.points
                    .first()
                    .is_some_and(|p| p.capability.is_network_source() || p.capability.is_decoder())
            })
            .cloned()
            .collect();
        if stored.is_empty() || self.files.len() >= MAX_NAMES {
            return;
        }
        for value in &mut stored {
            value.through_file = true;
        }
        self.writes_for_caller(&places, &stored);
        for place in places {
            self.files.insert(place, stored.clone());
        }
    }

    /// `reader.read_to_end(&mut buffer)`, `io::copy(&mut body, &mut file)`, `file.write_all(&bytes)`: what is handed over
    /// to be changed, or is open for writing, holds the value afterwards.
    pub(super) fn filled(&mut self, tokens: &[Token], values: &[Value]) {
        const FILLS: &[&str] = &[
            "read_to_end",
            "read_to_string",
            "read_exact",
            "read",
            "copy",
            "copy_to",
            "write_all",
            "write",
        ];
        let fills = tokens.iter().any(|token| match &token.kind {
            Kind::Member(name) => FILLS.contains(&name.as_str()),
            Kind::Path(path) => path
                .rsplit('.')
                .next()
                .is_some_and(|name| FILLS.contains(&name)),
            _ => false,
        });
        if values.is_empty() {
            return;
        }
        // `map.insert(key, value)`, `text.push_str(&value)`, `if form.part("a").file(path).add().is_err()`
        for (at, pair) in tokens.windows(2).enumerate() {
            if let [
                Token {
                    kind: Kind::Path(name),
                    ..
                },
                Token {
                    kind: Kind::Member(method),
                    ..
                },
            ] = pair
                && TAKES_IN.contains(&method.as_str())
                && (at == 0 || TAKES_IN_ANYWHERE.contains(&method.as_str()))
            {
                self.add_to(name, values);
            }
        }
        for (at, token) in tokens.iter().enumerate().filter(|_| fills) {
            let Kind::Path(name) = &token.kind else {
                continue;
            };
            if let Some(places) = self.opened.get(name).cloned() {
                self.store(places, values);
            }
            let changed = at
                .checked_sub(1)
                .and_then(|before| tokens.get(before))
                .is_some_and(|before| before.kind == Kind::Path("mut".to_owned()));
            if changed {
                self.add_to(name, values);
            }
        }
    }

    /// `handle.url(ADDRESS)`: what the client behind a variable talks to.
    pub(super) fn addressed(&mut self, tokens: &[Token], texts: &[(&str, (u32, u32))]) {
        for pair in tokens.windows(2) {
            let [
                Token {
                    kind: Kind::Path(name),
                    ..
                },
                Token {
                    kind: Kind::Member(method),
                    range,
                },
            ] = pair
            else {
                continue;
            };
            if !matches!(method.as_str(), "url" | "uri" | "base_url") {
                continue;
            }
            let url = texts
                .iter()
                .find(|(text, at)| at.0 >= range.1 && text.contains("://"));
            let Some((url, _)) = url else { continue };
            for value in self.variables.get_mut(name).into_iter().flatten() {
                let client = value.points.first_mut();
                if let Some(client) = client.filter(|p| p.capability.is_network_sink()) {
                    client.constant = Some((*url).to_owned());
                }
            }
        }
    }

    /// A variable holds these values too.
    pub(super) fn add_to(&mut self, name: &str, values: &[Value]) {
        if self.variables.len() >= MAX_NAMES {
            return;
        }
        let known = self.variables.entry(name.to_owned()).or_default();
        for value in values {
            if known.len() < MAX_VALUES && !known.contains(value) {
                known.push(value.clone());
            }
        }
    }
}

/// The file that an API writes to, as the keys by which it is found again: its name as a text, and the variable that holds it.
fn places_of(write: &Point, texts: &[(&str, (u32, u32))], tokens: &[Token]) -> Vec<String> {
    let text = texts.iter().find(|(_, range)| range.0 >= write.range.1);
    let variable = tokens.iter().find_map(|token| match &token.kind {
        Kind::Path(name)
            if token.range.0 >= write.range.1 && !name.contains('.') && name != "mut" =>
        {
            Some(format!("${name}"))
        }
        _ => None,
    });
    let text = text.map(|(text, _)| clean(text).to_owned());
    text.into_iter().chain(variable).collect()
}
