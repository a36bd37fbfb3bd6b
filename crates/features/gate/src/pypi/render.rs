//! Project pages in both formats. What is refused or held is left out; the JSON says why.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use foretaste_model::metadata::ProjectStatus;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};

use super::project::{Project, ProjectFile, Provenance};
use crate::decide::Ruling;
use crate::record::Record;
use foretaste_report::escape::html as escape;

/// What is escaped in a segment of a path.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// The media type of JSON pages.
pub(super) const JSON: &str = "application/vnd.pypi.simple.v1+json";
/// The media type of HTML pages.
pub(super) const HTML: &str = "text/html; charset=utf-8";

fn url(project: &Project, file: &ProjectFile) -> String {
    let filename = utf8_percent_encode(&file.candidate.filename, SEGMENT);
    format!("../../files/{}/{filename}", project.name)
}

/// Where the gate has the provenance of a file: a full URL, as PEP 740 wants it.
fn provenance(project: &Project, file: &ProjectFile, base: &str) -> Option<String> {
    if matches!(file.provenance, Provenance::None) {
        return None;
    }
    let filename = utf8_percent_encode(&file.candidate.filename, SEGMENT);
    Some(format!(
        "{base}/pypi/provenance/{}/{filename}",
        project.name
    ))
}

const fn status(status: ProjectStatus) -> Option<&'static str> {
    match status {
        ProjectStatus::Active => None,
        ProjectStatus::Archived => Some("archived"),
        ProjectStatus::Quarantined | ProjectStatus::SecurityHolder => Some("quarantined"),
        ProjectStatus::Deprecated => Some("deprecated"),
    }
}

/// PEP 691 with 700, 708, 714, 740 and 792. Sizes are mandatory from 1.1 on, so an upstream that does not tell them makes it 1.0.
pub(super) fn json(
    project: &Project,
    record: &Record,
    shown: &[&ProjectFile],
    hidden: &[Ruling],
    base: &str,
) -> Vec<u8> {
    let sized = shown.iter().all(|f| f.size.is_some());
    let versions: BTreeSet<&str> = shown
        .iter()
        .map(|f| &*f.candidate.release.version)
        .collect();
    let mut page = json!({
        "meta": {"api-version": if sized { "1.4" } else { "1.0" }},
        "name": project.name,
        "versions": versions,
    });
    if !project.tracks.is_empty() {
        page["meta"]["tracks"] = json!(project.tracks);
    }
    if !project.alternate_locations.is_empty() {
        page["alternate-locations"] = json!(project.alternate_locations);
    }
    if let Some(status) = status(project.status) {
        page["project-status"] = json!({"status": status});
        if let Some(reason) = &project.status_reason {
            page["project-status"]["reason"] = json!(reason);
        }
    }
    if !hidden.is_empty() {
        let told: Vec<Value> = hidden
            .iter()
            .map(|r| json!({"filename": r.filename, "reason": r.reason, "outcome": r.outcome, "decision": r.id}))
            .collect();
        // keys that begin with an underscore are the index's own (PEP 691)
        page["_foretaste"] = json!({"left-out": told});
    }
    // file by file: a page of thousands would take many times its size as one value
    let mut out = page.to_string().into_bytes();
    out.pop();
    out.extend_from_slice(b",\"files\":[");
    for (number, file) in shown.iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        out.extend_from_slice(
            json_file(project, record, file, base)
                .to_string()
                .as_bytes(),
        );
    }
    out.extend_from_slice(b"]}");
    out
}

fn json_file(project: &Project, record: &Record, file: &ProjectFile, base: &str) -> Value {
    let candidate = &file.candidate;
    let hashes: serde_json::Map<String, Value> = candidate
        .digests
        .iter()
        .map(|d| (d.algorithm.id().to_owned(), json!(d.value)))
        .collect();
    let mut out = json!({
        "filename": candidate.filename,
        "url": url(project, file),
        "hashes": hashes,
        "provenance": provenance(project, file, base),
        "yanked": match file.yanked.as_deref() {
            None => json!(false),
            Some("") => json!(true),
            Some(reason) => json!(reason),
        },
    });
    if let Some(size) = file.size {
        out["size"] = json!(size);
    }
    if let Some(time) = candidate.published {
        out["upload-time"] = json!(time.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string());
    }
    if let Some(text) = &file.requires_python {
        out["requires-python"] = json!(text);
    }
    let offered = file.offered(record).map(|digests| {
        if digests.is_empty() {
            return json!(true);
        }
        let all = digests.iter();
        Value::Object(
            all.map(|d| (d.algorithm.id().to_owned(), json!(d.value)))
                .collect(),
        )
    });
    if let Some(offered) = offered {
        out["core-metadata"] = offered.clone();
        out["dist-info-metadata"] = offered;
    }
    out
}

