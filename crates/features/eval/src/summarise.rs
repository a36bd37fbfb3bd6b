//! From what came of each sample to the figures.

use std::collections::{BTreeMap, BTreeSet};

use foretaste_model::Verdict;

use crate::statistics::{Scored, quantile, roc, round, wilson};
use crate::{
    Figures, Kind, Malicious, Outcome, Package, Recall, Report, Roc, RuleHits, SCHEMA, Sample,
    Selection, Share, Side, SideCost, Slow, Timing, Work, outcome,
};

/// Packages listed as slowest.
const SLOWEST: usize = 20;

/// What the figures hang on besides the samples.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Foretaste's version.
    pub version: String,
    /// A digest over the rules' declarations.
    pub rules_digest: String,
    /// The score from which a person should look.
    pub review: f64,
    /// What was measured.
    pub selection: Selection,
}

/// Counts and averages.
pub fn summarise(work: &Work, settings: &Settings) -> Report {
    let of_side = |side| -> Vec<(&Sample, &Outcome)> {
        let all = work.done.iter().filter(|(s, _)| s.side == side);
        all.map(|(s, o)| (s, o)).collect()
    };
    let (malicious, benign) = (of_side(Side::Malicious), of_side(Side::Benign));
    let sizes = family_sizes(&malicious);
    let scored = |(s, o): &(&Sample, &Outcome)| Scored {
        score: o.score,
        weight: sizes.get(&*s.family).map_or(1.0, |n| 1.0 / *n as f64),
    };
    let curve: Roc = roc(
        &malicious.iter().map(scored).collect::<Vec<_>>(),
        &benign.iter().map(scored).collect::<Vec<_>>(),
    );
    let figures = Figures {
        version: settings.version.clone(),
        rules_digest: settings.rules_digest.clone(),
        selection: Selection {
            left_out: work.left,
            ..settings.selection.clone()
        },
        malicious: (!malicious.is_empty()).then(|| caught(&malicious, &sizes)),
        benign: kinds(&benign),
        rules: rules(&malicious, &benign, settings.review),
        roc: curve,
    };
    Report {
        schema: SCHEMA.into(),
        figures,
        packages: work.done.iter().map(|(s, o)| package(s, o)).collect(),
        comparison: None,
        peers: Vec::new(),
        timing: timing(work),
    }
}

fn family_sizes<'a>(malicious: &[(&'a Sample, &Outcome)]) -> BTreeMap<&'a str, usize> {
    let mut sizes = BTreeMap::new();
    for (sample, _) in malicious {
        *sizes.entry(&*sample.family).or_insert(0) += 1;
    }
    sizes
}

fn caught(malicious: &[(&Sample, &Outcome)], sizes: &BTreeMap<&str, usize>) -> Malicious {
    let recall = |least: Verdict| {
        let caught = malicious.iter().filter(|(_, o)| o.verdict >= least);
        let expected: f64 = caught
            .clone()
            .map(|(s, _)| 1.0 / sizes.get(&*s.family).copied().unwrap_or(1) as f64)
            .sum();
        Recall {
            families: share(expected, sizes.len()),
            artifacts: share(caught.count() as f64, malicious.len()),
        }
    };
    let mut verdicts = BTreeMap::new();
    for (_, outcome) in malicious {
        *verdicts.entry(outcome.verdict).or_insert(0) += 1;
    }
    Malicious {
        review: recall(Verdict::Review),
        block: recall(Verdict::Block),
        verdicts,
        kinds: kinds(malicious),
        incomplete: incomplete(malicious),
        failed: malicious.iter().filter(|(_, o)| o.failed).count(),
    }
}

fn incomplete(side: &[(&Sample, &Outcome)]) -> usize {
    side.iter()
        .filter(|(_, o)| !o.incomplete.is_empty())
        .count()
}

fn share(hits: f64, of: usize) -> Share {
    let share = if of == 0 { 0.0 } else { hits / of as f64 };
    Share {
        hits: round(hits),
        of,
        share: round(share),
        interval: wilson(share, of),
    }
}

fn kinds(side: &[(&Sample, &Outcome)]) -> BTreeMap<String, Kind> {
    let mut by_kind: BTreeMap<&str, Vec<(&Sample, &Outcome)>> = BTreeMap::new();
    for (sample, outcome) in side {
        by_kind
            .entry(&outcome.kind)
            .or_default()
            .push((*sample, *outcome));
    }
    let kind = |members: Vec<(&Sample, &Outcome)>| {
        let count = |least| members.iter().filter(|(_, o)| o.verdict >= least).count() as f64;
        Kind {
            review: share(count(Verdict::Review), members.len()),
            block: share(count(Verdict::Block), members.len()),
            incomplete: incomplete(&members),
            failed: members.iter().filter(|(_, o)| o.failed).count(),
        }
    };
    by_kind
        .into_iter()
        .map(|(name, members)| (name.to_owned(), kind(members)))
        .collect()
}

#[derive(Default)]
struct Hits<'a> {
    families: BTreeSet<&'a str>,
    artifacts: usize,
    needed: BTreeSet<&'a str>,
    alone: BTreeSet<&'a str>,
    benign: BTreeMap<String, usize>,
    benign_alone: usize,
    benign_needed: usize,
}

