//! Lies in tar headers.

use foretaste_model::AnomalyKind::{
    ChecksumMismatch, Corrupt, HeaderMismatch, OversizedHeader, TooManyBytes, TooManyEntries,
    TrailingData,
};

use crate::tar::{Header, Tar};
use crate::{Case, PAYLOAD, pack};

fn patched(name: &str, size: usize, patches: &[(usize, &[u8])]) -> Header {
    let mut header = Header::file(name, size);
    header.patches = patches.iter().map(|(at, b)| (*at, b.to_vec())).collect();
    header
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = headers();
    cases.extend(extensions());
    cases.extend(sparse());
    cases.extend(sizes());
    cases
}

fn headers() -> Vec<Case> {
    let mut wrong = Header::file("pkg/a.py", 8);
    wrong.checksum_error = 1;
    let mut nested = Tar::new().payload("hidden.py").end();
    nested.truncate(1024);
    vec![
        Case::new(
            "a header with a wrong checksum, and one after it",
            "a-1.tar",
            Tar::new()
                .entry(&wrong, b"harmless")
                .payload("setup.py")
                .end(),
        )
        .kinds(&[ChecksumMismatch])
        .payload("setup.py"),
        Case::new(
            "garbage between members",
            "a-1.tar",
            Tar::new()
                .file("a", b"")
                .raw(&[0xA5; 512])
                .payload("setup.py")
                .end(),
        )
        .kinds(&[Corrupt])
        .payload("setup.py"),
        Case::new(
            "members after the end mark",
            "a-1.tar.gz",
            pack::gzip(
                &Tar::new()
                    .file("a", b"")
                    .raw(&[0; 1024])
                    .payload("setup.py")
                    .end(),
            ),
        )
        .kinds(&[TrailingData])
        .payload("setup.py"),
        Case::new(
            "members after half an end mark",
            "a-1.tar.gz",
            pack::gzip(
                &Tar::new()
                    .file("a", b"")
                    .raw(&[0; 512])
                    .payload("setup.py")
                    .end(),
            ),
        )
        .kinds(&[TrailingData])
        .payload("setup.py"),
        Case::new(
            "garbage after the end mark",
            "a-1.tar",
            [Tar::new().payload("setup.py").end(), vec![7; 700]].concat(),
        )
        .kinds(&[TrailingData])
        .payload("setup.py"),
        Case::new(
            "no end mark",
            "a-1.tar",
            Tar::new().payload("setup.py").cut(),
        )
        .kinds(&[Corrupt])
        .payload("setup.py"),
        Case::new(
            "a folder with content",
            "a-1.tar",
            Tar::new()
                .entry(&patched("folder/", PAYLOAD.len(), &[(156, b"0")]), PAYLOAD)
                .end(),
        )
        .kinds(&[HeaderMismatch])
        .payload("folder"),
        Case::new(
            "a member of an unknown kind is a file",
            "a-1.tar",
            Tar::new()
                .entry(&patched("odd.py", PAYLOAD.len(), &[(156, b"Q")]), PAYLOAD)
                .end(),
        )
        .payload("odd.py"),
        Case::new(
            "a member that hides a tar from tools that go by the other size",
            "a-1.tar",
            Tar::new()
                .pax(b'x', &[("size", nested.len().to_string().as_bytes())])
                .entry(&Header::file("data.bin", 0), &nested)
                .file("last", b"")
                .end(),
        )
        .kinds(&[HeaderMismatch, Corrupt])
        .payload("data.bin!/hidden.py"),
    ]
}

fn extensions() -> Vec<Case> {
    let big = vec![b'a'; 200_000];
    let mut cases = Vec::new();
    for kind in [b'L', b'K'] {
        cases.push(
            Case::new(
                format!("a GNU {} header of 200 kB", char::from(kind)),
                "a-1.tar.gz",
                pack::gzip(&Tar::new().gnu(kind, &big).payload("setup.py").end()),
            )
            .kinds(&[OversizedHeader])
            .payload("setup.py"),
        );
    }
    for kind in [b'x', b'g'] {
        cases.push(
            Case::new(
                format!("a PAX {} header of 200 kB", char::from(kind)),
                "a-1.tar.gz",
                pack::gzip(
                    &Tar::new()
                        .pax(kind, &[("comment", &big)])
                        .payload("setup.py")
                        .end(),
                ),
            )
            .kinds(&[OversizedHeader])
            .payload("setup.py"),
        );
        let mut header = Header::file("PaxHeader", 20);
        header.kind = kind;
        cases.push(
            Case::new(
                format!("a malformed PAX {} header", char::from(kind)),
                "a-1.tar",
                Tar::new()
                    .entry(&header, b"99999999999 path=x\n\n")
                    .payload("setup.py")
                    .end(),
            )
            .kinds(&[Corrupt])
            .payload("setup.py"),
        );
        let mut endless = Header::file("PaxHeader", 0);
        endless.kind = kind;
        endless.size = u64::MAX;
        cases.push(
            Case::new(
                format!("a PAX {} header of 16 exabytes", char::from(kind)),
                "a-1.tar",
                Tar::new().payload("setup.py").entry(&endless, b"").end(),
            )
            .kinds(&[OversizedHeader, Corrupt])
            .payload("setup.py"),
        );
    }
    let chain = (0..2000).fold(Tar::new(), |tar, _| tar.pax(b'x', &[("path", b"no")]));
    cases.push(
        Case::new(
            "two thousand PAX headers for one member",
            "a-1.tar",
            chain
                .pax(b'x', &[("path", b"setup.py")])
                .payload("a.txt")
                .end(),
        )
        .payload("setup.py"),
    );
    cases.push(
        Case::new(
            "a PAX name over a GNU name over a header name",
            "a-1.tar",
            Tar::new()
                .gnu(b'L', b"gnu.txt")
                .pax(b'x', &[("path", b"setup.py")])
                .payload("header.txt")
                .end(),
        )
        .payload("setup.py"),
    );
    cases
}

