//! Running every rule over a scene.

use std::collections::BTreeSet;

use foretaste_model::report::{Checks, SkippedCheck};
use foretaste_model::{Capability, Digest, Finding, RuleGroup, SkipReason, Verdict};
use sha2::{Digest as _, Sha256};

use crate::bulk::Bulk;
use crate::{AnyRule, Chain, FileView, Scene, corroborate, score, waive};

/// A set of rules, ready to judge.
#[derive(Clone, Debug)]
pub struct Judge {
    rules: Vec<AnyRule>,
}

/// What judging a scene gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// The score, 0–1.
    pub score: f64,
    /// Why part of the release could not be vetted.
    pub incomplete: Vec<Box<str>>,
    /// Findings, heaviest first.
    pub findings: Vec<Finding>,
    /// What the package can do.
    pub capabilities: Vec<Capability>,
    /// Which rules ran and which could not.
    pub checks: Checks,
    /// Indices of the policy's waivers that were used.
    pub used_waivers: Vec<usize>,
}

impl Judge {
    /// A judge with these rules.
    pub fn new(rules: impl IntoIterator<Item = AnyRule>) -> Self {
        Self {
            rules: rules.into_iter().collect(),
        }
    }

    /// The rules.
    pub fn rules(&self) -> &[AnyRule] {
        &self.rules
    }

    /// A digest over the rules' declarations, for the report's `tool.rules`.
    pub fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        for rule in &self.rules {
            hasher.update(format!("{:?}\n", rule.meta()));
        }
        format!("sha256:{}", hex::encode(hasher.finalize()))
    }

    /// Judges a scene. `incomplete` holds the reasons known before judging (a failed download, a broken archive).
    pub fn judge(&self, scene: &Scene<'_>, incomplete: Vec<Box<str>>) -> Judgement {
        let mut findings: Vec<Finding> = Vec::new();
        let mut checks = Checks::default();
        // put together once: every rule over files or chains asks for all of them
        let files: Vec<FileView<'_>> = scene.files().collect();
        let chains: Vec<Chain<'_>> = files.iter().flat_map(FileView::chains).collect();
        for rule in &self.rules {
            let meta = rule.meta();
            if !scene.is_enabled(meta) {
                let reason = SkipReason::new(
                    foretaste_model::SkipKind::Disabled,
                    "switched off by the policy",
                );
                checks.skipped.push(SkippedCheck {
                    check: meta.id.0.into(),
                    reason,
                });
                continue;
            }
            if let Some(reason) = meta
                .needs
                .iter()
                .find_map(|input| scene.available(*input).err())
            {
                checks.skipped.push(SkippedCheck {
                    check: meta.id.0.into(),
                    reason,
                });
                continue;
            }
            checks.ran += 1;
            let settings = scene.policy.rules.get(meta.id.0);
            let severity = settings.and_then(|s| s.severity);
            let found = rule.judge(scene, &files, &chains);
            findings.extend(found.into_iter().map(|mut finding| {
                if let Some(severity) = severity {
                    finding.severity = severity;
                }
                finding
            }));
        }
        self.conclude(scene, &files, findings, checks, incomplete)
    }

    fn conclude(
        &self,
        scene: &Scene<'_>,
        files: &[FileView<'_>],
        mut findings: Vec<Finding>,
        mut checks: Checks,
        incomplete: Vec<Box<str>>,
    ) -> Judgement {
        let groups: Vec<(&'static str, RuleGroup)> = self
            .rules
            .iter()
            .map(|r| (r.meta().id.0, r.meta().group))
            .collect();
        let group = |rule: &str| {
            groups
                .iter()
                .find(|(id, _)| *id == rule)
                .map_or(RuleGroup::Hygiene, |(_, g)| *g)
        };
        let digests = scene.artifacts.iter().filter_map(|a| a.digest.as_ref());
        let digests: Vec<&Digest> = digests.collect();
        let used_waivers = waive::apply(
            &scene.policy.waivers,
            scene.release,
            &digests,
            &scene.clock,
            &mut findings,
        );
        let bulk = Bulk::of(scene.artifacts);
        for finding in &mut findings {
            finding.share = bulk.share(finding);
            finding.weight = score::weight(finding);
        }
        corroborate::raise_names(
            &mut findings,
            |id| self.rules.iter().map(|r| r.meta()).find(|m| m.id.0 == id),
            |id| {
                let settings = scene.policy.rules.get(id);
                settings.is_some_and(|s| s.severity.is_some())
            },
        );
        findings.sort_by(score::heavier_first);
        findings.dedup();
        checks.skipped.sort_by(|a, b| a.check.cmp(&b.check));
        let total = score::Sum::of(findings.iter().map(|f| (f, group(&f.rule)))).score();
        let mut verdict = score::verdict(total, scene.policy.thresholds);
        if !incomplete.is_empty() {
            verdict = verdict.max(Verdict::Incomplete);
        }
        let capabilities: BTreeSet<Capability> = files
            .iter()
            .flat_map(|f| f.facts.uses.iter().map(|u| u.capability))
            .collect();
        Judgement {
            verdict,
            score: total,
            incomplete,
            findings,
            capabilities: capabilities.into_iter().collect(),
            checks,
            used_waivers,
        }
    }
}
