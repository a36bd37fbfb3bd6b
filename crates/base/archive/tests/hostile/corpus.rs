//! Every case says what must come out of it.

use std::collections::BTreeSet;
use std::time::Duration;

use foretaste_archive::{Unpacked, unpack};
use foretaste_hostile_archives::{Case, PAYLOAD, corpus, honest};
use foretaste_model::{AnomalyKind, Stopwatch};

use crate::{BOMB_BYTES, limits};

/// What is wrong with an outcome.
fn faults(case: &Case, unpacked: &Unpacked, took: Duration) -> Vec<String> {
    let mut faults = Vec::new();
    let kinds: BTreeSet<AnomalyKind> = unpacked.anomalies.iter().map(|a| a.kind).collect();
    if kinds != case.kinds {
        faults.push(format!(
            "expected {:?}, got {:#?}",
            case.kinds, unpacked.anomalies
        ));
    }
    let payload_at: BTreeSet<&str> = unpacked
        .members
        .iter()
        .filter(|m| *m.data == *PAYLOAD)
        .map(|m| m.path.as_str())
        .collect();
    for path in &case.payload_at {
        if !payload_at.contains(path.as_str()) {
            faults.push(format!("no payload at {path:?}, only at {payload_at:?}"));
        }
    }
    if took > Duration::from_secs(10) {
        faults.push(format!("took {took:?}"));
    }
    let bytes: usize = unpacked.members.iter().map(|m| m.data.len()).sum();
    if bytes as u64 > limits().unpacked_bytes + limits().member_bytes {
        faults.push(format!("{bytes} bytes came out"));
    }
    for member in &unpacked.members {
        let inner = member.path.rsplit("!/").next().unwrap_or_default();
        if inner.is_empty()
            || inner.starts_with('/')
            || inner.contains('\\')
            || inner
                .split('/')
                .any(|p| p.is_empty() || p == "." || p == "..")
        {
            faults.push(format!("unsafe path {:?}", member.path));
        }
    }
    faults
}

fn check(cases: Vec<Case>) {
    let mut failed = Vec::new();
    for case in cases {
        let start = Stopwatch::start();
        let unpacked = unpack(&case.filename, &case.bytes, &limits());
        for fault in faults(&case, &unpacked, start.elapsed()) {
            failed.push(format!("{}: {fault}", case.name));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn every_hostile_archive_is_seen_through() {
    let cases = corpus(BOMB_BYTES);
    assert!(cases.len() >= 150, "{} cases", cases.len());
    check(cases);
}

#[test]
fn no_honest_archive_is_accused() {
    check(honest());
}
