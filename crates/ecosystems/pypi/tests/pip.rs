//! pip's grammar of requirements files, with pip's own parser as the oracle (`fixtures/projects/pip/generate.py`).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use foretaste_io::files;
use foretaste_model::{Ecosystem, PackageName};
use foretaste_project::{
    Constraint, Document, Files, Group, Input, Manifest, Reading, Requirement, SourceKind,
};
use foretaste_pypi::project::READERS;
use serde_json::{Value, json};

/// A case's folder, with the variables that `generate.py` sets.
struct Case(PathBuf);

impl Files for Case {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        files::read(&self.0.join(path), 1 << 20).map_err(|e| e.to_string())
    }

    fn variable(&self, name: &str) -> Option<String> {
        let value = match name {
            "INDEX_HOST" => "pkgs.acme.example",
            "TOKEN" => "t0ken",
            "lower" => "no",
            _ => return None,
        };
        Some(value.to_owned())
    }
}

fn read(case: &Case) -> Reading {
    let path: Arc<str> = "requirements.txt".into();
    let reader = READERS
        .iter()
        .find(|r| (r.matches)(&path))
        .expect("a reader");
    let bytes = case.read(&path).expect("the case's file");
    (reader.read)(&Input {
        path: &path,
        bytes: &bytes,
        files: case,
    })
}

/// A requirement as `generate.py` writes one. Where pip takes a text as it is, only its place and kind are compared.
fn shown(wish: &Requirement, as_written: bool) -> Value {
    let mut hashes: Vec<String> = wish.hashes.iter().map(ToString::to_string).collect();
    hashes.sort();
    let mut found = json!({
        "file": &*wish.place.path,
        "line": wish.place.span.line,
        "editable": wish.editable,
        "constraint": wish.group == Group::Constraint,
        "hashes": hashes,
    });
    if as_written {
        return found;
    }
    let mut extras: Vec<&str> = wish.extras.iter().map(|e| &**e).collect();
    extras.sort_unstable();
    let mut specifier: Vec<String> = wish
        .specifier
        .trim_matches(['(', ')'])
        .split(',')
        .map(|part| part.split_whitespace().collect())
        .filter(|part: &String| !part.is_empty())
        .collect();
    specifier.sort();
    let url = match &wish.constraint {
        Constraint::Url(url) | Constraint::Vcs { url, .. } => url.expose().to_owned(),
        _ => String::new(),
    };
    let name = wish.name.as_deref().unwrap_or_default();
    found["name"] = json!(PackageName::new(Ecosystem::Pypi, name).as_str());
    found["specifier"] = json!(specifier);
    found["extras"] = json!(extras);
    found["marker"] = json!(!wish.marker.is_empty());
    found["url"] = json!(url);
    found
}

/// Cases of which pip counts the lines as no editor does: by form feeds and the like.
const OTHER_LINES: [&str; 2] = ["old-mac", "separators"];

/// What pip says, in the same form. A digest in a URL's fragment is a hash like any other here.
fn wanted(wish: &Value) -> Value {
    let mut wish = wish.clone();
    let fields = wish.as_object_mut().expect("an object");
    fields.remove("written");
    let url = fields
        .get("url")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    if let Some((place, fragment)) = url.split_once('#') {
        fields.insert("url".to_owned(), json!(place));
        if let Some(value) = fragment.strip_prefix("sha256=") {
            fields.insert("hashes".to_owned(), json!([format!("sha256:{value}")]));
        }
    }
    if let Some(marker) = fields.get_mut("marker") {
        *marker = json!(marker.as_str().is_some_and(|m| !m.is_empty()));
    }
    wish
}

fn differences(name: &str, expected: &Value, manifest: &Manifest, problems: usize) -> Vec<String> {
    let list = |key: &str| expected[key].as_array().cloned().unwrap_or_default();
    let (refused, wishes): (Vec<_>, Vec<_>) = list("requirements")
        .into_iter()
        .partition(|wish| wish.get("refused").is_some());
    let mut wrong = Vec::new();
    let must_complain = !refused.is_empty() || name.starts_with("lenient-");
    if must_complain && problems == 0 {
        wrong.push(format!(
            "{name}: pip refuses or ignores a part, we say nothing"
        ));
    }
    if !must_complain && problems > 0 {
        wrong.push(format!("{name}: pip reads it, we do not"));
    }
    // what can be read of a line that pip refuses is kept, beside the complaint
    let ours: Vec<&Requirement> = manifest
        .requirements
        .iter()
        .filter(|r| !refused.iter().any(|wish| wish["line"] == r.place.span.line))
        .collect();
    if wishes.len() != ours.len() {
        wrong.push(format!(
            "{name}: pip reads {} requirements, we {}",
            wishes.len(),
            ours.len()
        ));
    }
    for (theirs, ours) in wishes.iter().zip(ours) {
        let as_written = theirs.get("written").is_some();
        let (mut theirs, ours) = (wanted(theirs), shown(ours, as_written));
        if OTHER_LINES.contains(&name) {
            theirs["line"] = ours["line"].clone();
        }
        if theirs != ours {
            wrong.push(format!("{name}:\n   pip {theirs}\n   we  {ours}"));
        }
    }
    let sources: Vec<Value> = manifest
        .sources
        .iter()
        // it is a setting of the connection to pip
        .filter(|s| s.kind != SourceKind::TrustedHost)
        .map(|s| json!([format!("{:?}", s.kind), s.location.expose()]))
        .collect();
    if list("sources").len() != sources.len() {
        wrong.push(format!(
            "{name}: pip reads the sources {}, we {}",
            expected["sources"],
            json!(sources)
        ));
    }
    for (theirs, ours) in list("sources").iter().zip(&sources) {
        if theirs[1] != ours[1] {
            wrong.push(format!("{name}: pip reads {theirs}, we {ours}"));
        }
    }
    wrong
}

#[test]
fn files_are_read_as_pip_reads_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures/projects/pip");
    let mut wrong = Vec::new();
    let mut cases = 0;
    for name in files::list(&root).expect("fixtures") {
        if name.contains('.') {
            continue;
        }
        cases += 1;
        let folder = root.join(&name);
        let text = files::read_text(&folder.join("expected.json"), 1 << 20).expect("readable");
        let expected: Value = serde_json::from_str(&text).expect("JSON");
        let reading = read(&Case(folder));
        if let Some(error) = expected["error"].as_str() {
            if reading.problems.is_empty() {
                wrong.push(format!("{name}: pip refuses it ({error}), we say nothing"));
            }
            continue;
        }
        let problems = reading.problems.len();
        match reading.document {
            Some(Document::Manifest(manifest)) => {
                wrong.extend(differences(&name, &expected, &manifest, problems));
            }
            _ => wrong.push(format!("{name}: no manifest")),
        }
    }
    assert!(cases >= 40, "{cases} cases");
    assert!(
        wrong.is_empty(),
        "{} differences in {cases} cases\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
