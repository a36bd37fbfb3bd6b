//! A rule of the user's as the judge sees it.

use foretaste_engine::prelude::*;
use foretaste_model::{RuleId, RuleMeta};

use super::condition::Condition;
use super::evaluate::Subject;
use super::file::{RuleSpec, Scope};
use crate::Glob;

/// Findings of one rule in one release.
const MAX_FINDINGS: usize = 32;

/// A rule of the user's. Lives as long as the process, like built-in ones.
#[derive(Debug)]
pub(crate) struct UserRule {
    pub(crate) meta: &'static RuleMeta,
    pub(crate) page: String,
    pub(crate) spec: RuleSpec,
    files: Vec<Glob>,
    asks_files: bool,
}

impl UserRule {
    /// Makes a rule and keeps it for good: what a policy names is loaded once.
    pub(crate) fn leak(spec: RuleSpec) -> &'static Self {
        let text = |t: &str| -> &'static str { Box::leak(t.to_owned().into_boxed_str()) };
        let tags: Vec<&'static str> = spec.tags.iter().map(|t| text(t)).collect();
        let mut asks_files = false;
        let mut needs = Vec::new();
        spec.when.walk("", &mut |_, c| asks_files |= asks_file(c));
        needed(&spec.when, &mut needs);
        let page = spec.page.clone().unwrap_or_else(|| {
            format!(
                "# {}\n\n## What it finds\n{}\n\n## When it is wrong\nThis is one of your own rules: its file says what it asks for.\n",
                spec.title,
                spec.message.as_deref().unwrap_or(&spec.title)
            )
        });
        Box::leak(Box::new(Self {
            meta: Box::leak(Box::new(RuleMeta {
                id: RuleId(text(&spec.id)),
                title: text(&spec.title),
                group: RuleGroup::User,
                severity: spec.severity,
                confidence: spec.confidence,
                needs: needs.leak(),
                tags: tags.leak(),
                options: &[],
                since: "yours",
            })),
            page,
            files: spec.files.iter().map(|f| Glob::new(f)).collect(),
            asks_files,
            spec,
        }))
    }

    fn finding_of(&self, shown: super::evaluate::Shown) -> Finding {
        let message = self.spec.message.as_deref().unwrap_or(&self.spec.title);
        let mut finding = Finding::new(self.meta, message);
        if let Some(remedy) = &self.spec.remedy {
            finding = finding.remedy(remedy.as_str());
        }
        if let Some(context) = shown.iter().map(|(context, _)| *context).min() {
            finding = finding.context(context);
        }
        for (_, evidence) in shown {
            finding = finding.evidence(evidence);
        }
        finding
    }
}

impl Declared for UserRule {
    fn meta(&self) -> &'static RuleMeta {
        self.meta
    }
}

impl ReleaseRule for UserRule {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let in_scope =
            |v: &FileView<'_>| self.files.is_empty() || self.files.iter().any(|g| g.fits(v.path()));
        let views: Vec<FileView<'_>> = scene.files().filter(in_scope).collect();
        if self.spec.scope == Scope::Package || !self.asks_files {
            let subject = Subject {
                scene,
                files: &views,
            };
            let shown = subject.holds(&self.spec.when);
            return shown.map(|s| self.finding_of(s)).into_iter().collect();
        }
        let each = views.iter().filter_map(|view| {
            let subject = Subject {
                scene,
                files: std::slice::from_ref(view),
            };
            let mut shown = subject.holds(&self.spec.when)?;
            if shown.is_empty() {
                let evidence = Evidence::file(&view.artifact.filename, view.path(), "the file");
                shown.push((view.worst_context(), evidence));
            }
            Some(self.finding_of(shown))
        });
        each.take(MAX_FINDINGS).collect()
    }
}

fn asks_file(c: &Condition) -> bool {
    c.capability.is_some()
        || c.api.is_some()
        || c.chain.is_some()
        || c.literal.is_some()
        || c.host.is_some()
        || c.import.is_some()
        || c.path.is_some()
        || c.language.is_some()
        || c.decoded.is_some()
        || c.size.is_some()
        || !c.context.is_empty()
}

/// The inputs without which the rule cannot hold: alternatives are none.
fn needed(c: &Condition, needs: &mut Vec<Input>) {
    let asked = [
        (asks_file(c) || c.file_count.is_some(), Input::Code),
        (c.releases.is_some(), Input::Metadata),
        (c.age_days.is_some(), Input::ReleaseTimes),
        (c.downloads.is_some(), Input::Downloads),
    ];
    for (is_asked, input) in asked {
        if is_asked && !needs.contains(&input) {
            needs.push(input);
        }
    }
    for inner in &c.all {
        needed(inner, needs);
    }
}
