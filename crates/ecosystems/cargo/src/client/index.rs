//! The sparse index (<https://doc.rust-lang.org/cargo/reference/registry-index.html>).

use foretaste_model::manifest::{Dependency, DependencyKind, DependencySource};
use serde::Deserialize;

/// `config.json` of an index.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct IndexConfig {
    /// Where crates are downloaded: a template, or a prefix.
    pub dl: String,
    /// The web API, if there is one.
    #[serde(default)]
    pub api: Option<String>,
    /// Every request wants the token.
    #[serde(default, rename = "auth-required")]
    pub auth_required: bool,
}

/// One version: one line of an index file. Unknown fields are passed over.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Entry {
    pub name: String,
    pub vers: String,
    #[serde(default)]
    pub deps: Vec<EntryDependency>,
    #[serde(default)]
    pub cksum: String,
    #[serde(default)]
    pub yanked: bool,
    /// When it was published (RFC 3339), where the index tells.
    #[serde(default)]
    pub pubtime: Option<String>,
    /// The schema of the line; cargo leaves out what it does not know.
    #[serde(default)]
    pub v: Option<u32>,
}

/// A dependency as the index lists it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct EntryDependency {
    pub name: String,
    #[serde(default)]
    pub req: String,
    #[serde(default)]
    pub optional: bool,
    #[serde(default)]
    pub target: Option<String>,
    #[serde(default)]
    pub kind: Option<String>,
    /// The index of another registry.
    #[serde(default)]
    pub registry: Option<String>,
    /// The real name of a renamed dependency.
    #[serde(default)]
    pub package: Option<String>,
}

/// The newest schema that cargo reads.
const NEWEST_SCHEMA: u32 = 2;

/// Reads an index file. The second value says which lines were passed over.
pub(super) fn read(text: &str) -> (Vec<Entry>, Vec<Box<str>>) {
    let mut entries = Vec::new();
    let mut problems = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let problem = match serde_json::from_str::<Entry>(line) {
            Ok(entry) if entry.v.unwrap_or(1) <= NEWEST_SCHEMA => {
                entries.push(entry);
                continue;
            }
            Ok(entry) => format!(
                "schema {} of {} is unknown",
                entry.v.unwrap_or(0),
                entry.vers
            ),
            Err(error) => error.to_string(),
        };
        if problems.len() < 20 {
            problems.push(format!("line {} of the index file: {problem}", number + 1).into());
        }
    }
    (entries, problems)
}

/// The path of a crate's index file, lower-case: `1/a`, `2/ab`, `3/a/abc`, `ab/cd/abcd`.
pub fn path(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    format!("{}/{name}", prefix(&name))
}

/// The folder part of [`path`], in the case of `name`.
pub(super) fn prefix(name: &str) -> String {
    let part = |from: usize, to: usize| name.get(from..to).unwrap_or("_");
    match name.len() {
        0 | 1 => "1".to_owned(),
        2 => "2".to_owned(),
        3 => format!("3/{}", part(0, 1)),
        _ => format!("{}/{}", part(0, 2), part(2, 4)),
    }
}

/// The URL of a crate file, from the index's template `dl`. Without a marker in it, `/{crate}/{version}/download` is appended.
pub fn download_url(dl: &str, name: &str, version: &str, checksum: &str) -> String {
    const MARKERS: [&str; 5] = [
        "{crate}",
        "{version}",
        "{prefix}",
        "{lowerprefix}",
        "{sha256-checksum}",
    ];
    if !MARKERS.iter().any(|m| dl.contains(m)) {
        let base = dl.trim_end_matches('/');
        return format!("{base}/{name}/{version}/download");
    }
    let lower = name.to_ascii_lowercase();
    dl.replace("{crate}", name)
        .replace("{version}", version)
        .replace("{prefix}", &prefix(name))
        .replace("{lowerprefix}", &prefix(&lower))
        .replace("{sha256-checksum}", checksum)
}

impl EntryDependency {
    pub(super) fn to_model(&self) -> Dependency {
        let kind = match self.kind.as_deref() {
            Some("dev") => DependencyKind::Dev,
            Some("build") => DependencyKind::Build,
            _ if self.optional => DependencyKind::Optional,
            _ => DependencyKind::Run,
        };
        let source = match &self.registry {
            Some(index) => DependencySource::OtherRegistry(index.as_str().into()),
            None => DependencySource::Registry,
        };
        Dependency {
            name: self.package.as_deref().unwrap_or(&self.name).into(),
            requirement: self.req.as_str().into(),
            kind,
            source,
            condition: self.target.as_deref().unwrap_or("").into(),
            span: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn index_files_lie_below_lower_case_prefixes() {
        for (name, expected) in [
            ("A", "1/a"),
            ("ab", "2/ab"),
            ("AbC", "3/a/abc"),
            ("Serde", "se/rd/serde"),
        ] {
            assert_eq!(path(name), expected);
        }
        assert_eq!(prefix("€é"), "_/_");
    }

    #[test]
    fn every_marker_of_the_download_template_is_filled_in() {
        let url = |dl: &str| download_url(dl, "SerDe", "1.0.0", "abc");
        assert_eq!(
            url("https://d.example/"),
            "https://d.example/SerDe/1.0.0/download"
        );
        assert_eq!(
            url("https://d.example/{prefix}/{lowerprefix}/{crate}-{version}-{sha256-checksum}"),
            "https://d.example/Se/rD/se/rd/SerDe-1.0.0-abc"
        );
    }

    #[test]
    fn lines_that_cannot_be_read_are_passed_over_and_named() {
        let text = "{\"name\":\"a\",\"vers\":\"1.0.0\",\"extra\":[1]}\n\nnot json\n{\"name\":\"a\",\"vers\":\"2.0.0\",\"v\":9}\n";
        let (entries, problems) = read(text);
        assert_eq!(entries.len(), 1);
        assert_eq!(problems.len(), 2);
    }

    proptest::proptest! {
        #[test]
        fn any_index_file_is_read_without_a_panic(text in "\\PC*", name in "\\PC{0,9}") {
            let _ = read(&text);
            let _ = path(&name);
        }
    }
}
