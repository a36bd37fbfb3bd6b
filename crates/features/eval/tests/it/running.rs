//! Scanning.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use foretaste_eval::{Listener, Outcome, Sample, Scanner, run};
use foretaste_model::Verdict;
use foretaste_model::report::{Checks, ReleaseReport};

use crate::support::benign;

struct Fake;

impl Scanner for Fake {
    fn scan(&self, path: &Path) -> ReleaseReport {
        assert_ne!(path, Path::new("b3"), "a scanner that dies");
        ReleaseReport {
            compared_with: None,
            change: None,
            target: "".into(),
            ecosystem: None,
            name: "".into(),
            version: None,
            purl: None,
            verdict: Verdict::Clear,
            score: 0.0,
            incomplete: Vec::new(),
            published: None,
            artifacts: Vec::new(),
            not_tasted: Vec::new(),
            findings: Vec::new(),
            capabilities: Vec::new(),
            checks: Checks::default(),
            advice: None,
            wanted_by: Vec::new(),
            moved: None,
            imported_as: Vec::new(),
            usage: None,
            subject: foretaste_model::report::Subject::Release,
        }
    }
}

struct Stops<'a>(&'a AtomicBool, Mutex<usize>, usize);

impl Listener for Stops<'_> {
    fn done(&self, _: &Sample, _: &Outcome) {
        let mut seen = self.1.lock().expect("no panic while locked");
        *seen += 1;
        if *seen >= self.2 {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

fn samples() -> Vec<Sample> {
    (0..20).map(|i| benign(&format!("b{i}"))).collect()
}

#[test]
fn a_scan_that_dies_is_a_failure_and_the_others_go_on() {
    let stop = AtomicBool::new(false);
    let work = run(
        samples(),
        3,
        &Fake,
        &Stops(&stop, Mutex::new(0), usize::MAX),
        &stop,
    );
    assert_eq!((work.done.len(), work.left), (20, 0));
    let broken: Vec<_> = work
        .done
        .iter()
        .filter(|(_, o)| !o.incomplete.is_empty())
        .collect();
    assert_eq!(broken.len(), 1);
    assert_eq!(
        (&*broken[0].0.name, broken[0].1.verdict),
        ("b3", Verdict::Incomplete)
    );
    let names: Vec<_> = work.done.iter().map(|(s, _)| s.name.clone()).collect();
    let expected: Vec<_> = samples().into_iter().map(|s| s.name).collect();
    assert_eq!(names, expected);
}

#[test]
fn what_was_done_before_a_stop_is_kept() {
    let stop = AtomicBool::new(false);
    let work = run(samples(), 1, &Fake, &Stops(&stop, Mutex::new(0), 6), &stop);
    assert_eq!((work.done.len(), work.left), (6, 14));
}
