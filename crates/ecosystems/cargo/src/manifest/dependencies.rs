//! Dependencies of every kind, target and source.

use foretaste_model::manifest::{Dependency, DependencyKind, DependencySource, ManifestFacts};
use toml_edit::{Item, TableLike};

use super::fields::text;
use super::{MAX_ENTRIES, Reading, cut, is_inherited};

/// Each table in its present and its old spelling.
const TABLES: [(&str, &str, DependencyKind); 3] = [
    ("dependencies", "dependencies", DependencyKind::Run),
    (
        "build-dependencies",
        "build_dependencies",
        DependencyKind::Build,
    ),
    ("dev-dependencies", "dev_dependencies", DependencyKind::Dev),
];

pub(super) fn read(reading: &mut Reading<'_>, root: &dyn TableLike, facts: &mut ManifestFacts) {
    tables(reading, root, "", facts);
    let targets = root.get("target").and_then(Item::as_table_like);
    for (condition, item) in targets.into_iter().flat_map(TableLike::iter) {
        if facts.dependencies.len() > MAX_ENTRIES {
            break;
        }
        if let Some(table) = item.as_table_like() {
            tables(reading, table, condition, facts);
        }
    }
    if facts.dependencies.len() > MAX_ENTRIES {
        facts.dependencies.truncate(MAX_ENTRIES);
        reading.truncated("dependencies");
    }
}

fn tables(
    reading: &mut Reading<'_>,
    parent: &dyn TableLike,
    condition: &str,
    facts: &mut ManifestFacts,
) {
    for (field, old_field, kind) in TABLES {
        let Some(item) = parent.get(field).or_else(|| parent.get(old_field)) else {
            continue;
        };
        let Some(table) = item.as_table_like() else {
            reading.wrong_type(field, item, "a table");
            continue;
        };
        let room = (MAX_ENTRIES + 1).saturating_sub(facts.dependencies.len());
        for (key, item) in table.iter().take(room) {
            let span = key_span(table, key, item);
            if let Some(mut dependency) = dependency(key, item, kind) {
                dependency.condition = cut(condition);
                dependency.span = reading.span(span);
                if is_inherited(item) {
                    facts.dynamic.push(format!("{field}.{key}").into());
                }
                facts.dependencies.push(dependency);
            } else {
                reading.wrong_type(&format!("{field}.{key}"), item, "a string or a table");
            }
        }
    }
}

/// From the key to the end of the value.
fn key_span(table: &dyn TableLike, key: &str, item: &Item) -> Option<std::ops::Range<usize>> {
    let key = table.key(key).and_then(toml_edit::Key::span);
    let value = item.span();
    match (key, value) {
        // the value of `[dependencies.x]` is the whole table: the header is enough
        (Some(key), Some(value)) if !item.is_table() && value.end > key.start => {
            Some(key.start..value.end)
        }
        (key, value) => key.or(value),
    }
}

fn dependency(key: &str, item: &Item, kind: DependencyKind) -> Option<Dependency> {
    let mut dependency = Dependency {
        name: cut(key),
        requirement: "".into(),
        kind,
        source: DependencySource::Registry,
        condition: "".into(),
        span: None,
    };
    if let Some(requirement) = item.as_str() {
        dependency.requirement = cut(requirement);
        return Some(dependency);
    }
    let table = item.as_table_like()?;
    let field = |name: &str| text(table.get(name));
    if let Some(real) = field("package") {
        dependency.name = cut(real);
    }
    dependency.requirement = cut(field("version").unwrap_or(""));
    if kind == DependencyKind::Run && table.get("optional").and_then(Item::as_bool) == Some(true) {
        dependency.kind = DependencyKind::Optional;
    }
    dependency.source = if let Some(url) = field("git") {
        let pin = ["rev", "tag", "branch"].iter().find_map(|p| field(p));
        DependencySource::Git(match pin {
            Some(pin) => cut(&format!("{url}#{pin}")),
            None => cut(url),
        })
    } else if let Some(path) = field("path") {
        DependencySource::Path(cut(path))
    } else if let Some(registry) = field("registry-index").or_else(|| field("registry")) {
        DependencySource::OtherRegistry(cut(registry))
    } else {
        DependencySource::Registry
    };
    Some(dependency)
}
