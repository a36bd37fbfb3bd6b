//! A YARA rule as the judge sees it.

use std::fmt::Write as _;

use foretaste_engine::prelude::*;
use foretaste_model::{RuleId, RuleMeta};

use super::RawRule;

/// A YARA rule. Lives as long as the process, like built-in rules.
#[derive(Debug)]
pub(crate) struct YaraRule {
    pub(crate) meta: &'static RuleMeta,
    pub(crate) page: String,
    message: String,
}

impl YaraRule {
    /// Makes a rule and keeps it for good: what a policy names is loaded once.
    ///
    /// # Errors
    /// Its severity or confidence is no word that is understood.
    pub(crate) fn leak(raw: &RawRule) -> Result<&'static Self, String> {
        let meta = |name: &str| {
            let found = raw
                .metadata
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.trim())
        };
        let description = meta("description").filter(|d| !d.is_empty());
        let wrong = |key: &str, value: &str, words: &str| {
            format!(
                "{}: the rule `{}` has {key} = \"{value}\"\n  hint: the words are: {words}",
                raw.namespace, raw.name
            )
        };
        let severity = match meta("severity").map(str::to_lowercase).as_deref() {
            None | Some("medium" | "moderate") => Severity::Medium,
            Some("info" | "informational") => Severity::Info,
            Some("low") => Severity::Low,
            Some("high") => Severity::High,
            Some("critical") => Severity::Critical,
            Some(other) => {
                return Err(wrong(
                    "severity",
                    other,
                    "info, low, medium, high, critical",
                ));
            }
        };
        let confidence = match meta("confidence").map(str::to_lowercase).as_deref() {
            None | Some("medium") => Confidence::Medium,
            Some("low") => Confidence::Low,
            Some("high") => Confidence::High,
            Some("certain") => Confidence::Certain,
            Some(other) => return Err(wrong("confidence", other, "low, medium, high, certain")),
        };
        let text = |t: String| -> &'static str { Box::leak(t.into_boxed_str()) };
        let tags: Vec<&'static str> = raw.tags.iter().map(|t| text(t.clone())).collect();
        let title = description.map_or_else(
            || format!("matches the YARA rule {}", raw.name),
            str::to_owned,
        );
        let mut page = format!(
            "# {title}\n\n## What it finds\nBytes of a file, or of a layer decoded from it, match the YARA rule `{}` of \
             `{}`.\n",
            raw.name, raw.namespace
        );
        for (key, value) in &raw.metadata {
            let _ = write!(page, "\n- {key}: {value}");
        }
        page.push_str("\n\n## When it is wrong\nThis is one of your own rules: its file says what it asks for.\n");
        Ok(Box::leak(Box::new(Self {
            meta: Box::leak(Box::new(RuleMeta {
                id: RuleId(text(id(&raw.name))),
                title: text(title.clone()),
                group: RuleGroup::User,
                severity,
                confidence,
                needs: &[Input::Code],
                tags: tags.leak(),
                options: &[],
                since: "yours",
            })),
            page,
            message: title,
        })))
    }
}

/// `Acme_UpdateServer` becomes `yara-acme-updateserver`.
fn id(name: &str) -> String {
    let words: Vec<String> = name
        .split('_')
        .filter(|w| !w.is_empty())
        .map(str::to_lowercase)
        .collect();
    format!("yara-{}", words.join("-"))
}

impl Declared for YaraRule {
    fn meta(&self) -> &'static RuleMeta {
        self.meta
    }
}

impl ReleaseRule for YaraRule {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let own = scene.patterns.iter().filter(|p| *p.rule == *self.meta.id.0);
        own.map(|pattern| {
            let mut finding = self.finding(self.message.as_str());
            let place = pattern.evidence.first();
            let view = place.and_then(|e| {
                scene.files().find(|v| {
                    v.artifact.filename == e.artifact
                        && v.entry.path == e.path
                        && v.layer == e.layer
                })
            });
            if let Some(view) = view {
                finding = finding.context(view.worst_context());
            }
            finding.evidence.clone_from(&pattern.evidence);
            finding
        })
        .collect()
    }
}
