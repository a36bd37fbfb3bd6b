//! JSON pages. Each file is read on its own: one odd entry is a problem, not the end of the page.

use std::borrow::Cow;
use std::collections::BTreeMap;

use foretaste_model::Digest;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use url::Url;

use super::page::{MAX_FILES, is_file_name, strongest_first};
use super::{CoreMetadata, PageError, SimpleFile, SimplePage};

#[derive(Deserialize)]
struct RawPage<'a> {
    #[serde(default)]
    meta: Value,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    versions: Value,
    // Kept as text, so that each is read on its own and straight into its type: pages have thousands.
    #[serde(default, borrow)]
    files: Vec<&'a RawValue>,
    #[serde(default, rename = "project-status")]
    project_status: Value,
    #[serde(default, rename = "alternate-locations")]
    alternate_locations: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct RawFile<'a> {
    #[serde(borrow)]
    filename: Cow<'a, str>,
    #[serde(borrow)]
    url: Cow<'a, str>,
    #[serde(default)]
    hashes: BTreeMap<String, Value>,
    #[serde(default)]
    requires_python: Option<String>,
    #[serde(default)]
    core_metadata: Value,
    /// The name before PEP 714.
    #[serde(default)]
    dist_info_metadata: Value,
    #[serde(default)]
    yanked: Value,
    #[serde(default)]
    size: Option<u64>,
    #[serde(default)]
    upload_time: Option<String>,
    // Told apart: absent (the index cannot say), null (there is none), a URL.
    #[serde(default, deserialize_with = "present")]
    provenance: Option<Value>,
}

fn present<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(d).map(Some)
}

/// Reads a JSON page that came from `base`.
///
/// # Errors
/// When it is not JSON of the right shape, or of a later major version.
pub fn parse_json(base: &Url, body: &[u8]) -> Result<SimplePage, PageError> {
    let raw: RawPage =
        serde_json::from_slice(body).map_err(|e| PageError::NotAPage(e.to_string()))?;
    let mut page = SimplePage {
        version: (1, 0),
        name: raw.name.map(Into::into),
        ..SimplePage::default()
    };
    match raw.meta.get("api-version") {
        Some(Value::String(version)) => page.set_version(version)?,
        _ => page.problem("the page does not say its API version".into()),
    }
    page.versions = strings(&raw.versions);
    page.tracks = strings(raw.meta.get("tracks").unwrap_or(&Value::Null));
    page.alternate_locations = strings(&raw.alternate_locations);
    // The text of PEP 792 puts the marker at the top level, its example in `meta`: both occur. Some servers write a
    // bare string.
    let status = match &raw.project_status {
        Value::Null => raw.meta.get("project-status").unwrap_or(&Value::Null),
        found => found,
    };
    match status {
        Value::Null => {}
        Value::String(status) => {
            let reason = raw.meta.get("project-status-reason");
            page.set_status(status, reason.and_then(Value::as_str));
        }
        Value::Object(object) => {
            let text = |key| object.get(key).and_then(Value::as_str);
            page.set_status(text("status").unwrap_or("active"), text("reason"));
        }
        _ => page.problem("the project status cannot be read".into()),
    }
    if raw.files.len() > MAX_FILES {
        page.problem(format!("only the first {MAX_FILES} files were read"));
    }
    for text in raw.files.into_iter().take(MAX_FILES) {
        let read = match serde_json::from_str::<RawFile<'_>>(text.get()) {
            Ok(raw) => file(base, raw, &mut page),
            // a name that stands twice, for one, is nothing that a tree of values minds
            Err(_) => match serde_json::from_str::<Value>(text.get()).and_then(|value| {
                RawFile::deserialize(&value).map(|raw| file(base, raw, &mut page))
            }) {
                Ok(read) => read,
                Err(e) => {
                    page.problem(format!("a file entry cannot be read: {e}"));
                    None
                }
            },
        };
        page.files.extend(read);
    }
    Ok(page)
}

