//! The project JSON API (`/pypi/<name>/json`, `/pypi/<name>/<version>/json`), where an index has it. Every field is
//! optional here: mirrors trim it, and old entries hold nulls.

use foretaste_model::intel::AdvisoryMatch;
use foretaste_model::manifest::Person;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use url::Url;

use crate::manifest::people;

/// What the API says about one release, as far as it is understood.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProjectJson {
    /// The version that `info` describes.
    pub(crate) version: Option<String>,
    pub(crate) summary: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) people: Vec<Person>,
    pub(crate) license: Option<String>,
    pub(crate) homepage: Option<String>,
    pub(crate) urls: Vec<(Box<str>, Box<str>)>,
    /// `requires_dist`; none where the index does not know.
    pub(crate) requires: Option<Vec<String>>,
    /// Accounts that may publish, where the index tells.
    pub(crate) owners: Option<Vec<Person>>,
    /// Every release: version, files.
    pub(crate) releases: Vec<(String, Vec<ReleaseFile>)>,
    /// None where the index does not tell.
    pub(crate) advisories: Option<Vec<AdvisoryMatch>>,
    /// Name as displayed.
    pub(crate) name: Option<String>,
}

/// One file in `releases`.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReleaseFile {
    pub(crate) filename: String,
    pub(crate) uploaded: Option<Timestamp>,
    pub(crate) yanked: Option<String>,
    pub(crate) size: Option<u64>,
}

/// Where the API of an index is: beside its `/simple` (`https://host/prefix/simple` → `https://host/prefix/pypi/...`).
pub(crate) fn url(index: &Url, name: &str, version: Option<&str>) -> Option<Url> {
    let base = index.path().trim_end_matches('/').strip_suffix("/simple")?;
    let mut url = index.clone();
    url.set_path(&format!("{base}/pypi/{name}/"));
    url.set_query(None);
    if let Some(version) = version {
        url.path_segments_mut().ok()?.pop_if_empty().push(version);
    }
    url.path_segments_mut().ok()?.pop_if_empty().push("json");
    Some(url)
}

/// The parts of an answer that are understood. `R` is what becomes of the list of releases, by far the largest part.
#[derive(Deserialize)]
struct Root<R> {
    info: Map<String, Value>,
    #[serde(default)]
    ownership: Value,
    #[serde(default)]
    vulnerabilities: Value,
    #[serde(default)]
    releases: R,
}

/// Reads an answer, with its releases only if they are asked for. `None` if it is not a JSON object with `info`.
pub(crate) fn parse(body: &[u8], releases: bool) -> Option<ProjectJson> {
    let root = if releases {
        serde_json::from_slice::<Root<Value>>(body).ok()?
    } else {
        let Root {
            info,
            ownership,
            vulnerabilities,
            releases: IgnoredAny,
        } = serde_json::from_slice(body).ok()?;
        Root {
            info,
            ownership,
            vulnerabilities,
            releases: Value::Null,
        }
    };
    let info = root.info;
    let text = |key: &str| {
        info.get(key)
            .and_then(Value::as_str)
            .map(str::trim)
            .filter(|text| !text.is_empty() && *text != "UNKNOWN")
            .map(str::to_owned)
    };
    let mut found = ProjectJson {
        version: text("version"),
        name: text("name"),
        summary: text("summary"),
        description: text("description"),
        license: text("license_expression")
            .or_else(|| text("license"))
            .and_then(|text| text.lines().next().map(str::to_owned)),
        homepage: text("home_page"),
        ..ProjectJson::default()
    };
    found.people = people(text("author").as_deref(), text("author_email").as_deref());
    found.people.extend(people(
        text("maintainer").as_deref(),
        text("maintainer_email").as_deref(),
    ));
    if let Some(urls) = info.get("project_urls").and_then(Value::as_object) {
        for (label, url) in urls.iter().take(200) {
            if let Some(url) = url.as_str() {
                found.urls.push((label.as_str().into(), url.into()));
            }
        }
    }
    found.requires = match info.get("requires_dist") {
        Some(Value::Array(list)) => Some(strings(list)),
        // Null is what the API says both for "none" and for "not known" (uploads of old tools).
        _ => None,
    };
    found.owners = owners(&root.ownership);
    if let Some(releases) = root.releases.as_object() {
        for (version, files) in releases {
            let files = files
                .as_array()
                .map(|list| list.iter().map(release_file).collect());
            found
                .releases
                .push((version.clone(), files.unwrap_or_default()));
        }
    }
    found.advisories = root
        .vulnerabilities
        .as_array()
        .map(|list| list.iter().filter_map(advisory).collect());
    Some(found)
}

fn strings(list: &[Value]) -> Vec<String> {
    list.iter()
        .filter_map(Value::as_str)
        .take(10_000)
        .map(str::to_owned)
        .collect()
}

fn release_file(value: &Value) -> ReleaseFile {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let yanked = value.get("yanked").and_then(Value::as_bool) == Some(true);
    ReleaseFile {
        filename: text("filename").unwrap_or_default().to_owned(),
        uploaded: text("upload_time_iso_8601")
            .or_else(|| text("upload_time"))
            .and_then(time),
        yanked: yanked.then(|| text("yanked_reason").unwrap_or_default().to_owned()),
        size: value.get("size").and_then(Value::as_u64),
    }
}

