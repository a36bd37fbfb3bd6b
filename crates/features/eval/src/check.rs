//! Bars that an evaluation must clear.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;
use thiserror::Error;

use crate::{Figures, Kind, Report};

/// Why bars cannot be used.
#[derive(Debug, Error)]
#[error("{path}: {message}")]
pub struct BarsError {
    /// The file as the user called it.
    path: String,
    /// What is wrong in it, with the place.
    message: String,
}

/// The bars, as `evals/thresholds.toml` states them. What a file does not name is not checked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Bars {
    /// Recall must be at least this.
    #[serde(default)]
    recall: RecallBars,
    /// False positives by kind must be at most this.
    #[serde(default)]
    false_positives: BTreeMap<String, Levels>,
    /// Speed must be at least this.
    #[serde(default)]
    speed: SpeedBars,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RecallBars {
    #[serde(default)]
    families: Levels,
    #[serde(default)]
    artifacts: Levels,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Levels {
    review: Option<Bar>,
    block: Option<Bar>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct SpeedBars {
    malicious_per_s: Option<Bar>,
    unpacked_mb_per_s: Option<Bar>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Bar {
    /// What must hold.
    bar: f64,
    /// What we want.
    aim: Option<f64>,
}

/// One bar and what was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// Of what: `family recall at review`.
    pub what: String,
    /// What was measured; none if the samples do not tell.
    pub measured: Option<f64>,
    /// What must hold.
    pub bar: f64,
    /// What we want.
    pub aim: Option<f64>,
    /// True if more is better.
    pub more_is_better: bool,
    /// True for a share, which is printed in per cent.
    pub is_share: bool,
}

impl Checked {
    /// True if the bar was measured and missed.
    pub fn missed(&self) -> bool {
        self.measured.is_some_and(|m| !self.holds(m, self.bar))
    }

    fn holds(&self, measured: f64, wanted: f64) -> bool {
        if self.more_is_better {
            measured >= wanted - 1e-9
        } else {
            measured <= wanted + 1e-9
        }
    }
}

impl Bars {
    /// Reads bars.
    ///
    /// # Errors
    /// The text is no TOML, or says what is not understood.
    pub fn parse(path: &str, text: &str) -> Result<Self, BarsError> {
        toml::from_str(text).map_err(|error| BarsError {
            path: path.to_owned(),
            message: error.to_string().trim_end().to_owned(),
        })
    }

    /// Compares an evaluation with every bar.
    pub fn check(&self, report: &Report) -> Vec<Checked> {
        let figures = &report.figures;
        let mut out = Vec::new();
        let mut add = |what: String, measured, bar: Option<Bar>, more_is_better, is_share| {
            if let Some(bar) = bar {
                out.push(Checked {
                    what,
                    measured,
                    bar: bar.bar,
                    aim: bar.aim,
                    more_is_better,
                    is_share,
                });
            }
        };
        let bad = figures.malicious.as_ref();
        for (what, levels, families) in [
            ("family recall", self.recall.families, true),
            ("artifact recall", self.recall.artifacts, false),
        ] {
            let pick = |r: &crate::Recall| {
                if families {
                    r.families.share
                } else {
                    r.artifacts.share
                }
            };
            add(
                format!("{what} at review"),
                bad.map(|b| pick(&b.review)),
                levels.review,
                true,
                true,
            );
            add(
                format!("{what} at block"),
                bad.map(|b| pick(&b.block)),
                levels.block,
                true,
                true,
            );
        }
        for (kind, levels) in &self.false_positives {
            let measured = |of: fn(&Kind) -> f64| figures.benign.get(kind).map(of);
            let review = measured(|k| k.review.share);
            let block = measured(|k| k.block.share);
            add(
                format!("benign {kind} at review"),
                review,
                levels.review,
                false,
                true,
            );
            add(
                format!("benign {kind} at block"),
                block,
                levels.block,
                false,
                true,
            );
        }
        let (packages, megabytes) = malicious_speed(report, figures);
        add(
            "malicious packages per second".into(),
            packages,
            self.speed.malicious_per_s,
            true,
            false,
        );
        add(
            "unpacked MB per second".into(),
            megabytes,
            self.speed.unpacked_mb_per_s,
            true,
            false,
        );
        out
    }
}

/// Malicious packages and unpacked megabytes of them per second: in a run over both sides, the malicious side's part of
/// the time is its part of the processor time.
fn malicious_speed(report: &Report, figures: &Figures) -> (Option<f64>, Option<f64>) {
    let timing = &report.timing;
    let bad = || {
        timing
            .kinds
            .iter()
            .filter(|(k, _)| k.starts_with("malicious "))
    };
    let own: f64 = bad().map(|(_, c)| c.cpu_s).sum();
    let all: f64 = timing.kinds.values().map(|c| c.cpu_s).sum();
    if figures.malicious.is_none() || own <= 0.0 || all <= 0.0 {
        return (None, None);
    }
    let seconds = timing.wall_s * own / all;
    let packages = bad().map(|(_, c)| c.packages).sum::<usize>() as f64;
    let bytes = bad().map(|(_, c)| c.unpacked).sum::<u64>() as f64;
    (Some(packages / seconds), Some(bytes / 1e6 / seconds))
}

/// The bars as text.
pub fn bars(checked: &[Checked]) -> String {
    let mut out = String::from("bars\n");
    for check in checked {
        let show = |number: f64| {
            if check.is_share {
                format!("{:.2} %", number * 100.0)
            } else {
                format!("{number:.1}")
            }
        };
        let sign = if check.more_is_better { "≥" } else { "≤" };
        let (mark, measured) = match check.measured {
            None => ("  ?   ", "not measured".to_owned()),
            Some(m) if check.missed() => ("  MISS", show(m)),
            Some(m) => ("  ok  ", show(m)),
        };
        let aim = match (check.aim, check.measured) {
            (Some(aim), Some(m)) if check.holds(m, aim) => format!("; aim {} reached", show(aim)),
            (Some(aim), _) => format!("; aim {}", show(aim)),
            (None, _) => String::new(),
        };
        let _ = writeln!(
            out,
            "{mark} {:<34} {measured:>12}  (bar {sign} {}{aim})",
            check.what,
            show(check.bar)
        );
    }
    out
}
