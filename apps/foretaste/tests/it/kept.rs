//! Judgements that are kept: what is printed is what a fresh audit at that time prints, to the last byte.

use foretaste_fake_registries::{FakeFile, FakeProject, FakePypi};

use crate::advisories::{archive, record};
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

/// Audits a local archive; says whether its judgement was kept, and what was printed.
fn audit_file(home: &Home, file: &str, more: &[&str]) -> (bool, String) {
    let args = ["audit", "-f", "json", "--stats", "--offline", file];
    let run = home.run(&[&args[..], more].concat());
    (kept(&run), run.stdout)
}

#[test]
fn a_local_archives_judgement_is_kept_until_what_is_known_changes_it() {
    let home = Home::new();
    home.write("honest-1.0.tar.gz", sdist("honest", "1.0"));
    let file = "honest-1.0.tar.gz";
    let (was_kept, cold) = audit_file(&home, file, &[]);
    assert!(!was_kept);
    assert_eq!(audit_file(&home, file, &[]), (true, cold.clone()));
    // it is the content that is known: wherever it lies, whenever it was written
    home.write("other/honest-1.0.tar.gz", sdist("honest", "1.0"));
    let (was_kept, elsewhere) = audit_file(&home, "other/honest-1.0.tar.gz", &[]);
    assert!(was_kept);
    assert_eq!(
        elsewhere.replace("other/honest-1.0.tar.gz", file),
        cold,
        "but the report names what was asked for"
    );

    // each of these is another judgement, the same as without the store
    let is_new = |what: &str, file: &str, more: &[&str]| {
        let (was_kept, first) = audit_file(&home, file, more);
        assert!(!was_kept, "{what}");
        assert_eq!(
            audit_file(&home, file, more),
            (true, first.clone()),
            "{what}"
        );
        let (was_kept, fresh) = audit_file(&home, file, &[more, &["--no-cache"]].concat());
        assert!(!was_kept, "{what}");
        assert_eq!(fresh, first, "{what}");
        first
    };
    home.write("honest-2.0.zip", sdist("honest", "1.0"));
    is_new("another name", "honest-2.0.zip", &[]);
    home.write(file, sdist("honest", "1.1"));
    is_new("another content", file, &[]);
    home.write(file, sdist("honest", "1.0"));
    home.write(
        "loose.toml",
        "[rules.missing-repository]\nenabled = false\n",
    );
    is_new("another policy", file, &["--config", "loose.toml"]);
    home.write(
        "dump.tar.gz",
        archive(&[record("MAL-2026-1", "2026-10-01T00:00:00Z")]),
    );
    home.run(&["advisories", "import", "dump.tar.gz"]);
    let told = is_new("an advisory", file, &[]);
    assert!(told.contains("MAL-2026-1"), "{told}");
    home.run(&["known", "add", "--family", "stealer", file]);
    let told = is_new("a bad relative", file, &[]);
    assert!(told.contains("known-artifact"), "{told}");
}
