//! What one policy permits beyond another: everything that is added is told, and nothing that only looks different.

use foretaste_permits::{Kind, What};

/// What is told, with `~` before a budget.
fn told(kind: Kind, before: Option<&str>, now: &str) -> Vec<String> {
    let read = |text| {
        kind.read(text)
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    };
    let before = before.map(read);
    let found = read(now).beyond(before.as_ref());
    let found = found.into_iter().map(|widening| match widening.what {
        What::Permission => widening.told,
        What::Budget => format!("~{}", widening.told),
    });
    found.collect()
}

fn run(before: &str, now: &str) -> Vec<String> {
    told(Kind::Run, Some(before), now)
}

fn monitor(before: &str, now: &str) -> Vec<String> {
    told(Kind::Monitor, Some(before), now)
}

#[test]
fn each_part_of_a_runs_policy_can_be_widened() {
    let cases = [
        (
            "isolation = 'gvisor'",
            "",
            "runs with namespaces instead of gVisor",
        ),
        ("", "preset = 'npm'", "what the preset npm reaches"),
        (
            "preset = 'pip'",
            "preset = 'npm'",
            "what the preset npm reaches",
        ),
        (
            "",
            "[network]\nallow = ['a.example']",
            "connections to a.example",
        ),
        (
            "[network]\nallow = ['a.example']",
            "[network]\nallow = ['*.a.example']",
            "connections to *.a.example",
        ),
        (
            "[network]\nallow = ['*.b.a.example']",
            "[network]\nallow = ['*.a.example']",
            "connections to *.a.example",
        ),
        (
            "[network]\nallow = ['a.example']",
            "[network]\nallow = ['a.example:22']",
            "connections to a.example:22",
        ),
        (
            "",
            "[network]\nprivate = ['a.example']",
            "a.example in a private network",
        ),
        (
            "[network]\nallow = ['a.example']",
            "[network]\nallow = ['a.example']\nbuild = ['a.example']",
            "connections to a.example while building",
        ),
        (
            "",
            "[network]\nregistry = 'open'",
            "writing to the registry, which was only read",
        ),
        (
            "",
            "[network]\ndenied = 'refuse'",
            "refused connections that nobody looks into",
        ),
        (
            "",
            "[network.addresses]\n'a.example' = '192.0.2.1:80'",
            "a.example at 192.0.2.1:80",
        ),
        (
            "[network.addresses]\n'a.example' = '192.0.2.1:80'",
            "",
            "a.example where its name leads instead of at 192.0.2.1:80",
        ),
        ("", "[files]\nread = ['/srv']", "reading /srv"),
        (
            "[files]\nread = ['/srv/wheels']",
            "[files]\nread = ['/srv']",
            "reading /srv",
        ),
        (
            "[files]\nread = ['/srv']",
            "[files]\nread = ['/srv/../etc']",
            "reading /srv/../etc",
        ),
        (
            "[files]\nread = ['../a']",
            "[files]\nread = ['../a/link']",
            "reading ../a/link",
        ),
        (
            "[files]\nread = ['../a']",
            "[files]\nwrite = ['../a']",
            "writing to ../a",
        ),
        (
            "[files]\nhide = ['.env']",
            "",
            "reading .env, which was hidden",
        ),
        (
            "[environment]\npass = ['A']",
            "[environment]\npass = ['A', 'B']",
            "the variable B",
        ),
        (
            "[environment]\npass = ['AB*']",
            "[environment]\npass = ['A*']",
            "the variable A*",
        ),
        (
            "",
            "[limits]\nprocesses = 4097",
            "~4097 processes (4096 before)",
        ),
        ("[limits]\ntime = 60", "", "~3600 seconds (60 before)"),
        (
            "",
            "[record]\nwatch = 'writes'",
            "runs of which no reading of files is recorded",
        ),
        (
            "[record]\nwatch = 'writes'",
            "[record]\nwatch = 'refused'",
            "runs of which only what is refused is recorded",
        ),
        (
            "",
            "[record]\nno-canaries = true",
            "runs without planted secrets",
        ),
    ];
    for (before, now, wanted) in cases {
        assert_eq!(run(before, now), [wanted], "{before:?} → {now:?}");
    }
}

#[test]
fn what_a_run_could_do_before_is_not_told_however_it_is_written() {
    let cases = [
        (
            "[network]\nallow = ['*.a.example', 'b.example']",
            "network = { allow = ['B.example.', '*.x.a.example', 'y.a.example:443'] }",
        ),
        (
            "[files]\nread = ['/srv', '~/w']",
            "files.read = ['/srv/./a/', '~/w/x', '/srv']",
        ),
        (
            "[files]\nwrite = ['/srv']\nread = ['../a/']",
            "[files]\nread = ['/srv', './../a']",
        ),
        (
            "[files]\nhide = ['.env', 'keys/one']",
            "[files]\nhide = ['keys', './.env', 'more']",
        ),
        (
            "[environment]\npass = ['A_*']",
            "[environment]\npass = ['A_B', 'A_C*']",
        ),
        (
            "[record]\nno-canaries = true\nwatch = 'refused'",
            "isolation = 'gvisor'",
        ),
        ("preset = 'pip'\n[limits]\ntime = 60", "[limits]\ntime = 59"),
        ("[network]\nregistry = 'open'\ndenied = 'refuse'", ""),
        ("", "[environment]\nset = { SOURCE_DATE_EPOCH = '0' }"),
    ];
    for (before, now) in cases {
        assert_eq!(
            run(before, now),
            Vec::<String>::new(),
            "{before:?} → {now:?}"
        );
    }
}

