//! Member names that no honest archive has, in tar and in zip.

use foretaste_model::AnomalyKind::{
    self, AbsolutePath, DuplicateName, NameCollision, NameTooLong, PathTraversal, StrangeName,
};

use crate::tar::{Header, Tar};
use crate::zip::{Item, Zip};
use crate::{Case, PAYLOAD, pack};

/// What a name must lead to.
type Spelling = (&'static str, &'static [AnomalyKind], &'static str);

const SPELLINGS: &[Spelling] = &[
    ("../evil.py", &[PathTraversal], "evil.py"),
    ("../../../../tmp/evil.py", &[PathTraversal], "tmp/evil.py"),
    ("pkg/../../evil.py", &[PathTraversal], "evil.py"),
    ("pkg/../evil.py", &[PathTraversal], "evil.py"),
    ("./../evil.py", &[PathTraversal], "evil.py"),
    ("pkg//..//..//evil.py", &[PathTraversal], "evil.py"),
    ("..\\evil.py", &[PathTraversal], "evil.py"),
    ("pkg\\..\\..\\evil.py", &[PathTraversal], "evil.py"),
    ("pkg/..\\../evil.py", &[PathTraversal], "evil.py"),
    ("/etc/evil.py", &[AbsolutePath], "etc/evil.py"),
    ("//host/evil.py", &[AbsolutePath], "host/evil.py"),
    (
        "\\\\host\\share\\evil.py",
        &[AbsolutePath],
        "host/share/evil.py",
    ),
    ("\\evil.py", &[AbsolutePath], "evil.py"),
    ("C:\\evil.py", &[AbsolutePath], "evil.py"),
    ("C:/evil.py", &[AbsolutePath], "evil.py"),
    ("c:evil.py", &[AbsolutePath], "evil.py"),
    ("/../evil.py", &[AbsolutePath, PathTraversal], "evil.py"),
    ("C:\\..\\evil.py", &[AbsolutePath, PathTraversal], "evil.py"),
    ("evil\n.py", &[StrangeName], "evil\n.py"),
    ("evil\x1b[2J.py", &[StrangeName], "evil\x1b[2J.py"),
    ("evil\x7f.py", &[StrangeName], "evil\x7f.py"),
    ("evil\u{85}.py", &[StrangeName], "evil\u{85}.py"),
    ("evil\u{202E}yp.txt", &[StrangeName], "evil\u{202E}yp.txt"),
    ("evil\u{2066}.py", &[StrangeName], "evil\u{2066}.py"),
    ("evil\u{200B}.py", &[StrangeName], "evil\u{200B}.py"),
    ("evil\u{2060}.py", &[StrangeName], "evil\u{2060}.py"),
    ("\u{FEFF}evil.py", &[StrangeName], "\u{FEFF}evil.py"),
    ("evil\u{3164}.py", &[StrangeName], "evil\u{3164}.py"),
    ("evil\u{E0041}.py", &[StrangeName], "evil\u{E0041}.py"),
    ("..", &[PathTraversal, StrangeName], "unnamed"),
    ("../../x/..", &[PathTraversal, StrangeName], "unnamed"),
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, kinds, path) in SPELLINGS {
        let shown = name.escape_debug();
        let tar = Tar::new().payload(name).end();
        cases.push(
            Case::new(format!("tar name {shown}"), "a-1.tar.gz", pack::gzip(&tar))
                .kinds(kinds)
                .payload(path),
        );
        let pax = Tar::new()
            .pax(b'x', &[("path", name.as_bytes())])
            .payload("harmless.txt")
            .end();
        cases.push(
            Case::new(format!("PAX name {shown}"), "a-1.crate", pack::gzip(&pax))
                .kinds(kinds)
                .payload(path),
        );
        let zip = Zip::new([Item::payload(name)]).build();
        cases.push(
            Case::new(format!("zip name {shown}"), "a-1-py3-none-any.whl", zip)
                .kinds(kinds)
                .payload(path),
        );
    }
    cases.extend(odd_bytes());
    cases.extend(repeated());
    cases
}

