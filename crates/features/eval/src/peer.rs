//! Another scanner on the same files in the same run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use foretaste_io::command::Program;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::measure::children_cpu;
use crate::statistics::{round, wilson};
use crate::{Outcome, Sample, Share, Side};

/// How long the peer may take for one package.
const TIME: Duration = Duration::from_mins(3);
/// GuardDog's score from which it counts as an accusation: the one its authors recommend.
const GUARDDOG_ACCUSES: f64 = 5.0;

/// A scanner whose command line and output are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerProgram {
    path: PathBuf,
}

impl PeerProgram {
    /// A peer by its name; none if its output is not known here.
    pub fn named(name: &str, path: &Path) -> Option<Self> {
        (name == "guarddog").then(|| Self {
            path: path.to_owned(),
        })
    }
}

/// What a scanner found on the files that all of them were given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Peer {
    /// Its name.
    pub name: String,
    /// From what on it counts as an accusation.
    pub accuses: String,
    /// Family recall.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub families: Option<Share>,
    /// Artifact recall.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifacts: Option<Share>,
    /// Benign packages accused, by kind.
    pub benign: BTreeMap<String, Share>,
    /// Packages for which it gave no answer.
    pub failed: usize,
    /// Processor seconds, where the system tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_s: Option<f64>,
    /// Wall-clock seconds, one package after the other.
    pub wall_s: f64,
    /// Malicious packages that it accuses and Foretaste does not.
    pub only_it: Vec<String>,
}

/// Runs the peer over every sample, one after the other. `next` hears of each and says whether to go on.
pub async fn run_peer(
    program: &PeerProgram,
    done: &[(Sample, Outcome)],
    mut next: impl FnMut(&Sample) -> bool,
) -> Peer {
    let (begin, cpu) = (Instant::now(), children_cpu());
    let mut answers = Vec::new();
    for (sample, outcome) in done {
        if !next(sample) {
            break;
        }
        let score = guarddog(program, &sample.path, &outcome.kind).await;
        answers.push((sample, outcome, score));
    }
    let cpu_s = children_cpu()
        .zip(cpu)
        .map(|(after, before)| round(after.saturating_sub(before).as_secs_f64()));
    let accused = |score: Option<f64>| score.is_some_and(|s| s >= GUARDDOG_ACCUSES);
    let rows: Vec<Row<'_>> = answers
        .iter()
        .map(|(sample, outcome, score)| Row {
            sample,
            kind: &outcome.kind,
            accused: accused(*score),
        })
        .collect();
    let only_it = answers
        .iter()
        .filter(|(s, o, score)| {
            s.side == Side::Malicious
                && accused(*score)
                && o.verdict < foretaste_model::Verdict::Review
        })
        .map(|(s, _, _)| s.name.clone())
        .collect();
    Peer {
        name: "GuardDog".into(),
        accuses: format!("score ≥ {GUARDDOG_ACCUSES}"),
        failed: answers
            .iter()
            .filter(|(_, _, score)| score.is_none())
            .count(),
        cpu_s,
        wall_s: round(begin.elapsed().as_secs_f64()),
        only_it,
        ..counted(&rows)
    }
}

/// Foretaste itself at `review`, in the peer's terms.
pub fn as_peer(done: &[(Sample, Outcome)], wall: Duration, cpu: Duration) -> Peer {
    let rows: Vec<Row<'_>> = done
        .iter()
        .map(|(sample, outcome)| Row {
            sample,
            kind: &outcome.kind,
            accused: outcome.verdict >= foretaste_model::Verdict::Review,
        })
        .collect();
    Peer {
        name: "Foretaste".into(),
        accuses: "review or worse".into(),
        failed: done.iter().filter(|(_, o)| o.failed).count(),
        cpu_s: Some(round(cpu.as_secs_f64())),
        wall_s: round(wall.as_secs_f64()),
        ..counted(&rows)
    }
}

struct Row<'a> {
    sample: &'a Sample,
    kind: &'a str,
    accused: bool,
}

/// The shares; the rest of the peer is left to the caller.
fn counted(rows: &[Row<'_>]) -> Peer {
    let share = |hits: f64, of: usize| {
        (of > 0).then(|| Share {
            hits: round(hits),
            of,
            share: round(hits / of as f64),
            interval: wilson(hits / of as f64, of),
        })
    };
    let bad: Vec<&Row<'_>> = rows
        .iter()
        .filter(|r| r.sample.side == Side::Malicious)
        .collect();
    let mut sizes: BTreeMap<&str, f64> = BTreeMap::new();
    for row in &bad {
        *sizes.entry(&row.sample.family).or_insert(0.0) += 1.0;
    }
    let caught = || bad.iter().filter(|r| r.accused);
    let expected = caught()
        .map(|r| 1.0 / sizes.get(&*r.sample.family).unwrap_or(&1.0))
        .sum();
    let good: Vec<&Row<'_>> = rows
        .iter()
        .filter(|r| r.sample.side == Side::Benign)
        .collect();
    let kinds: BTreeSet<&str> = good.iter().map(|r| r.kind).collect();
    let benign = kinds.into_iter().filter_map(|kind| {
        let members = || good.iter().filter(|r| r.kind == kind);
        let hits = members().filter(|r| r.accused).count() as f64;
        Some((kind.to_owned(), share(hits, members().count())?))
    });
    Peer {
        name: String::new(),
        accuses: String::new(),
        families: share(expected, sizes.len()),
        artifacts: share(caught().count() as f64, bad.len()),
        benign: benign.collect(),
        failed: 0,
        cpu_s: None,
        wall_s: 0.0,
        only_it: Vec::new(),
    }
}

/// GuardDog's score of one package; none if it gave no answer.
async fn guarddog(program: &PeerProgram, path: &Path, kind: &str) -> Option<f64> {
    let ecosystem = match kind {
        "npm" => "npm",
        "gem" => "rubygems",
        "crate" => return None,
        _ => "pypi",
    };
    let target = path.display().to_string();
    let answer = Program::new(&program.path)
        .args([ecosystem, "scan", &target, "--output-format", "json"])
        .timeout(TIME)
        .max_output(64 << 20)
        .run()
        .await
        .ok()?;
    let json: Value = serde_json::from_str(answer.stdout.trim()).ok()?;
    score(&json)
}

/// `risk_score.score`, in the forms that its versions write.
fn score(json: &Value) -> Option<f64> {
    let score = json.get("risk_score").or_else(|| json.get("score"))?;
    score.as_f64().or_else(|| score.get("score")?.as_f64())
}
