//! Where a finding is: a file of an artifact, and the package.

use foretaste_model::facts::ArtifactKind;
use foretaste_model::report::{ReleaseReport, Subject};
use foretaste_model::{Evidence, Span};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::message;
use super::model::{
    ArtifactLocation, Location, LogicalLocation, Message, PhysicalLocation, Region,
};
use crate::{escape, select};

/// Everything but unreserved characters and what separates parts of our paths.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b'!')
    .remove(b'@')
    .remove(b'+');

/// What identifies a release: its purl, or what the user asked for.
pub(super) fn name(release: &ReleaseReport) -> &str {
    release.purl.as_deref().unwrap_or(&release.target)
}

/// The location of a piece of evidence.
pub(super) fn of_evidence(release: &ReleaseReport, evidence: &Evidence) -> Location {
    let mut note = evidence.note.to_string();
    if !evidence.layer.is_empty() {
        let text = format!(
            "decoded ({}): {}",
            evidence.layer.join(" → "),
            evidence.snippet.trim()
        );
        note = if note.is_empty() {
            text
        } else {
            format!("{note}; {text}")
        };
    }
    let physical_location = PhysicalLocation {
        artifact_location: ArtifactLocation {
            uri: uri(release, &evidence.artifact, &evidence.path),
        },
        region: evidence.span.map(|span| region(span, evidence)),
        context_region: evidence
            .span
            .filter(|_| evidence.layer.is_empty() && !evidence.snippet.is_empty())
            .map(|span| Region {
                start_line: span.line.max(1),
                end_line: Some(span.end_line.max(span.line).max(1)),
                snippet: Some(snippet(&evidence.snippet)),
                ..Region::default()
            }),
    };
    Location {
        physical_location,
        logical_locations: vec![package(release)],
        message: (!note.is_empty()).then(|| message(&note)),
        ..Location::default()
    }
}

/// The line of a project's manifest or lock that asks for a release, if one does: where a reviewer can act.
pub(super) fn of_request(release: &ReleaseReport) -> Option<Location> {
    let (file, line, column) = select::place(release)?;
    let way = release.wanted_by.first().map(select::way)?;
    Some(Location {
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation {
                uri: utf8_percent_encode(&file, PATH).to_string(),
            },
            region: (line > 0).then(|| Region {
                start_line: line,
                start_column: Some(column.max(1)),
                ..Region::default()
            }),
            ..PhysicalLocation::default()
        },
        logical_locations: vec![package(release)],
        message: Some(message(&format!("asked for here: {way}"))),
        ..Location::default()
    })
}

/// The location of a finding that stands in no file: the artifact, or the package.
pub(super) fn of_release(release: &ReleaseReport) -> Location {
    Location {
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation {
                uri: uri(release, "", ""),
            },
            ..PhysicalLocation::default()
        },
        logical_locations: vec![package(release)],
        ..Location::default()
    }
}

fn package(release: &ReleaseReport) -> LogicalLocation {
    LogicalLocation {
        name: escape::visible(&release.name),
        fully_qualified_name: escape::visible(name(release)),
        kind: "package",
    }
}

/// `artifact!/path`, or `folder/path` for a folder, as a relative URI reference.
fn uri(release: &ReleaseReport, artifact: &str, path: &str) -> String {
    if release.subject == Subject::Project {
        let file = select::evidence_path(release, path);
        let file = if path.is_empty() {
            release.target.to_string()
        } else {
            file
        };
        return utf8_percent_encode(&file, PATH).to_string();
    }
    let tasted = release
        .artifacts
        .iter()
        .find(|a| artifact.is_empty() || *a.filename == *artifact);
    let is_folder = tasted.is_some_and(|a| a.kind == ArtifactKind::Folder);
    let filename = match (artifact.is_empty(), tasted) {
        (false, _) => artifact,
        (true, Some(tasted)) => &tasted.filename,
        (true, None) => &release.name,
    };
    // A local target is where the user's own tools find the file.
    let local = release.target.replace('\\', "/");
    let base = if is_folder || local.ends_with(&format!("/{filename}")) {
        local.trim_start_matches("./").trim_end_matches('/')
    } else {
        filename
    };
    // a package that lies unpacked in the folder that was named
    let is_inner = is_folder
        && !artifact.is_empty()
        && release
            .artifacts
            .first()
            .is_some_and(|a| *a.filename != *artifact);
    let inner = if is_inner {
        format!("{base}/{artifact}")
    } else {
        base.to_owned()
    };
    let base = &*inner;
    let text = match (path.is_empty(), is_folder) {
        (true, _) => base.to_owned(),
        (false, true) if base.is_empty() || base == "." => path.to_owned(),
        (false, true) => format!("{base}/{path}"),
        (false, false) => format!("{base}!/{path}"),
    };
    let encoded = utf8_percent_encode(&text, PATH).to_string();
    if encoded.is_empty() {
        "unnamed".to_owned()
    } else {
        encoded
    }
}

fn region(span: Span, evidence: &Evidence) -> Region {
    let line = span.line.max(1);
    let column = span.column.max(1);
    let end_line = span.end_line.max(line);
    let end_column = if end_line == line {
        span.end_column.max(column)
    } else {
        span.end_column.max(1)
    };
    let text: String = if end_line == line && evidence.layer.is_empty() {
        let skipped = column.saturating_sub(evidence.snippet_column) as usize;
        let length = end_column.saturating_sub(column) as usize;
        evidence
            .snippet
            .chars()
            .skip(skipped)
            .take(length)
            .collect()
    } else {
        String::new()
    };
    Region {
        start_line: line,
        start_column: Some(column),
        end_line: Some(end_line),
        end_column: Some(end_column),
        snippet: (!text.is_empty()).then(|| snippet(&text)),
    }
}

/// Source text, line by line, with what would act on a terminal made visible.
fn snippet(text: &str) -> Message {
    Message {
        text: escape::source(text),
        markdown: None,
    }
}