#[test]
fn a_new_policy_counts_for_what_it_permits_beyond_none() {
    let new = |kind, text| told(kind, None, text);
    let learned = "preset = 'pip'\n[network]\nallow = ['files.example']";
    assert_eq!(new(Kind::Run, learned), ["connections to files.example"]);
    assert_eq!(
        new(Kind::Run, "preset = 'pip'\n[limits]\ntime = 60"),
        Vec::<String>::new()
    );
    // without a list, only what evades every list is told
    let narrow = "mode = 'block'\nallow = ['files.example', '10.0.0.0/8:5432']";
    assert_eq!(new(Kind::Monitor, narrow), Vec::<String>::new());
    let hiding = "allow = ['169.254.169.254', 'dns.google', '*.quad9.net', 'a.example:53', '0.0.0.0/0']\nexpected = ['curl']";
    assert_eq!(
        new(Kind::Monitor, hiding),
        [
            "connections to 169.254.169.254",
            "connections to dns.google",
            "connections to *.quad9.net",
            "connections to a.example:53",
            "connections to 0.0.0.0/0",
            "curl below a package manager"
        ]
    );
}

#[test]
fn each_part_of_a_monitors_policy_can_be_widened() {
    let git = "[[only]]\nprogram = 'git'\nallow = ['code.example:22']";
    let cases = [
        (
            "mode = 'block'\nallow = ['a.example']",
            "allow = ['a.example']",
            "whatever is on no list, which is told and no longer stopped",
        ),
        (
            "allow = ['a.example']",
            "expected = []",
            "every host, for no list names any",
        ),
        (
            "allow = ['a.example']",
            "allow = ['a.example', 'b.example']",
            "connections to b.example",
        ),
        (
            "allow = ['a.example:443']",
            "allow = ['a.example']",
            "connections to a.example",
        ),
        (
            "allow = ['10.0.0.0/8:5432']",
            "allow = ['10.0.0.0/8']",
            "connections to 10.0.0.0/8",
        ),
        (
            "allow = ['10.0.0.0/9', '10.128.0.0/10']",
            "allow = ['10.0.0.0/8']",
            "connections to 10.0.0.0/8",
        ),
        (
            "allow = ['10.0.0.0/8']",
            "allow = ['a.example']",
            "connections to a.example",
        ),
        (
            git,
            "allow = ['code.example:22']",
            "connections to code.example:22",
        ),
        (
            git,
            "[[only]]\nstep = 'test'\nallow = ['code.example:22']",
            "connections to code.example:22 in the step test",
        ),
        (
            git,
            "[[only]]\nprogram = 'ssh'\nallow = ['code.example:22']",
            "connections to code.example:22 for ssh",
        ),
        (
            "allow = ['a.example']\nexpected = ['curl']",
            "allow = ['a.example']\nexpected = ['curl', 'nc']",
            "nc below a package manager",
        ),
    ];
    for (before, now, wanted) in cases {
        assert_eq!(monitor(before, now), [wanted], "{before:?} → {now:?}");
    }
    let same = [
        (
            "allow = ['10.0.0.0/8', 'a.example']",
            "allow = ['A.example:80', '10.1.2.3:22', '::ffff:10.0.0.0/104']",
        ),
        (
            "allow = ['10.0.0.0/9', '10.128.0.0/9']",
            "allow = ['10.0.0.0/8']",
        ),
        (
            "allow = ['a.example:80', 'a.example:443']",
            "allow = ['a.example']",
        ),
        (
            git,
            "only = [{ step = 'test', allow = ['code.example:22'], program = '/usr/bin/git' }]",
        ),
        ("allow = ['code.example:22']", git),
        (
            "allow = ['a.example']\nexpected = ['curl']",
            "mode = 'block'\nexpected = ['/usr/bin/curl']",
        ),
    ];
    for (before, now) in same {
        assert_eq!(
            monitor(before, now),
            Vec::<String>::new(),
            "{before:?} → {now:?}"
        );
    }
}

#[test]
fn a_policy_is_known_by_what_it_says() {
    for (text, kind) in [
        ("preset = 'pip'", Some(Kind::Run)),
        ("[network]\nallow = ['a.example']", Some(Kind::Run)),
        ("mode = 'block'", Some(Kind::Monitor)),
        ("", None),
        ("# nothing", None),
        ("[package]\nname = 'x'", None),
        ("[network]\nallow = ['a.example']\nmode = 'block'", None),
        ("[network]\nalow = []", None),
        ("not toml", None),
    ] {
        assert_eq!(Kind::of(text), kind, "{text}");
    }
}
