//! `Pipfile`, pipenv's manifest.

use foretaste_project::{
    DeclaredSource, Document, Format, Group, Input, Location, Manifest, Reading, SourceKind, Text,
};

use super::decode;
use super::poetry::requirement;
use super::toml_doc::{self, Placed};

pub(super) fn read(input: &Input<'_>) -> Reading {
    let (decoded, _) = decode::decode(input.bytes);
    let text = Text::new(input.path, &decoded);
    let mut problems = Vec::new();
    let mut manifest = Manifest::new(Format::Pipfile, input.path);
    toml_doc::read(&text, &mut problems, |root, problems| {
        for (index, source) in root.list("source").enumerate() {
            manifest.sources.push(DeclaredSource {
                kind: if index == 0 {
                    SourceKind::Index
                } else {
                    SourceKind::ExtraIndex
                },
                name: source.text("name").map(Into::into),
                location: Location::new(source.text("url").unwrap_or_default()),
                // pipenv asks further sources only for what is bound to them
                explicit: index > 0,
                place: source.get("url").unwrap_or(source).place(&text),
            });
        }
        for (table, node) in root.entries() {
            if matches!(table, "source" | "requires" | "scripts" | "pipenv") || !node.is_table() {
                continue;
            }
            for (name, value) in node.entries() {
                for mut found in requirement(name, value, &text, problems) {
                    // a bare version of a Pipfile is no pin: pip reads it as a specifier
                    if let Some(written) = value.str().or_else(|| value.text("version")) {
                        found.constraint = match super::spec::specifier(written) {
                            Ok(constraint)
                                if value.str().is_some() || value.text("git").is_none() =>
                            {
                                constraint
                            }
                            _ => found.constraint,
                        };
                    }
                    if table != "packages" {
                        found.group = Group::Dev;
                        found.group_name = table.strip_suffix("-packages").unwrap_or(table).into();
                    }
                    manifest.requirements.push(found);
                }
            }
        }
        manifest.requires = root
            .get("requires")
            .and_then(|r| r.text("python_version"))
            .map(Into::into);
    });
    Reading {
        document: Some(Document::Manifest(manifest)),
        problems,
    }
}
