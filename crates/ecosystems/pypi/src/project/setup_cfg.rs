//! `setup.cfg` of setuptools.

use foretaste_project::{Document, Format, Group, Input, Manifest, Problem, Reading, Text};

use super::{decode, spec};
use crate::ini::{Delimiters, Ini, Item, normalise};

pub(super) fn read(input: &Input<'_>) -> Reading {
    let (decoded, _) = decode::decode(input.bytes);
    let text = Text::new(input.path, &decoded);
    let ini = Ini::parse(&decoded, Delimiters::EqualsAndColon);
    let mut manifest = Manifest::new(Format::SetupCfg, input.path);
    let mut problems: Vec<Problem> = ini
        .odd_lines
        .iter()
        .map(|line| {
            Problem::new(
                text.line(*line),
                "a line is neither a section nor an option",
            )
        })
        .collect();
    for (key, slot) in [
        ("name", &mut manifest.name),
        ("version", &mut manifest.version),
    ] {
        match ini.get("metadata", key) {
            Some(value) if value.starts_with("attr:") || value.starts_with("file:") => {
                manifest.dynamic.push(key.into());
            }
            value => *slot = value.map(Into::into),
        }
    }
    manifest.requires = ini.get("options", "python-requires").map(Into::into);
    for item in ini.items("options") {
        let group = match &*normalise(&item.key) {
            "install-requires" => Group::Main,
            "setup-requires" => Group::Build,
            "tests-require" => Group::Dev,
            _ => continue,
        };
        list(&mut manifest, &mut problems, &text, item, group, "");
    }
    for item in ini.items("options.extras_require") {
        list(
            &mut manifest,
            &mut problems,
            &text,
            item,
            Group::Optional,
            &item.key,
        );
    }
    Reading {
        document: Some(Document::Manifest(manifest)),
        problems,
    }
}

/// One requirement a line; `file:` leaves them to build time.
fn list(
    manifest: &mut Manifest,
    problems: &mut Vec<Problem>,
    text: &Text<'_>,
    item: &Item,
    group: Group,
    name: &str,
) {
    if item.value.starts_with("file:") {
        manifest.dynamic.push(item.key.as_str().into());
        return;
    }
    for (at, line) in item.value.lines().enumerate() {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let place = text.line(item.line.saturating_add(at as u32));
        // on one line setuptools separates with `;`, which markers use too: only a list without markers is split
        let parts: Vec<&str> = if at == 0 && !line.contains(['\'', '"']) {
            line.split(';').collect()
        } else {
            vec![line]
        };
        for part in parts.into_iter().filter(|p| !p.trim().is_empty()) {
            let (found, fault) = spec::parse(part.trim(), place.clone());
            if let Some(fault) = fault {
                problems.push(Problem::new(place.clone(), fault.message));
            }
            if let Some(mut found) = found {
                found.group = group;
                found.group_name = name.into();
                manifest.requirements.push(found);
            }
        }
    }
}