/// RFC 3339, or the older form without a zone, which means UTC.
fn time(text: &str) -> Option<Timestamp> {
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}

/// `ownership.roles`: the accounts with a role, and the organisation.
fn owners(ownership: &Value) -> Option<Vec<Person>> {
    let mut found: Vec<Person> = ownership
        .get("roles")?
        .as_array()?
        .iter()
        .filter_map(|role| role.get("user").and_then(Value::as_str))
        .take(1_000)
        .map(|user| Person {
            name: Some(user.into()),
            email: None,
        })
        .collect();
    found.sort();
    found.dedup();
    Some(found)
}

fn advisory(value: &Value) -> Option<AdvisoryMatch> {
    // A withdrawn advisory covers nothing.
    if value.get("withdrawn").is_some_and(|w| !w.is_null()) {
        return None;
    }
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let list = |key: &str| -> Vec<Box<str>> {
        value
            .get(key)
            .and_then(Value::as_array)
            .map(|l| strings(l).into_iter().map(Into::into).collect())
            .unwrap_or_default()
    };
    let id = text("id")?;
    let aliases = list("aliases");
    let malware = std::iter::once(id)
        .chain(aliases.iter().map(|a| &**a))
        .any(|id| id.starts_with("MAL-"));
    let summary = text("summary")
        .filter(|s| !s.is_empty())
        .or_else(|| text("details").and_then(|d| d.lines().find(|l| !l.trim().is_empty())))
        .unwrap_or_default();
    Some(AdvisoryMatch {
        id: id.into(),
        malware,
        summary: summary.trim().into(),
        cvss: None,
        fixed: list("fixed_in"),
        url: text("link").map(Into::into),
        aliases,
        functions: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn the_api_stands_beside_the_simple_pages() {
        let at = |index: &str, version| {
            let index = Url::parse(index).expect("a URL");
            url(&index, "flask", version).map(String::from)
        };
        for (index, version, expected) in [
            (
                "https://pkgs.example/simple",
                None,
                Some("https://pkgs.example/pypi/flask/json"),
            ),
            (
                "https://pkgs.example/a/b/simple/",
                Some("1.0+x/y"),
                Some("https://pkgs.example/a/b/pypi/flask/1.0+x%2Fy/json"),
            ),
            ("https://pkgs.example/root/+simple", None, None),
            ("https://pkgs.example/", None, None),
        ] {
            assert_eq!(at(index, version).as_deref(), expected, "{index}");
        }
    }

    #[test]
    fn reads_release_project_and_advisories() {
        let body = json!({
            "info": {
                "name": "Frob", "version": "2.0", "summary": "frobs", "description": "# Frob",
                "author": "A", "author_email": "a@x.example", "maintainer": null,
                "license": "MIT License\nlong text", "license_expression": null,
                "home_page": "", "project_urls": {"Source": "https://github.com/o/frob", "n": null},
                "requires_dist": ["six>=1", 7],
            },
            "ownership": {"organization": null, "roles": [{"role": "Owner", "user": "zed"},
                                                            {"role": "Maintainer", "user": "amy"}]},
            "releases": {"1.0": [{"filename": "frob-1.0.tar.gz", "upload_time": "2020-01-02T03:04:05",
                                  "yanked": true, "yanked_reason": "oops", "size": 9}], "0.1": []},
            "vulnerabilities": [
                {"id": "PYSEC-1", "aliases": ["CVE-1"], "summary": "", "details": "\nBad.\nVery.",
                 "fixed_in": ["2.1"], "link": "https://osv.example/PYSEC-1", "withdrawn": null},
                {"id": "PYSEC-2", "withdrawn": "2024-01-01T00:00:00Z"},
                {"id": "MAL-2024-1"}, {},
            ],
        });
        let found = parse(body.to_string().as_bytes(), true).expect("an answer");
        assert_eq!(found.version.as_deref(), Some("2.0"));
        assert_eq!(found.license.as_deref(), Some("MIT License"));
        assert_eq!(found.people.len(), 1);
        assert_eq!(found.urls.len(), 1);
        assert_eq!(found.requires.as_deref(), Some(&["six>=1".to_owned()][..]));
        assert_eq!(found.owners.as_ref().map(Vec::len), Some(2));
        let advisories = found.advisories.expect("advisories");
        assert_eq!(advisories.len(), 2);
        assert_eq!(&*advisories[0].summary, "Bad.");
        assert!(advisories[1].malware && !advisories[0].malware);
        let (version, files) = &found.releases[1];
        assert_eq!((version.as_str(), files.len()), ("1.0", 1));
        assert_eq!(files[0].yanked.as_deref(), Some("oops"));
        assert!(files[0].uploaded.is_some());
        assert!(parse(b"{}", true).is_none());
    }

    proptest! {
        #[test]
        fn never_panics(key in "info|releases|vulnerabilities|ownership", text in "\\PC{0,20}") {
            for value in [json!(text), json!([text]), json!({"roles": text}), json!({"1": [text]})] {
                let mut body = json!({"info": {}});
                body[&key] = value;
                let _ = parse(body.to_string().as_bytes(), true);
            }
        }
    }
}
