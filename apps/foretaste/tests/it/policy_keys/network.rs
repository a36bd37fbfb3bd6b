//! `network.*` and `cache.*`.

use std::time::{Duration, Instant};

use foretaste_fake_registries::{Answer, FakeFile, FakeProject, FakePypi, FaultKind, Manners};

use super::Proof;
use crate::support::{Home, sdist, serving};

pub(super) const PROOFS: &[Proof] = &[
    ("network.offline", || {
        serving(async || {
            let index = index(Manners::default()).start().await;
            let home = home(&index.url(), "[network]\noffline = true\n");
            assert_eq!(home.audit(&["pypi:x"]).1, 3);
            assert!(index.paths().is_empty(), "{:?}", index.paths());
        });
    }),
    ("network.retries", || {
        serving(async || {
            let busy = Manners::default().fault(
                "simple",
                1,
                FaultKind::Answer(Answer::status(503, "later").header("retry-after", "0")),
            );
            for (settings, code) in [("", 0), ("[network]\nretries = 0\n", 3)] {
                let index = index(busy.clone()).start().await;
                assert_eq!(home(&index.url(), settings).audit(&["pypi:x"]).1, code);
            }
        });
    }),
    ("network.fresh-seconds", || {
        serving(async || {
            for (seconds, again) in [(600, false), (0, true)] {
                let index = index(Manners::default()).start().await;
                let home = home(
                    &index.url(),
                    &format!("[network]\nfresh-seconds = {seconds}\n"),
                );
                home.audit(&["pypi:x"]);
                let pages = || {
                    let paths = index.paths();
                    paths.iter().filter(|p| p.contains("simple/x")).count()
                };
                let before = pages();
                home.audit(&["pypi:x"]);
                assert_eq!(pages() > before, again, "{seconds}");
                let before = pages();
                home.audit(&["pypi:x", "--refresh"]);
                assert!(pages() > before, "{seconds}");
            }
        });
    }),
    ("network.stale-seconds", || {
        // the DNS of the machine is no part of a test: what it decides is tested where the resolver is
        for (seconds, code) in [("3600", 0), ("604801", 2)] {
            serving(async || {
                let index = index(Manners::default()).start().await;
                let settings = format!("[network]\nstale-seconds = {seconds}\n");
                let run = home(&index.url(), &settings).run(&["audit", "pypi:x"]);
                assert_eq!(run.code, code, "{}", run.stderr);
            });
        }
    }),
    ("network.timeout-seconds", || {
        serving(async || {
            let slow = Manners::default().fault(
                "simple",
                u32::MAX,
                FaultKind::Slow(Duration::from_secs(3)),
            );
            for (seconds, code) in [(30, 0), (1, 3)] {
                let index = index(slow.clone()).start().await;
                let settings = format!("[network]\nretries = 0\ntimeout-seconds = {seconds}\n");
                assert_eq!(home(&index.url(), &settings).audit(&["pypi:x"]).1, code);
            }
        });
    }),
    ("network.concurrency", || {
        serving(async || {
            let pause = Duration::from_millis(300);
            let slow = Manners::default().fault("simple", u32::MAX, FaultKind::Slow(pause));
            let index = index(slow).start().await;
            let home = home(&index.url(), "[network]\nconcurrency = 1\n");
            let begin = Instant::now();
            home.audit(&["pypi:x", "pypi:y", "pypi:z"]);
            let pages = index
                .paths()
                .iter()
                .filter(|p| p.contains("simple"))
                .count();
            assert!(
                begin.elapsed() >= pause * pages as u32,
                "{pages} pages in {:?}",
                begin.elapsed()
            );
        });
    }),
    ("cache.dir", || {
        serving(async || {
            let index = index(Manners::default()).start().await;
            let home = home(&index.url(), "[cache]\ndir = \"kept/here\"\n");
            home.audit(&["pypi:x"]);
            let folder = home.path().join("kept/here");
            assert!(folder.is_dir(), "{}", folder.display());
            assert!(!home.path().join("cache").exists());
        });
    }),
];

fn index(manners: Manners) -> FakePypi {
    ["x", "y", "z"]
        .into_iter()
        .fold(FakePypi::new(), |index, name| {
            let file = FakeFile::new(&format!("{name}-1.0.tar.gz"), &sdist(name, "1.0"));
            index.project(FakeProject::new(name).file(file))
        })
        .manners(manners)
}

fn home(index: &str, settings: &str) -> Home {
    let home = Home::new().with("PIP_INDEX_URL", &format!("{index}/simple"));
    home.write("foretaste.toml", settings);
    home
}
