//! What the user brings: an index of known-bad packages, and rules.

use super::Proof;
use crate::support::{Home, rules};

pub(super) const PROOFS: &[Proof] = &[
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

fn finds(home: &Home, policy: &str, rule: &str) -> bool {
    home.write("foretaste.toml", policy);
    home.write("package/setup.py", "URL = 'https://collect.invalid/x'\n");
    let (report, _) = home.audit(&["--offline", "package"]);
    rules(&report["releases"][0]).contains(&rule)
}
