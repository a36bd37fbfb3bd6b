//! Samples and outcomes.

use std::path::PathBuf;
use std::time::Duration;

use foretaste_eval::{Best, Outcome, Report, Sample, Selection, Settings, Side, Work, summarise};
use foretaste_model::Verdict;

pub(crate) fn malicious(name: &str, family: &str) -> Sample {
    Sample {
        name: name.to_owned(),
        path: PathBuf::from(name),
        side: Side::Malicious,
        family: family.to_owned(),
        kind: None,
        size: 10,
    }
}

pub(crate) fn benign(name: &str) -> Sample {
    Sample {
        side: Side::Benign,
        family: String::new(),
        ..malicious(name, "")
    }
}

/// An outcome with one finding that accuses.
pub(crate) fn outcome(kind: &str, score: f64) -> Outcome {
    let verdict = match score {
        s if s >= 0.85 => Verdict::Block,
        s if s >= 0.5 => Verdict::Review,
        s if s >= 0.1 => Verdict::Note,
        _ => Verdict::Clear,
    };
    let rules = [
        ("secrets-to-network".to_owned(), score),
        ("missing-license".to_owned(), 0.15),
    ];
    Outcome {
        kind: kind.to_owned(),
        verdict,
        score,
        incomplete: Vec::new(),
        failed: false,
        rules: rules.into(),
        without: [("secrets-to-network".to_owned(), 0.15)].into(),
        best: Some(Best {
            rule: "secrets-to-network".into(),
            weight: score,
            message: "sends <script>alert(1)</script> & more".into(),
            place: "a\u{1b}]0;b.py:3".into(),
        }),
        packed: 1_000,
        unpacked: 4_000,
        wall: Duration::from_millis(3),
        cpu: Duration::from_millis(2),
        memory: None,
    }
}

pub(crate) fn work(done: Vec<(Sample, Outcome)>) -> Work {
    Work {
        done,
        left: 0,
        jobs: 2,
        wall: Duration::from_secs(1),
        cpu: Duration::from_secs(2),
        peak_memory: Some(100_000_000),
    }
}

pub(crate) fn settings() -> Settings {
    Settings {
        version: "0.0.0".into(),
        rules_digest: "sha256:0".into(),
        review: 0.5,
        selection: Selection::default(),
    }
}

/// Two families, one of two members, and two kinds of benign packages.
pub(crate) fn example() -> Report {
    summarise(
        &work(vec![
            (malicious("a/a-1.tar.gz", "stealer"), outcome("sdist", 0.95)),
            (malicious("b/b-1.tar.gz", "stealer"), outcome("sdist", 0.2)),
            (malicious("c/c-1.whl", "dropper"), outcome("wheel", 0.6)),
            (benign("<img src=x>\u{202e}.whl"), outcome("wheel", 0.55)),
            (benign("good-1.whl"), outcome("wheel", 0.0)),
            (benign("left-pad"), outcome("npm", 0.05)),
        ]),
        &settings(),
    )
}