fn odd_bytes() -> Vec<Case> {
    let mut invalid = Header::file("", PAYLOAD.len());
    invalid.name = b"evil\xFF\xFE.py".to_vec();
    let long = format!("{}/evil.py", "d".repeat(5000));
    let cut = "d".repeat(4096);
    vec![
        Case::new(
            "tar name of invalid UTF-8",
            "a-1.tar",
            Tar::new().entry(&invalid, PAYLOAD).end(),
        )
        .kinds(&[StrangeName])
        .payload("evil\u{FFFD}\u{FFFD}.py"),
        Case::new(
            "zip name of invalid UTF-8 that claims to be UTF-8",
            "a-1.zip",
            Zip::new([Item::payload("").both(|s| {
                s.name = b"evil\xFF.py".to_vec();
                s.flags = 1 << 11;
            })])
            .build(),
        )
        .kinds(&[StrangeName])
        .payload("evil\u{FFFD}.py"),
        Case::new(
            "zip name that ends at a NUL for some tools",
            "a-1.zip",
            Zip::new([Item::payload("setup.py\0.txt")]).build(),
        )
        .kinds(&[StrangeName])
        .payload("setup.py"),
        Case::new(
            "zip member without a name",
            "a-1.zip",
            Zip::new([Item::payload("")]).build(),
        )
        .kinds(&[StrangeName])
        .payload("unnamed"),
        Case::new(
            "GNU long name longer than allowed",
            "a-1.tar",
            Tar::new()
                .gnu(b'L', long.as_bytes())
                .payload("short.py")
                .end(),
        )
        .kinds(&[NameTooLong])
        .payload(&cut),
        Case::new(
            "zip name longer than allowed",
            "a-1.zip",
            Zip::new([Item::payload(&long)]).build(),
        )
        .kinds(&[NameTooLong])
        .payload(&cut),
    ]
}

fn repeated() -> Vec<Case> {
    let pairs: [(&str, &str, &[AnomalyKind]); 8] = [
        ("setup.py", "setup.py", &[DuplicateName]),
        ("setup.py", "./setup.py", &[DuplicateName]),
        ("pkg/a.py", "pkg//a.py", &[DuplicateName]),
        ("pkg/a.py", "pkg\\a.py", &[DuplicateName]),
        ("setup.py", "x/../setup.py", &[DuplicateName, PathTraversal]),
        ("setup.py", "Setup.PY", &[NameCollision]),
        ("é.py", "e\u{301}.py", &[NameCollision]),
        ("pkg", "pkg/a.py", &[NameCollision]),
    ];
    let mut cases = Vec::new();
    for (first, second, kinds) in pairs {
        let path = |name: &str| {
            name.replace("x/../", "")
                .replace("./", "")
                .replace("//", "/")
                .replace('\\', "/")
        };
        let what = format!("{first} and {second}");
        for payload_first in [true, false] {
            let at = path(if payload_first { first } else { second });
            let tar = if payload_first {
                Tar::new().payload(first).file(second, b"harmless")
            } else {
                Tar::new().file(first, b"harmless").payload(second)
            };
            cases.push(
                Case::new(
                    format!("tar {what}, payload first: {payload_first}"),
                    "a-1.tar.gz",
                    pack::gzip(&tar.end()),
                )
                .kinds(kinds)
                .payload(&at),
            );
            let (a, b) = if payload_first {
                (Item::payload(first), Item::stored(second, b"harmless"))
            } else {
                (Item::deflated(first, b"harmless"), Item::payload(second))
            };
            cases.push(
                Case::new(
                    format!("zip {what}, payload first: {payload_first}"),
                    "a-1-py3-none-any.whl",
                    Zip::new([a, b]).build(),
                )
                .kinds(kinds)
                .payload(&at),
            );
        }
    }
    cases.push(
        Case::new(
            "zip with one name three times",
            "a-1.zip",
            Zip::new([
                Item::stored("a.py", b"one"),
                Item::payload("a.py"),
                Item::stored("a.py", b"three"),
            ])
            .build(),
        )
        .kinds(&[DuplicateName])
        .payload("a.py"),
    );
    cases
}