fn rules(
    malicious: &[(&Sample, &Outcome)],
    benign: &[(&Sample, &Outcome)],
    review: f64,
) -> Vec<RuleHits> {
    let mut hits: BTreeMap<&str, Hits<'_>> = BTreeMap::new();
    for (sample, outcome) in malicious {
        for (rule, weight) in &outcome.rules {
            let hit = hits.entry(rule).or_default();
            hit.artifacts += 1;
            hit.families.insert(&sample.family);
            if outcome::accuses(rule) {
                if *weight >= review {
                    hit.alone.insert(&sample.family);
                }
                if outcome.score >= review && score_without(outcome, rule) < review {
                    hit.needed.insert(&sample.family);
                }
            }
        }
    }
    for (_, outcome) in benign {
        for (rule, weight) in &outcome.rules {
            let hit = hits.entry(rule).or_default();
            *hit.benign.entry(outcome.kind.clone()).or_insert(0) += 1;
            if outcome::accuses(rule) {
                hit.benign_alone += usize::from(*weight >= review);
                let needed = outcome.score >= review && score_without(outcome, rule) < review;
                hit.benign_needed += usize::from(needed);
            }
        }
    }
    let mut rules: Vec<RuleHits> = hits
        .into_iter()
        .map(|(rule, hit)| RuleHits {
            rule: rule.to_owned(),
            families: hit.families.len(),
            artifacts: hit.artifacts,
            needed: hit.needed.len(),
            alone: hit.alone.len(),
            benign: hit.benign,
            benign_alone: hit.benign_alone,
            benign_needed: hit.benign_needed,
        })
        .collect();
    rules.sort_by(|a, b| {
        b.families
            .cmp(&a.families)
            .then_with(|| a.rule.cmp(&b.rule))
    });
    rules
}

/// The score that the package would have if one rule were not there.
fn score_without(outcome: &Outcome, without: &str) -> f64 {
    let lower = outcome.without.get(without);
    lower.copied().unwrap_or(outcome.score)
}

fn package(sample: &Sample, outcome: &Outcome) -> Package {
    Package {
        name: sample.name.clone(),
        malicious: sample.side == Side::Malicious,
        family: sample.family.clone(),
        kind: outcome.kind.clone(),
        verdict: outcome.verdict,
        score: outcome.score,
        rules: outcome.rules.clone(),
        best: outcome.best.clone(),
        incomplete: outcome.incomplete.clone(),
        failed: outcome.failed,
    }
}

fn timing(work: &Work) -> Timing {
    let millis = |d: std::time::Duration| round(d.as_secs_f64() * 1e3);
    let wall = work.wall.as_secs_f64().max(1e-9);
    let total = |of: fn(&Outcome) -> u64| work.done.iter().map(|(_, o)| of(o)).sum::<u64>();
    let mut groups: BTreeMap<String, Vec<&Outcome>> = BTreeMap::new();
    for (sample, outcome) in &work.done {
        let side = match sample.side {
            Side::Malicious => "malicious",
            Side::Benign => "benign",
        };
        groups
            .entry(format!("{side} {}", outcome.kind))
            .or_default()
            .push(outcome);
    }
    let cost = |members: Vec<&Outcome>| {
        let mut walls: Vec<f64> = members.iter().map(|o| millis(o.wall)).collect();
        walls.sort_by(f64::total_cmp);
        let mut memory: Vec<u64> = members.iter().filter_map(|o| o.memory).collect();
        memory.sort_unstable();
        SideCost {
            packages: members.len(),
            packed: members.iter().map(|o| o.packed).sum(),
            unpacked: members.iter().map(|o| o.unpacked).sum(),
            cpu_s: round(members.iter().map(|o| o.cpu.as_secs_f64()).sum()),
            memory_median: memory.get(memory.len() / 2).copied(),
            memory_max: memory.last().copied(),
            wall_ms_median: quantile(&walls, 0.5),
            wall_ms_p95: quantile(&walls, 0.95),
            wall_ms_max: quantile(&walls, 1.0),
        }
    };
    let mut slowest: Vec<&(Sample, Outcome)> = work.done.iter().collect();
    slowest.sort_by_key(|(_, o)| std::cmp::Reverse(o.wall));
    slowest.truncate(SLOWEST);
    Timing {
        jobs: work.jobs,
        wall_s: round(wall),
        cpu_s: round(work.cpu.as_secs_f64()),
        packages_per_s: round(work.done.len() as f64 / wall),
        packed_mb_per_s: round(total(|o| o.packed) as f64 / 1e6 / wall),
        unpacked_mb_per_s: round(total(|o| o.unpacked) as f64 / 1e6 / wall),
        peak_memory: work.peak_memory,
        kinds: groups
            .into_iter()
            .map(|(name, members)| (name, cost(members)))
            .collect(),
        slowest: slowest
            .into_iter()
            .map(|(sample, outcome)| Slow {
                name: sample.name.clone(),
                wall_ms: millis(outcome.wall),
                cpu_ms: millis(outcome.cpu),
                unpacked: outcome.unpacked,
            })
            .collect(),
    }
}
