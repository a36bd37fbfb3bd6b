//! Links that leave the archive, or that hide what a name really holds.

use foretaste_model::AnomalyKind::{DuplicateName, LinkEscape, NameCollision, SpecialFile};

use crate::tar::Tar;
use crate::zip::{Item, Zip};
use crate::{Case, PAYLOAD, pack};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let escapes = [
        "/etc/passwd",
        "../../outside",
        "..",
        "sub/../../../outside",
        "C:\\Windows",
        "\\\\host\\share",
        "..\\..\\outside",
        "/",
    ];
    for target in escapes {
        for (kind, link) in [(b'2', "pkg"), (b'2', "pkg/deep"), (b'1', "pkg")] {
            // From a deeper folder, fewer targets leave the root.
            let leaves = kind == b'2' && !(link.contains('/') && target == "..")
                || kind == b'1' && target.contains("..");
            let tar = Tar::new()
                .special(kind, link, target)
                .payload("setup.py")
                .end();
            let name = format!("link {link} of kind {} to {target}", char::from(kind));
            let case = Case::new(name, "a-1.tar.gz", pack::gzip(&tar)).payload("setup.py");
            let escaping_nothing =
                kind == b'2' && link.contains('/') && target == "sub/../../../outside";
            cases.push(if leaves || escaping_nothing {
                case.kinds(&[LinkEscape])
            } else {
                case
            });
        }
        let zip = Zip::new([
            Item::stored("link", target.as_bytes()).mode(0o120_777),
            Item::payload("setup.py"),
        ]);
        cases.push(
            Case::new(format!("zip link to {target}"), "a-1.zip", zip.build())
                .kinds(&[LinkEscape])
                .payload("setup.py"),
        );
    }
    cases.extend(hidden());
    for (kind, what) in [
        (b'3', "character device"),
        (b'4', "block device"),
        (b'6', "FIFO"),
    ] {
        let tar = Tar::new()
            .special(kind, "dev", "")
            .payload("setup.py")
            .end();
        cases.push(
            Case::new(what, "a-1.tar.gz", pack::gzip(&tar))
                .kinds(&[SpecialFile])
                .payload("setup.py"),
        );
    }
    for (mode, what) in [
        (0o020_644, "character device"),
        (0o060_644, "block device"),
        (0o010_644, "FIFO"),
        (0o140_644, "socket"),
    ] {
        let zip = Zip::new([Item::stored("dev", b"").mode(mode), Item::payload("a.py")]);
        cases.push(
            Case::new(format!("zip {what}"), "a-1.zip", zip.build())
                .kinds(&[SpecialFile])
                .payload("a.py"),
        );
    }
    cases
}

fn hidden() -> Vec<Case> {
    vec![
        Case::new(
            "a chain of links that leaves the root only as a whole",
            "a-1.tar",
            Tar::new()
                .special(b'2', "a/up", "..")
                .special(b'2', "a/out", "up/../x")
                .payload("setup.py")
                .end(),
        )
        .kinds(&[LinkEscape])
        .payload("setup.py"),
        Case::new(
            "a file is written through a link",
            "a-1.tar",
            Tar::new()
                .special(b'2', "out", "/tmp")
                .payload("out/evil.py")
                .end(),
        )
        .kinds(&[LinkEscape, NameCollision])
        .payload("out/evil.py"),
        Case::new(
            "a link and a file have one name",
            "a-1.tar",
            Tar::new()
                .special(b'2', "setup.py", "readme.txt")
                .payload("setup.py")
                .file("readme.txt", b"harmless")
                .end(),
        )
        .kinds(&[DuplicateName])
        .payload("setup.py"),
        Case::new(
            "links in a loop",
            "a-1.tar",
            Tar::new()
                .special(b'2', "a", "b")
                .special(b'2', "b", "a")
                .special(b'2', "self", "self/self/self")
                .payload("setup.py")
                .end(),
        )
        .payload("setup.py"),
        Case::new(
            "setup.py is a symbolic link to data",
            "a-1.tar.gz",
            pack::gzip(
                &Tar::new()
                    .special(b'2', "a-1/setup.py", "docs/notes.txt")
                    .payload("a-1/docs/notes.txt")
                    .end(),
            ),
        )
        .payload("a-1/docs/notes.txt")
        .payload("a-1/setup.py"),
        Case::new(
            "setup.py is a hard link to data",
            "a-1.tar.gz",
            pack::gzip(
                &Tar::new()
                    .payload("a-1/notes.txt")
                    .special(b'1', "a-1/setup.py", "a-1/notes.txt")
                    .end(),
            ),
        )
        .payload("a-1/notes.txt")
        .payload("a-1/setup.py"),
        Case::new(
            "a package is a link to a folder elsewhere",
            "a-1.tar.gz",
            pack::gzip(
                &Tar::new()
                    .special(b'2', "a-1/pkg", "tests/data")
                    .payload("a-1/tests/data/__init__.py")
                    .end(),
            ),
        )
        .payload("a-1/pkg/__init__.py")
        .payload("a-1/tests/data/__init__.py"),
        Case::new(
            "a zip link to a member",
            "a-1.zip",
            Zip::new([
                Item::stored("setup.py", b"notes.txt").mode(0o120_777),
                Item::deflated("notes.txt", PAYLOAD),
            ])
            .build(),
        )
        .payload("notes.txt")
        .payload("setup.py"),
    ]
}
