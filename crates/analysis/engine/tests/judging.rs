//! Scores, verdicts, waivers, skipped checks.

use foretaste_engine::prelude::*;
use foretaste_engine::{Judge, SceneBuilder};
use foretaste_model::metadata::{HistoryEntry, ReleaseMetadata};
use foretaste_model::{Ecosystem, Knowledge, ReleaseId, Verdict};
use foretaste_policy::{Policy, RuleSettings, Waiver};
use jiff::Timestamp;

mod grave {
    use super::*;
    declare_rule! {
        Grave,
        id: "grave",
        title: "is grave",
        group: Chain,
        severity: Critical,
        confidence: High,
        needs: [],
        tags: [],
        options: [{ "limit", 3.0, "things", "how many" }],
        since: "0.1.0",
    }
    impl ReleaseRule for Grave {
        fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
            let count = scene.option(foretaste_engine::Declared::meta(self), "limit") as usize;
            (0..count)
                .map(|i| self.finding(format!("grave {i}")))
                .collect()
        }
    }
}

mod dusty {
    use super::*;
    declare_rule! {
        Dusty,
        id: "dusty",
        title: "is dusty",
        group: Hygiene,
        severity: Critical,
        confidence: Certain,
        needs: [],
        tags: [],
        since: "0.1.0",
    }
    impl ReleaseRule for Dusty {
        fn judge(&self, _scene: &Scene<'_>) -> Vec<Finding> {
            vec![self.finding("dusty")]
        }
    }
}

mod timely {
    use super::*;
    declare_rule! {
        Timely,
        id: "timely",
        title: "needs times",
        group: Publisher,
        severity: Low,
        confidence: Low,
        needs: [ReleaseTimes],
        tags: [],
        since: "0.1.0",
    }
    impl ReleaseRule for Timely {
        fn judge(&self, _scene: &Scene<'_>) -> Vec<Finding> {
            vec![self.finding("timely")]
        }
    }
}

mod borrowed {
    use super::*;
    declare_rule! {
        Borrowed,
        id: "borrowed",
        title: "has a borrowed name",
        group: Name,
        severity: High,
        confidence: Low,
        needs: [],
        tags: [],
        options: [{ "known", 0.0, "", "1 for a name that is known for long" }],
        since: "0.1.0",
    }
    impl ReleaseRule for Borrowed {
        fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
            let is_known = scene.option(foretaste_engine::Declared::meta(self), "known") > 0.5;
            vec![self.finding("borrowed").severity(if is_known {
                Severity::Info
            } else {
                Severity::Medium
            })]
        }
    }
}

fn builder() -> SceneBuilder {
    let mut builder =
        SceneBuilder::new("2026-11-01T00:00:00Z".parse::<Timestamp>().expect("a time"));
    builder.release = Some(ReleaseId::new(Ecosystem::Pypi, "x", "1.0"));
    builder
}

#[test]
fn a_grave_finding_blocks_and_repeats_of_one_rule_count_once() {
    let policy = Policy::default();
    let builder = builder();
    let judgement =
        Judge::new([AnyRule::Release(&grave::Grave)]).judge(&builder.build(&policy), Vec::new());
    assert_eq!(judgement.verdict, Verdict::Block);
    assert_eq!(judgement.findings.len(), 3);
    assert!((judgement.score - judgement.findings[0].weight).abs() < 1e-9);
}

#[test]
fn hygiene_never_adds_up_to_a_review() {
    let policy = Policy::default();
    let builder = builder();
    let judgement =
        Judge::new([AnyRule::Release(&dusty::Dusty)]).judge(&builder.build(&policy), Vec::new());
    assert_eq!(judgement.verdict, Verdict::Note);
}

#[test]
fn what_could_not_be_read_is_never_clear() {
    let policy = Policy::default();
    let builder = builder();
    let judgement = Judge::new([]).judge(&builder.build(&policy), vec!["a file is broken".into()]);
    assert_eq!(judgement.verdict, Verdict::Incomplete);
}

#[test]
fn a_waiver_takes_the_weight_until_it_expires() {
    let waiver = |expires: &str| Waiver {
        purl: "pkg:pypi/x".to_owned(),
        rule: "grave".to_owned(),
        digest: None,
        reason: "looked at it".to_owned(),
        expires: Some(expires.parse().expect("a date")),
    };
    for (expires, verdict, used) in [
        ("2026-11-01", Verdict::Clear, 1),
        ("2026-10-31", Verdict::Block, 0),
    ] {
        let policy = Policy {
            waivers: vec![waiver(expires)],
            ..Policy::default()
        };
        let builder = builder();
        let judgement = Judge::new([AnyRule::Release(&grave::Grave)])
            .judge(&builder.build(&policy), Vec::new());
        assert_eq!(judgement.verdict, verdict, "{expires}");
        assert_eq!(judgement.used_waivers.len(), used);
        assert!(
            judgement
                .findings
                .iter()
                .all(|f| f.waived.is_some() == (used == 1))
        );
    }
}