fn sparse() -> Vec<Case> {
    let gnu = |real: &[u8]| {
        let mut map = format!("{:011o}\0{:011o}\0", 0, PAYLOAD.len()).into_bytes();
        map.resize(96, 0);
        patched(
            "setup.py",
            PAYLOAD.len(),
            &[(156, b"S"), (257, b"ustar  \0"), (386, &map), (483, real)],
        )
    };
    let real = format!("{:011o}\0", PAYLOAD.len());
    let length = PAYLOAD.len().to_string();
    let map = format!("0,{length}");
    let mut in_data = format!("1\n0\n{length}\n").into_bytes();
    in_data.resize(512, 0);
    in_data.extend(PAYLOAD);
    vec![
        Case::new(
            "a GNU sparse file",
            "a-1.tar",
            Tar::new().entry(&gnu(real.as_bytes()), PAYLOAD).end(),
        )
        .payload("setup.py"),
        Case::new(
            "a GNU sparse file of 8 gigabytes",
            "a-1.tar",
            Tar::new().entry(&gnu(b"77777777777\0"), PAYLOAD).end(),
        )
        .kinds(&[TooManyBytes])
        .payload("setup.py"),
        Case::new(
            "a GNU sparse file smaller than its pieces",
            "a-1.tar",
            Tar::new().entry(&gnu(b"00000000001\0"), PAYLOAD).end(),
        )
        .kinds(&[Corrupt])
        .payload("setup.py"),
        Case::new(
            "a PAX 0.1 sparse file",
            "a-1.tar",
            Tar::new()
                .pax(
                    b'x',
                    &[
                        ("GNU.sparse.size", length.as_bytes()),
                        ("GNU.sparse.map", map.as_bytes()),
                        ("GNU.sparse.name", b"setup.py"),
                    ],
                )
                .payload("GNUSparseFile.0/setup.py")
                .end(),
        )
        .payload("setup.py"),
        Case::new(
            "a PAX 1.0 sparse file",
            "a-1.tar",
            Tar::new()
                .pax(
                    b'x',
                    &[
                        ("GNU.sparse.major", b"1"),
                        ("GNU.sparse.minor", b"0"),
                        ("GNU.sparse.realsize", length.as_bytes()),
                        ("GNU.sparse.name", b"setup.py"),
                    ],
                )
                .file("GNUSparseFile.0/setup.py", &in_data)
                .end(),
        )
        .payload("setup.py"),
        Case::new(
            "a PAX 1.0 sparse file without its map",
            "a-1.tar",
            Tar::new()
                .pax(
                    b'x',
                    &[("GNU.sparse.major", b"1"), ("GNU.sparse.realsize", b"5")],
                )
                .payload("setup.py")
                .end(),
        )
        .kinds(&[Corrupt])
        .payload("setup.py"),
    ]
}

fn sizes() -> Vec<Case> {
    let mut huge = Header::file("huge.bin", 0);
    huge.size = u64::MAX;
    let mut no_number = patched("odd.bin", 0, &[(124, b"not a number")]);
    no_number.kind = b'0';
    let long = "d/".repeat(1900);
    let long_names = (0..300).fold(Tar::new(), |tar, i| {
        let name = format!("{long}{i}");
        tar.gnu(b'L', name.as_bytes()).file("short", b"")
    });
    let files = (0..500).fold(Tar::new(), |tar, i| tar.file(&format!("real/{i}"), b""));
    let links = (0..500).fold(files, |tar, i| tar.special(b'2', &format!("l{i}"), "real"));
    let many = (0..3000).fold(Tar::new(), |tar, i| tar.file(&format!("f{i}"), b""));
    vec![
        Case::new(
            "a member of 16 exabytes",
            "a-1.tar",
            Tar::new().payload("setup.py").entry(&huge, b"x").end(),
        )
        .kinds(&[Corrupt])
        .payload("setup.py"),
        Case::new(
            "a member whose size is no number",
            "a-1.tar",
            Tar::new().entry(&no_number, b"").payload("setup.py").end(),
        )
        .kinds(&[Corrupt])
        .payload("setup.py"),
        Case::new(
            "names that together take more than all members' should",
            "a-1.tar.gz",
            pack::gzip(&long_names.end()),
        )
        .kinds(&[TooManyEntries]),
        Case::new(
            "linked folders that show the same files again and again",
            "a-1.tar.gz",
            pack::gzip(&links.end()),
        )
        .kinds(&[TooManyEntries]),
        Case::new(
            "more members than allowed",
            "a-1.tar.gz",
            pack::gzip(&many.end()),
        )
        .kinds(&[TooManyEntries]),
    ]
}
