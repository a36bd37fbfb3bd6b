//! Environments for conda, against what rattler and `packaging` say of each line (`fixtures/projects/generate/conda.py`).

use std::path::Path;
use std::sync::Arc;

use foretaste_io::files;
use foretaste_project::{Constraint, Document, Input, NoFiles, Requirement};
use foretaste_pypi::project::READERS;
use serde_json::{Value, json};

/// A constraint, as far as it decides how loose a requirement is.
fn shown(wish: &Requirement) -> Value {
    let constraint = match &wish.constraint {
        Constraint::Any => "any".to_owned(),
        Constraint::AtLeast => "at least".to_owned(),
        Constraint::Range => "range".to_owned(),
        Constraint::Pinned(version) => format!("=={version}"),
        other => format!("{other:?}"),
    };
    json!([wish.name, constraint])
}

/// The same of a version as rattler and `packaging` write it.
fn wanted(written: &Value) -> Value {
    let version = written[1].as_str().unwrap_or("");
    let constraint = match version {
        "" => "any",
        text if text.starts_with("==") => text,
        text if text.starts_with('>') && !text.contains([',', '<']) => "at least",
        _ => "range",
    };
    json!([written[0], constraint])
}

#[test]
fn every_environment_is_read_as_rattler_reads_it() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures/projects/conda");
    let (mut wrong, mut cases) = (Vec::new(), 0);
    for shape in files::list(&corpus).expect("the corpus is readable") {
        cases += 1;
        let text = |file: &str| {
            let path = corpus.join(&shape).join(file);
            files::read_text(&path, 1 << 20).expect("the corpus is readable")
        };
        let expected: Value = serde_json::from_str(&text("expected.json")).expect("readable");
        let path: Arc<str> = "environment.yml".into();
        let reader = READERS.iter().find(|r| (r.matches)(&path));
        let reading = (reader.expect("a reader").read)(&Input {
            path: &path,
            bytes: text("environment.yml").as_bytes(),
            files: &NoFiles,
        });
        assert_eq!(reading.problems, [], "{shape}");
        let Some(Document::Manifest(manifest)) = reading.document else {
            unreachable!("a manifest");
        };
        let list = |key: &str| expected[key].as_array().expect("a list").clone();
        let channels: Vec<&str> = manifest
            .sources
            .iter()
            .map(|s| s.location.expose())
            .collect();
        let markers: Vec<(Vec<Box<str>>, bool)> = manifest
            .requirements
            .iter()
            .map(|r| (r.extras.clone(), r.marker.is_empty()))
            .collect();
        let told: Vec<(Vec<Box<str>>, bool)> = list("pip")
            .iter()
            .map(|p| {
                let extras = p[2].as_array().expect("a list").iter();
                let extras = extras.filter_map(|e| e.as_str().map(Into::into)).collect();
                (extras, p[3] == "")
            })
            .collect();
        let pairs = [
            (json!(manifest.name), expected["name"].clone()),
            (json!(channels), expected["channels"].clone()),
            (
                manifest.beyond.iter().map(shown).collect(),
                list("conda").iter().map(wanted).collect(),
            ),
            (
                manifest.requirements.iter().map(shown).collect(),
                list("pip").iter().map(wanted).collect(),
            ),
            (json!(markers), json!(told)),
        ];
        for (read, wanted) in pairs {
            if read != wanted {
                wrong.push(format!("{shape}: {read}, not {wanted}"));
            }
        }
    }
    assert!(cases >= 12, "{cases} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
