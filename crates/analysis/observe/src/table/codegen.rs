//! Turns a capability table in TOML into Rust statics. For build scripts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use foretaste_model::Capability;
use serde::Deserialize;

use super::{ArgRole, Name, hash};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    group: Vec<Group>,
    #[serde(default)]
    alias: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    title: String,
    capability: Vec<String>,
    #[serde(default)]
    of: Vec<String>,
    api: Vec<String>,
    #[serde(default)]
    returns: String,
    #[serde(default)]
    args: Vec<String>,
}

/// Reads a table and writes `pub(crate) static TABLE: Table`. Says what is wrong and where, in one line.
pub fn generate(text: &str) -> Result<String, String> {
    let source: Source = toml::from_str(text).map_err(|e| e.to_string())?;
    let mut entries: BTreeMap<String, String> = BTreeMap::new();
    for group in &source.group {
        let body = body(group).map_err(|e| format!("group \"{}\": {e}", group.title))?;
        for name in &group.api {
            let names = if group.of.is_empty() {
                vec![name.clone()]
            } else {
                group.of.iter().map(|of| format!("{of}.{name}")).collect()
            };
            for name in names {
                let entry = format!("Entry {{ api: {name:?}, {body} }}");
                if entries.insert(name.clone(), entry).is_some() {
                    return Err(format!(
                        "group \"{}\": `{name}` stands in the table twice",
                        group.title
                    ));
                }
            }
        }
    }
    let mut out = String::from(
        "use foretaste_model::Capability;\nuse foretaste_observe::table::{Arg, ArgRole, Entry, Name, Table};\n\n\
         pub(crate) static TABLE: Table = Table {\n    entries: &[\n",
    );
    for entry in entries.values() {
        let _ = writeln!(out, "        {entry},");
    }
    out.push_str("    ],\n    aliases: &[\n");
    for (from, to) in &source.alias {
        let _ = writeln!(out, "        ({from:?}, {to:?}),");
    }
    out.push_str("    ],\n    names: &[\n");
    let names = names(&entries, &source.alias)?;
    for name in names.values() {
        let _ = writeln!(out, "        {name:?},");
    }
    let slots = slots(names.keys().copied());
    let _ = writeln!(out, "    ],\n    slots: &{slots:?},\n}};");
    Ok(out)
}

/// Every name that says something, in order.
fn names<'a>(
    entries: &'a BTreeMap<String, String>,
    aliases: &'a BTreeMap<String, String>,
) -> Result<BTreeMap<&'a str, Name>, String> {
    let small = |number: usize| {
        u16::try_from(number).map_err(|_| "the table is too large for its index".to_owned())
    };
    let mut names: BTreeMap<&str, Name> = BTreeMap::new();
    for (index, api) in entries.keys().enumerate() {
        let at = small(index)?;
        let whole = names.entry(api).or_insert(blank(at, small(api.len())?));
        whole.entry = small(index + 1)?;
        for (dot, _) in api.match_indices('.') {
            let start = names.entry(&api[..dot]).or_insert(blank(at, small(dot)?));
            start.is_prefix = true;
        }
    }
    for (index, from) in aliases.keys().enumerate() {
        let length = small(from.len())?;
        let name = names.entry(from).or_insert(blank(small(index)?, length));
        name.alias = small(index + 1)?;
    }
    small(names.len() + 1)?;
    Ok(names)
}

/// A name of which nothing is said so far.
const fn blank(at: u16, length: u16) -> Name {
    Name {
        at,
        length,
        entry: 0,
        alias: 0,
        is_prefix: false,
    }
}

/// The places of names, by hash, with the next free one where two meet; half of them stay free.
fn slots<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> Vec<u16> {
    let count = (names.len() * 2).next_power_of_two();
    let mut slots = vec![0_u16; count];
    for (index, name) in names.enumerate() {
        let mut at = hash(name) as usize % count;
        while slots[at] != 0 {
            at = (at + 1) % count;
        }
        slots[at] = index as u16 + 1;
    }
    slots
}

fn body(group: &Group) -> Result<String, String> {
    let mut capabilities = Vec::new();
    for id in &group.capability {
        let capability: Capability = id.parse()?;
        capabilities.push(format!("Capability::{capability:?}"));
    }
    let mut args = Vec::new();
    for arg in &group.args {
        args.push(argument(arg)?);
    }
    Ok(format!(
        "capabilities: &[{}], returns: {:?}, args: &[{}]",
        capabilities.join(", "),
        group.returns,
        args.join(", ")
    ))
}

/// `role@position=keyword`
fn argument(text: &str) -> Result<String, String> {
    let (head, keyword) = text.split_once('=').unwrap_or((text, ""));
    let (role, position) = match head.split_once('@') {
        None => (head, None),
        Some((role, position)) => {
            let position: u8 = position
                .parse()
                .map_err(|_| format!("`{text}`: the position is no small number"))?;
            (role, Some(position))
        }
    };
    if position.is_none() && keyword.is_empty() {
        return Err(format!("`{text}` has neither a position nor a keyword"));
    }
    let role = ArgRole::ALL
        .iter()
        .find(|r| r.id() == role)
        .ok_or_else(|| format!("`{text}`: unknown role `{role}`"))?;
    Ok(format!(
        "Arg {{ role: ArgRole::{role:?}, position: {position:?}, keyword: {keyword:?} }}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_multiply_names_by_their_prefixes() {
        let table = r#"
            [[group]]
            title = "t"
            capability = ["network.http"]
            of = ["a", "b.C"]
            api = ["get"]
            args = ["url@0=url", "data=json"]
            [alias]
            "old" = "a"
        "#;
        let code = generate(table).unwrap();
        assert!(
            code.contains(r#"Entry { api: "b.C.get", capabilities: &[Capability::NetworkHttp]"#)
        );
        assert!(code.contains(r#"role: ArgRole::Data, position: None, keyword: "json""#));
        assert!(code.contains(r#"("old", "a")"#));
    }

    #[test]
    fn mistakes_are_named() {
        let cases = [
            (
                "capability = [\"network.htp\"]\napi = [\"a\"]",
                "network.htp",
            ),
            ("capability = []\napi = [\"a\", \"a\"]", "twice"),
            (
                "capability = []\napi = [\"a\"]\nargs = [\"urll@0\"]",
                "unknown role",
            ),
            (
                "capability = []\napi = [\"a\"]\nargs = [\"url\"]",
                "neither",
            ),
        ];
        for (group, part) in cases {
            let error = generate(&format!("[[group]]\ntitle = \"t\"\n{group}")).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
