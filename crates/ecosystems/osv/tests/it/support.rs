//! Records, and archives of them.

use foretaste_fake_registries::tar_gz;
use foretaste_model::{Ecosystem, ReleaseId};
use foretaste_osv::{Advisories, Import, Importer, Source};
use jiff::Timestamp;
use serde_json::{Value, json};

/// A record about one range of one package.
pub(crate) fn record(id: &str, ecosystem: &str, name: &str, fixed: &str, modified: &str) -> Value {
    json!({
        "id": id, "modified": modified, "summary": format!("a flaw in {name}"),
        "affected": [{"package": {"ecosystem": ecosystem, "name": name},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]}],
    })
}

/// The archive that holds a file for each record.
pub(crate) fn archive(records: &[Value]) -> Vec<u8> {
    let files: Vec<(String, String)> = records
        .iter()
        .map(|r| {
            (
                format!("{}.json", r["id"].as_str().expect("an id")),
                r.to_string(),
            )
        })
        .collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    tar_gz(&files)
}

/// Imports an archive of everything about one ecosystem.
pub(crate) fn import(folder: &Advisories, bytes: &[u8], ecosystem: Ecosystem) -> Import {
    let mut importer = Importer::new(folder).expect("sound databases");
    importer.add("all.zip", bytes);
    let source = Source {
        location: "all.zip".into(),
        imported: Timestamp::UNIX_EPOCH,
        as_of: importer.newest(),
    };
    importer.finish(&source, &[ecosystem]).expect("written")
}

/// The ids that cover a release.
pub(crate) fn ids(
    folder: &Advisories,
    ecosystem: Ecosystem,
    name: &str,
    version: &str,
) -> Vec<String> {
    let release = ReleaseId::new(ecosystem, name, version);
    // what another importer wrote is seen by whoever opens the files afterwards
    let fresh = Advisories::at(folder.folder());
    let (found, _) = fresh.answer(&release).known().cloned().unwrap_or_default();
    found.iter().map(|a| a.id.to_string()).collect()
}