#[test]
fn every_setting_of_a_rule_is_honoured() {
    let judge = Judge::new([AnyRule::Release(&grave::Grave)]);
    let with = |settings: RuleSettings| {
        let mut policy = Policy::default();
        policy.rules.insert("grave".to_owned(), settings);
        let builder = builder();
        judge.judge(&builder.build(&policy), Vec::new())
    };
    let off = with(RuleSettings {
        enabled: Some(false),
        ..RuleSettings::default()
    });
    assert_eq!(
        (off.findings.len(), off.checks.ran, off.checks.skipped.len()),
        (0, 0, 1)
    );
    let mild = with(RuleSettings {
        severity: Some(Severity::Low),
        ..RuleSettings::default()
    });
    assert_eq!(mild.verdict, Verdict::Note);
    let one = with(RuleSettings {
        options: [("limit".to_owned(), 1.0)].into(),
        ..RuleSettings::default()
    });
    assert_eq!(one.findings.len(), 1);
}

#[test]
fn a_rule_without_its_input_is_skipped_with_the_reason() {
    let policy = Policy::default();
    let judge = Judge::new([AnyRule::Release(&timely::Timely)]);
    let mut builder = builder();
    let judgement = judge.judge(&builder.build(&policy), Vec::new());
    assert!(judgement.findings.is_empty());
    assert_eq!(&*judgement.checks.skipped[0].check, "timely");
    let mut record = ReleaseMetadata::new(builder.release.clone().expect("set above"));
    record.history = vec![HistoryEntry {
        published: Some(builder.now),
        ..HistoryEntry::new("1.0")
    }];
    builder.metadata = Knowledge::Known(record);
    assert_eq!(
        judge
            .judge(&builder.build(&policy), Vec::new())
            .findings
            .len(),
        1
    );
}

/// A deterministic stream of numbers (xorshift).
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides) as usize
    }
}

#[test]
fn adding_evidence_never_lowers_the_score() {
    use ExecutionContext::{Asset, Called, Entry, Import, Install, Start, Test};
    use foretaste_engine::Explanation;
    let severities = [
        Severity::Info,
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ];
    let confidences = [
        Confidence::Low,
        Confidence::Medium,
        Confidence::High,
        Confidence::Certain,
    ];
    let contexts = [Install, Start, Import, Entry, Called, Test, Asset];
    let metas = [
        Declared::meta(&grave::Grave),
        Declared::meta(&dusty::Dusty),
        Declared::meta(&timely::Timely),
    ];
    let group = |id: &str| {
        metas
            .iter()
            .find(|m| m.id.0 == id)
            .map_or(RuleGroup::Hygiene, |m| m.group)
    };
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for _ in 0..300 {
        let mut findings: Vec<Finding> = Vec::new();
        let mut last = 0.0;
        for _ in 0..8 {
            let mut finding = Finding::new(metas[dice.throw(3)], "x")
                .severity(severities[dice.throw(5)])
                .confidence(confidences[dice.throw(4)]);
            if dice.throw(4) > 0 {
                finding = finding.context(contexts[dice.throw(7)]);
            }
            let at = dice.throw(findings.len() as u64 + 1);
            findings.insert(at, finding);
            let score = Explanation::of(&findings, group).score;
            assert!(
                score >= last,
                "{score} after {last} with {} findings",
                findings.len()
            );
            last = score;
        }
    }
}

#[test]
fn more_danger_of_context_or_confidence_never_weighs_less() {
    let contexts = [
        ExecutionContext::Asset,
        ExecutionContext::Test,
        ExecutionContext::Called,
        ExecutionContext::Entry,
        ExecutionContext::Import,
        ExecutionContext::Start,
        ExecutionContext::Install,
    ];
    let confidences = [
        Confidence::Low,
        Confidence::Medium,
        Confidence::High,
        Confidence::Certain,
    ];
    let weigh = |context, confidence| {
        foretaste_engine::weight(
            &Finding::new(Declared::meta(&grave::Grave), "x")
                .context(context)
                .confidence(confidence),
        )
    };
    for pair in contexts.windows(2) {
        for confidence in confidences {
            assert!(weigh(pair[0], confidence) <= weigh(pair[1], confidence));
        }
    }
    for context in contexts {
        for pair in confidences.windows(2) {
            assert!(weigh(context, pair[0]) <= weigh(context, pair[1]));
        }
    }
}

#[test]
fn what_the_content_bears_out_a_borrowed_name_weighs_in_full() {
    let name = AnyRule::Release(&borrowed::Borrowed);
    let severity = |rules: &[AnyRule], policy: &Policy| {
        let builder = builder();
        let judgement = Judge::new(rules.iter().copied()).judge(&builder.build(policy), Vec::new());
        let mut findings = judgement.findings.into_iter();
        findings
            .find(|f| &*f.rule == "borrowed")
            .map(|f| f.severity)
            .expect("the name is found")
    };
    let policy = Policy::default();
    let grave = AnyRule::Release(&grave::Grave);
    let dusty = AnyRule::Release(&dusty::Dusty);
    assert_eq!(severity(&[name], &policy), Severity::Medium);
    assert_eq!(severity(&[name, dusty], &policy), Severity::Medium);
    assert_eq!(severity(&[name, grave], &policy), Severity::High);
    // a name that is known for long stays information, and the policy has the last word
    let mut known = Policy::default();
    let settings = RuleSettings {
        options: [("known".to_owned(), 1.0)].into(),
        ..RuleSettings::default()
    };
    known.rules.insert("borrowed".to_owned(), settings);
    assert_eq!(severity(&[name, grave], &known), Severity::Info);
    let mut settled = Policy::default();
    let settings = RuleSettings {
        severity: Some(Severity::Medium),
        ..RuleSettings::default()
    };
    settled.rules.insert("borrowed".to_owned(), settings);
    assert_eq!(severity(&[name, grave], &settled), Severity::Medium);
}
