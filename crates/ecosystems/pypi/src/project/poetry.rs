//! Poetry's way to write dependencies: `name = "^1.2"`, a table, or a list of tables for different conditions.

use foretaste_project::{Constraint, Location, Place, Problem, Requirement, Text};

use super::spec;
use super::toml_doc::Placed;
use crate::toml_node::Node;

/// The requirements of one key.
pub(super) fn requirement(
    name: &str,
    value: Node<'_>,
    text: &Text<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Requirement> {
    if value.is_array() {
        return value
            .items()
            .flat_map(|v| requirement(name, v, text, problems))
            .collect();
    }
    let mut found = Requirement::new(name, value.place(text));
    let version = value
        .str()
        .or_else(|| value.text("version"))
        .unwrap_or_default();
    found.specifier = if version == "*" {
        "".into()
    } else {
        version.into()
    };
    found.constraint = constraint(version);
    if value.is_table() {
        found.extras = value.texts("extras");
        found.marker = marker(value);
        found.editable = value.flag("develop") || value.flag("editable");
        found.index = value
            .text("source")
            .or_else(|| value.text("index"))
            .map(Location::new);
        if value.flag("optional") {
            found.group = foretaste_project::Group::Optional;
        }
        if let Some(url) = value.text("git").or_else(|| value.text("hg")) {
            let scheme = if value.text("hg").is_some() {
                "hg"
            } else {
                "git"
            };
            let url = if url.starts_with(&format!("{scheme}+")) {
                url.to_owned()
            } else {
                format!("{scheme}+{url}")
            };
            found.constraint = Constraint::Vcs {
                url: Location::new(&url),
                rev: ["rev", "tag", "branch", "ref"]
                    .iter()
                    .find_map(|k| value.text(k))
                    .map(Into::into),
                subdirectory: value.text("subdirectory").map(Into::into),
            };
        } else if let Some(url) = value.text("url") {
            found.constraint = Constraint::Url(Location::new(url));
        } else if let Some(path) = value.text("path").or_else(|| value.text("file")) {
            found.constraint = if spec::is_url(path) {
                Constraint::Url(Location::new(path))
            } else {
                Constraint::Path(path.into())
            };
        }
    } else if value.str().is_none() {
        let place: Place = value.place(text);
        problems.push(Problem::new(
            place,
            format!(
                "the dependency `{}` is neither a version nor a table",
                spec::clip(name)
            ),
        ));
    }
    vec![found]
}

/// `markers`, `python` and `platform` joined.
fn marker(value: Node<'_>) -> Box<str> {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(
        value
            .text("markers")
            .or_else(|| value.text("marker"))
            .map(str::to_owned),
    );
    parts.extend(value.text("python").map(|p| format!("python {p}")));
    parts.extend(
        value
            .text("platform")
            .map(|p| format!("sys_platform == '{p}'")),
    );
    match &parts[..] {
        [one] => one.as_str().into(),
        _ => parts
            .iter()
            .map(|p| format!("({p})"))
            .collect::<Vec<_>>()
            .join(" and ")
            .into(),
    }
}

/// Poetry's versions: a bare one is exact, `^` and `~` are ranges, `||` joins alternatives.
pub(super) fn constraint(version: &str) -> Constraint {
    let version = version.trim();
    if version.is_empty() || version == "*" {
        return Constraint::Any;
    }
    if version.starts_with(|c: char| c.is_ascii_digit()) && !version.contains(['*', ',', '|', ' '])
    {
        return Constraint::Pinned(version.into());
    }
    if version.contains('|')
        || version.starts_with('^')
        || (version.starts_with('~') && !version.starts_with("~="))
    {
        return Constraint::Range;
    }
    spec::specifier(version).unwrap_or(Constraint::Range)
}
