//! Rules as reporting descriptors.

use foretaste_model::{Confidence, RuleGroup, Severity};

use super::model::{Configuration, Descriptor, Message, RuleProperties};
use crate::RuleInfo;

/// The level of a severity.
pub(super) const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// GitHub's scale: critical above 9.0, high from 7.0, medium from 4.0, low from 0.1.
const fn security_severity(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("2.0"),
        Severity::Info => None,
    }
}

const fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "very-high",
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    }
}

/// Describes a rule; one that this version does not know by its id alone.
pub(super) fn describe(id: &str, info: Option<RuleInfo>) -> Descriptor {
    let Some(info) = info else {
        return Descriptor {
            id: id.to_owned(),
            short_description: super::message(&id.replace('-', " ")),
            default_configuration: Configuration { level: "warning" },
            ..Descriptor::default()
        };
    };
    let meta = info.meta;
    let title = sentence(meta.title);
    let mut tags = vec!["security".to_owned(), meta.group.id().to_owned()];
    if meta.group == RuleGroup::Hygiene {
        tags.push("maintainability".to_owned());
    }
    tags.extend(meta.tags.iter().map(|tag| (*tag).to_owned()));
    let command = format!("foretaste explain {id}");
    let page = info.page.trim();
    Descriptor {
        id: id.to_owned(),
        name: pascal_case(id),
        short_description: super::message(&title),
        full_description: Some(super::message(paragraph(page).unwrap_or(&title))),
        help: Some(Message {
            text: format!("{title}. For the whole page: {command}"),
            markdown: Some(if page.is_empty() {
                format!("{title}. For the whole page: `{command}`\n")
            } else {
                format!("{page}\n")
            }),
        }),
        default_configuration: Configuration {
            level: level(meta.severity),
        },
        properties: Some(RuleProperties {
            tags,
            precision: precision(meta.confidence),
            security_severity: security_severity(meta.severity),
        }),
    }
}

/// The first paragraph of a page that is no heading.
fn paragraph(page: &str) -> Option<&str> {
    page.lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'))
}

/// A title with a capital letter.
fn sentence(title: &str) -> String {
    let mut chars = title.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// `SecretsToNetwork`: SARIF asks for names that can be identifiers.
fn pascal_case(id: &str) -> String {
    id.split('-').map(sentence).collect()
}
