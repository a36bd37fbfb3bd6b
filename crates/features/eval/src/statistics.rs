//! Intervals and curves.

use crate::{Interval, Roc, RocPoint};

/// The two-sided 95 % quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// The 95 % interval of a share after E. B. Wilson (1927): honest for small numbers and for shares near 0 and 1, where
/// the usual interval is not. `share` may be an average over families, `number` is then that of the families.
pub fn wilson(share: f64, number: usize) -> Interval {
    if number == 0 {
        return Interval {
            low: 0.0,
            high: 1.0,
        };
    }
    let n = number as f64;
    let square = Z * Z;
    let centre = share + square / (2.0 * n);
    let spread = Z * ((share * (1.0 - share) + square / (4.0 * n)) / n).sqrt();
    let scale = 1.0 + square / n;
    Interval {
        low: round(((centre - spread) / scale).max(0.0)),
        high: round(((centre + spread) / scale).min(1.0)),
    }
}

/// Six digits: what makes the output readable and equal on every machine.
pub(crate) fn round(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

/// One scored package: the score, and how much it counts on its side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scored {
    pub(crate) score: f64,
    /// 1 / members of its family; 1 for a benign one.
    pub(crate) weight: f64,
}

/// The curve of family recall over false positives as the threshold falls from above 1 to 0.
pub(crate) fn roc(malicious: &[Scored], benign: &[Scored]) -> Roc {
    let key = |s: f64| (s * 1000.0).round() as u32;
    let sum = |side: &[Scored]| side.iter().map(|s| s.weight).sum::<f64>();
    let (all_bad, all_good) = (sum(malicious), sum(benign));
    let mut steps: std::collections::BTreeMap<u32, (f64, f64)> = std::collections::BTreeMap::new();
    for s in malicious {
        steps.entry(key(s.score)).or_default().0 += s.weight;
    }
    for s in benign {
        steps.entry(key(s.score)).or_default().1 += s.weight;
    }
    if all_bad <= 0.0 || all_good <= 0.0 {
        return Roc::default();
    }
    let (mut bad, mut good, mut area) = (0.0, 0.0, 0.0);
    let mut points = Vec::new();
    for (score, (more_bad, more_good)) in steps.into_iter().rev() {
        area += more_good / all_good * (bad + more_bad / 2.0) / all_bad;
        bad += more_bad;
        good += more_good;
        points.push(RocPoint {
            threshold: f64::from(score) / 1000.0,
            recall: round(bad / all_bad),
            false_positives: round(good / all_good),
        });
    }
    Roc {
        area: round(area),
        points,
    }
}

/// The value below which `part` of the sorted `values` lie; 0 of none.
pub(crate) fn quantile(sorted: &[f64], part: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted
        .get((part * last as f64).round() as usize)
        .copied()
        .unwrap_or(0.0)
}
