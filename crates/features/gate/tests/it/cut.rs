//! Every client in front of a file that is cut because its verdict is bad: it must end with an error, keep nothing that it would
//! install later, and say why.
//! `cargo test -p foretaste-gate --test it cut -- --nocapture` prints the table.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use foretaste_gate::Verb;

use crate::clients::{ROWS, Stage};
use crate::matrix::{REASON, upstreams};
use crate::support::{TestGate, WordVetter, program, run};

/// A line that stays long when it is compressed.
fn noise(length: usize) -> String {
    let mut state = 1_u64;
    let digit = |_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        char::from_digit((state >> 60) as u32, 16).unwrap_or('0')
    };
    (0..length).map(digit).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_client_takes_a_cut_file_for_an_error_and_says_why() {
    let [pypi, npm, cargo] = upstreams(&noise(600_000)).await;
    let settings = format!(
        "[decide]\nstream-after-seconds = 0\n[upstream]\npypi = ['{}/simple/']\nnpm = ['{}/']\ncargo = ['sparse+{}/index/']\n",
        pypi.url(),
        npm.url(),
        cargo.url()
    );
    let mut table = format!("{:<14} {:<10} {:>8}\n", "client", "shows why", "seconds");
    for row in ROWS.iter().filter(|row| row.client != "twine") {
        if program(row.needs).is_none() {
            continue;
        }
        let vetter = WordVetter {
            delay: Duration::from_millis(700),
            ..WordVetter::default()
        };
        let gate = TestGate::start_with(&settings, vetter).await;
        let token = gate.token(Verb::Read, &[]).await;
        let stage = Stage {
            gate: &gate,
            token: &token,
            home: tempfile::tempdir().expect("a folder"),
            patient: true,
        };
        let (done, text) = run((row.install)(&stage, "fine", "fine-one")).await;
        assert!(done, "{}: {text}", row.client);
        let begin = Instant::now();
        let (done, text) = run((row.install)(&stage, "bad", "bad-one")).await;
        let seconds = begin.elapsed().as_secs_f64();
        assert!(!done, "{} installed what was cut: {text}", row.client);
        // with whatever it kept of the first try
        let (done, again) = run((row.install)(&stage, "again", "bad-one")).await;
        assert!(!done, "{} installed what it kept: {again}", row.client);
        // yarn of old and pnpm of today show no reason of any refusal
        let shows = text.contains(REASON);
        let silent = ["yarn classic", "pnpm"].contains(&row.client);
        assert!(shows || silent, "{}: {text}", row.client);
        let shown = if shows { "yes" } else { "no" };
        let _ = writeln!(table, "{:<14} {shown:<10} {seconds:>8.1}", row.client);
    }
    eprintln!("{table}");
}