/// PEP 503 with 592, 629, 658, 708, 714 and 740. The format is frozen (PEP 833): sizes and times stand in the JSON alone.
pub(super) fn html(
    project: &Project,
    record: &Record,
    shown: &[&ProjectFile],
    base: &str,
) -> Vec<u8> {
    let name = escape(&project.name);
    let mut out = String::from(
        "<!DOCTYPE html>\n<html>\n<head>\n<meta name=\"pypi:repository-version\" content=\"1.4\">\n",
    );
    if let Some(status) = status(project.status) {
        let _ = writeln!(
            out,
            "<meta name=\"pypi:project-status\" content=\"{status}\">"
        );
        if let Some(reason) = &project.status_reason {
            let reason = escape(reason);
            let _ = writeln!(
                out,
                "<meta name=\"pypi:project-status-reason\" content=\"{reason}\">"
            );
        }
    }
    for (name, urls) in [
        ("tracks", &project.tracks),
        ("alternate-locations", &project.alternate_locations),
    ] {
        for url in urls {
            let _ = writeln!(
                out,
                "<meta name=\"pypi:{name}\" content=\"{}\">",
                escape(url)
            );
        }
    }
    let _ = write!(
        out,
        "<title>Links for {name}</title>\n</head>\n<body>\n<h1>Links for {name}</h1>\n"
    );
    for file in shown {
        let candidate = &file.candidate;
        let fragment = candidate.digests.first().map_or_else(String::new, |d| {
            format!("#{}={}", d.algorithm.id(), d.value)
        });
        let _ = write!(out, "<a href=\"{}{fragment}\"", escape(&url(project, file)));
        if let Some(text) = &file.requires_python {
            let _ = write!(out, " data-requires-python=\"{}\"", escape(text));
        }
        let metadata = file.offered(record).map(|digests| {
            digests.first().map_or_else(
                || "true".to_owned(),
                |d| format!("{}={}", d.algorithm.id(), d.value),
            )
        });
        if let Some(value) = metadata {
            let _ = write!(
                out,
                " data-core-metadata=\"{value}\" data-dist-info-metadata=\"{value}\""
            );
        }
        if let Some(reason) = &file.yanked {
            let _ = write!(out, " data-yanked=\"{}\"", escape(reason));
        }
        if let Some(url) = provenance(project, file, base) {
            let _ = write!(out, " data-provenance=\"{}\"", escape(&url));
        }
        let _ = writeln!(out, ">{}</a><br>", escape(&candidate.filename));
    }
    out.push_str("</body>\n</html>\n");
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use foretaste_pypi::simple;

    use super::*;

    #[test]
    fn what_a_project_follows_is_read_back_from_both_formats() {
        let project = Project {
            name: "frob".to_owned(),
            tracks: vec!["https://up.example/simple/frob/".into()],
            alternate_locations: vec!["https://alt.example/simple/frob/?a=1&b=\"2\"".into()],
            ..Project::default()
        };
        let record = Record::default();
        let url = "https://gate.example/pypi/simple/frob/"
            .parse()
            .expect("a URL");
        for (media_type, page) in [
            (
                JSON,
                json(&project, &record, &[], &[], "https://gate.example"),
            ),
            (
                "text/html",
                html(&project, &record, &[], "https://gate.example"),
            ),
        ] {
            let page = simple::parse(&url, media_type, &page).expect("a page");
            assert_eq!(page.tracks, project.tracks, "{media_type}");
            assert_eq!(
                page.alternate_locations, project.alternate_locations,
                "{media_type}"
            );
        }
    }
}
