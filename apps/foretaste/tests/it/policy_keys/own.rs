//! What the user brings: an index of known-bad packages, and rules.

use super::Proof;
use crate::advisories::{archive, record};
use crate::support::{Home, rules, sdist};

pub(super) const PROOFS: &[Proof] = &[
    ("advisories.enabled", || {
        let home = advised();
        assert!(finds(&home, "", "known-malware"));
        assert!(!finds(
            &home,
            "[advisories]\nenabled = false\n",
            "known-malware"
        ));
    }),
    ("advisories.fresh-hours", || {
        let home = advised();
        let told = |settings: &str| {
            home.write("foretaste.toml", settings);
            let run = home.run(&["audit", "--offline", "honest-1.0.tar.gz"]);
            run.stderr.contains("on this machine are of 3 h ago")
        };
        assert!(!told("") && told("[advisories]\nfresh-hours = 2\n"));
    }),
    ("known.enabled", || {
        let home = knowing("known.index");
        assert!(finds(&home, "", "known-indicator"));
        assert!(!finds(
            &home,
            "[known]\nenabled = false\n",
            "known-indicator"
        ));
    }),
    ("known.files", || {
        let home = knowing("shared/known.index");
        assert!(!finds(&home, "", "known-indicator"));
        assert!(finds(
            &home,
            "[known]\nfiles = ['data/shared/known.index']\n",
            "known-indicator"
        ));
    }),
    ("rules.files", || {
        let home = knowing("known.index");
        home.write(
            "own.toml",
            "[[rules]]\nid = 'own'\ntitle = 't'\nseverity = 'low'\nwhen = { path = 'setup.py' }\n",
        );
        assert!(finds(&home, "[rules]\nfiles = ['own.toml']\n", "own"));
    }),
    ("rules.yara.files", || {
        let home = knowing("known.index");
        home.write("own.yar", "rule Own { condition: true }\n");
        assert!(finds(
            &home,
            "[rules.yara]\nfiles = ['own.yar']\n",
            "yara-own"
        ));
    }),
];

/// A home with an index, below its data folder, that knows a host of the fixture.
fn knowing(index: &str) -> Home {
    let home = Home::new();
    let data = home.path().join("data");
    let home = home.with("FORETASTE_DATA_DIR", &data.display().to_string());
    let feed = home.write("feed.csv", "domain\ncollect.invalid\n");
    let index = data.join(index).display().to_string();
    let run = home.run(&[
        "known",
        "--index",
        &index,
        "import",
        &feed.display().to_string(),
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    home
}

/// A home with an advisory about `honest` on its machine, of three hours ago.
fn advised() -> Home {
    let home = Home::new();
    let dump = archive(&[record("MAL-2026-1", "2026-10-31T21:00:00Z")]);
    home.write("dump.tar.gz", dump);
    home.write("honest-1.0.tar.gz", sdist("honest", "1.0"));
    home.write(
        "package/PKG-INFO",
        "Metadata-Version: 2.1\nName: honest\nVersion: 1.0\n",
    );
    let run = home.run(&["advisories", "import", "dump.tar.gz"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    home
}

fn finds(home: &Home, policy: &str, rule: &str) -> bool {
    home.write("foretaste.toml", policy);
    home.write("package/setup.py", "URL = 'https://collect.invalid/x'\n");
    let (report, _) = home.audit(&["--offline", "package"]);
    rules(&report["releases"][0]).contains(&rule)
}