fn file(base: &Url, raw: RawFile<'_>, page: &mut SimplePage) -> Option<SimpleFile> {
    if !is_file_name(&raw.filename) {
        page.problem(format!("{:?} is a path, not a file name", raw.filename));
        return None;
    }
    let Ok(mut url) = base.join(&raw.url) else {
        page.problem(format!("the URL of {:?} cannot be read", raw.filename));
        return None;
    };
    url.set_fragment(None);
    let digests = digests(&raw.hashes, &raw.filename, page);
    let core_metadata = match (&raw.core_metadata, &raw.dist_info_metadata) {
        (Value::Null, legacy) => legacy,
        (found, _) => found,
    };
    let core_metadata = match core_metadata {
        Value::Bool(true) => CoreMetadata::Offered(Vec::new()),
        Value::Object(hashes) => {
            let hashes = hashes.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
            CoreMetadata::Offered(self::digests(&hashes, &raw.filename, page))
        }
        _ => CoreMetadata::Absent,
    };
    let uploaded = raw.upload_time.as_deref().and_then(|text| {
        let time = text.parse().ok();
        if time.is_none() {
            page.problem(format!("the upload time {text:?} cannot be read"));
        }
        time
    });
    Some(SimpleFile {
        filename: raw.filename.into_owned().into(),
        url,
        digests,
        requires_python: raw.requires_python.map(Into::into),
        core_metadata,
        yanked: match raw.yanked {
            Value::Bool(true) => Some("".into()),
            Value::String(reason) => Some(reason.into()),
            _ => None,
        },
        size: raw.size,
        uploaded,
        provenance_url: raw
            .provenance
            .as_ref()
            .and_then(Value::as_str)
            .and_then(|text| base.join(text).ok()),
        provenance: raw.provenance.map(|value| value.is_string()),
    })
}

/// The digests of a `hashes` object. Algorithms that are not known are passed over silently, malformed ones are not:
/// a value of the wrong length must not switch verification off unseen.
fn digests(hashes: &BTreeMap<String, Value>, filename: &str, page: &mut SimplePage) -> Vec<Digest> {
    let mut found = Vec::new();
    for (algorithm, value) in hashes {
        if !KNOWN.contains(&algorithm.to_ascii_lowercase().as_str()) {
            continue;
        }
        let digest = value
            .as_str()
            .and_then(|value| format!("{algorithm}:{value}").parse::<Digest>().ok());
        match digest {
            Some(digest) => found.push(digest),
            None => page.problem(format!("the {algorithm} of {filename:?} is no digest")),
        }
    }
    strongest_first(&mut found);
    found
}

/// Algorithms that [`Digest`] knows.
const KNOWN: [&str; 6] = ["md5", "sha1", "sha256", "sha384", "sha512", "blake2b_256"];

