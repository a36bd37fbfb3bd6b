//! Judgements that are kept: what is printed is what a fresh audit at that time prints, to the last byte.

use foretaste_fake_registries::{FakeFile, FakeProject, FakePypi};

use crate::support::{Home, Run, sdist, serving};

/// An audit of one release at a time; the network is asked each time.
fn audit(home: &Home, now: &str, more: &[&str]) -> Run {
    let args = [
        "audit",
        "-f",
        "json",
        "--stats",
        "--now",
        now,
        "pypi:honest",
    ];
    home.run(&[&args[..], more].concat())
}

fn kept(run: &Run) -> bool {
    run.stderr.contains("1 judgements kept")
}

#[test]
fn a_judgement_is_kept_until_time_or_policy_changes_it() {
    serving(async || {
        let file = |version: &str, time: &str| {
            let name = format!("honest-{version}.tar.gz");
            FakeFile::new(&name, &sdist("honest", version)).uploaded(time)
        };
        let project = FakeProject::new("honest")
            .file(file("1.0", "2026-01-01T00:00:00Z"))
            .file(file("1.1", "2026-03-01T00:00:00Z"));
        let index = FakePypi::new().project(project).start().await;
        let home = Home::new().with("PIP_INDEX_URL", &format!("{}/simple", index.url()));
        let cold = audit(&home, "2026-03-01T05:30:00Z", &[]);
        assert!(!kept(&cold), "{}", cold.stderr);
        assert!(
            cold.stdout.contains("released only 5 hours ago"),
            "{}",
            cold.stdout
        );
        let warm = audit(&home, "2026-03-01T05:50:00Z", &[]);
        assert!(kept(&warm), "{}", warm.stderr);
        assert_eq!(warm.stdout, cold.stdout);
        // each of these is another answer of the clock; a second look at the same time is kept
        for now in [
            "2026-03-01T06:00:00Z",
            "2026-03-03T00:00:00Z",
            "2026-04-01T00:00:00Z",
            "2030-01-01T00:00:00Z",
        ] {
            let first = audit(&home, now, &[]);
            assert!(!kept(&first), "{now}: {}", first.stderr);
            let again = audit(&home, now, &[]);
            assert!(kept(&again), "{now}: {}", again.stderr);
            let fresh = audit(&home, now, &["--no-cache"]);
            assert!(!kept(&fresh), "{now}: {}", fresh.stderr);
            assert_eq!(first.stdout, again.stdout, "{now}");
            assert_eq!(first.stdout, fresh.stdout, "{now}");
        }
        // nothing happens for months
        let later = audit(&home, "2030-02-01T00:00:00Z", &[]);
        assert_eq!(
            later.stdout,
            audit(&home, "2030-02-01T00:00:00Z", &["--no-cache"]).stdout
        );
        // another policy is another judgement
        home.write(
            "foretaste.toml",
            "[rules.abandoned-package]\nenabled = false\n",
        );
        let other = audit(&home, "2030-01-01T00:00:00Z", &[]);
        assert!(!kept(&other), "{}", other.stderr);
        assert!(!other.stdout.contains("no release for"), "{}", other.stdout);
    });
}