fn strings(value: &Value) -> Vec<Box<str>> {
    value
        .as_array()
        .map(|items| {
            items
                .iter()
                .filter_map(Value::as_str)
                .take(MAX_FILES)
                .map(Into::into)
                .collect()
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use foretaste_model::metadata::ProjectStatus;
    use proptest::prelude::*;
    use serde_json::json;

    fn base() -> Url {
        Url::parse("https://pkgs.example/simple/holygrail/").expect("a URL")
    }

    fn read(value: &Value) -> SimplePage {
        parse_json(&base(), value.to_string().as_bytes()).expect("a page")
    }

    /// The example of PEP 691 with the additions of PEP 700, 714, 740 and 792.
    #[test]
    fn reads_everything_the_peps_define() {
        let sha = "a".repeat(64);
        let page = read(&json!({
            "meta": {"api-version": "1.4", "tracks": ["https://up.example/simple/holygrail/"],
                     "_private": 1},
            "name": "holygrail",
            "versions": ["1.0", "1.1"],
            "alternate-locations": ["https://alt.example/simple/holygrail/"],
            "project-status": {"status": "deprecated", "reason": "use grail"},
            "files": [
                {"filename": "holygrail-1.0.tar.gz",
                 "url": "../../files/holygrail-1.0.tar.gz#sha256=ignored",
                 "hashes": {"md5": "b".repeat(32), "sha256": sha, "crc": "1"},
                 "requires-python": ">=3.7", "yanked": "Had a vulnerability",
                 "size": 123_456, "upload-time": "2024-01-02T03:04:05.678901Z",
                 "provenance": null},
                {"filename": "holygrail-1.0-py3-none-any.whl",
                 "url": "https://files.example/holygrail-1.0-py3-none-any.whl",
                 "hashes": {"sha256": sha}, "yanked": false,
                 "core-metadata": {"sha256": sha}, "dist-info-metadata": false,
                 "provenance": "https://pkgs.example/p/1"},
                {"filename": "holygrail-1.1.tar.gz", "url": "holygrail-1.1.tar.gz",
                 "hashes": {}, "dist-info-metadata": true, "yanked": true},
            ],
        }));
        assert_eq!(page.version, (1, 4));
        assert_eq!(page.status, ProjectStatus::Deprecated);
        assert_eq!(page.status_reason.as_deref(), Some("use grail"));
        assert_eq!((page.tracks.len(), page.alternate_locations.len()), (1, 1));
        let [sdist, wheel, newer] = page.files.as_slice() else {
            panic!("three files: {page:?}");
        };
        assert_eq!(
            sdist.url.as_str(),
            "https://pkgs.example/files/holygrail-1.0.tar.gz"
        );
        assert_eq!(sdist.digests.len(), 2);
        assert_eq!(sdist.digests[0].to_string(), format!("sha256:{sha}"));
        assert_eq!(sdist.yanked.as_deref(), Some("Had a vulnerability"));
        assert_eq!(sdist.size, Some(123_456));
        assert!(sdist.uploaded.is_some());
        assert_eq!(sdist.provenance, Some(false));
        assert_eq!(wheel.provenance, Some(true));
        assert!(matches!(&wheel.core_metadata, CoreMetadata::Offered(d) if d.len() == 1));
        assert_eq!(newer.core_metadata, CoreMetadata::Offered(vec![]));
        assert_eq!(newer.yanked.as_deref(), Some(""));
        assert_eq!(newer.provenance, None);
        assert!(page.problems.is_empty(), "{:?}", page.problems);
    }

    #[test]
    fn the_status_may_stand_in_meta_as_the_pep_s_example_has_it() {
        let page = read(&json!({
            "meta": {"api-version": "1.4", "project-status": {"status": "quarantined"}},
            "name": "x", "files": [],
        }));
        assert_eq!(page.status, ProjectStatus::Quarantined);
    }

    #[test]
    fn a_later_major_version_is_refused_a_later_minor_one_is_read() {
        let page = |version| json!({"meta": {"api-version": version}, "files": []}).to_string();
        assert_eq!(
            parse_json(&base(), page("2.0").as_bytes()),
            Err(PageError::Version(2, 0))
        );
        assert_eq!(
            parse_json(&base(), page("1.99").as_bytes()).map(|p| p.version),
            Ok((1, 99))
        );
    }

    #[test]
    fn odd_entries_are_problems_and_the_rest_is_read() {
        let page = read(&json!({
            "meta": {}, "name": null, "versions": "no",
            "files": [
                7,
                {"filename": "a-1.tar.gz"},
                {"filename": "a-1.tar.gz", "url": "http://[", "hashes": {}},
                {"filename": "a-2.tar.gz", "url": "a-2.tar.gz",
                 "hashes": {"sha256": "short", "md5": 7}, "upload-time": "yesterday"},
            ],
        }));
        assert_eq!(page.files.len(), 1);
        assert!(page.files[0].digests.is_empty());
        assert_eq!(page.problems.len(), 7, "{:#?}", page.problems);
        assert!(parse_json(&base(), b"<html>").is_err());
    }

    proptest! {
        #[test]
        fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse_json(&base(), &body);
        }

        #[test]
        fn never_panics_on_odd_values(key in "filename|url|hashes|yanked|size|core-metadata|provenance",
                                      text in "\\PC{0,20}", number in any::<i64>()) {
            for value in [json!(text), json!(number), json!([text]), json!({"sha256": text})] {
                let mut file = json!({"filename": "a-1.tar.gz", "url": "x", "hashes": {}});
                file[&key] = value;
                read(&json!({"meta": {"api-version": "1.0"}, "name": "a", "files": [file]}));
            }
        }
    }
}
