//! Archives that look odd and are honest: real packages do all of this.

use crate::tar::{Header, Tar};
use crate::zip::{Item, Zip, unicode_path_extra, zip64_extra};
use crate::{Case, PAYLOAD, pack};

/// Archives that must come out without any anomaly.
pub fn honest() -> Vec<Case> {
    let mut cases = zips();
    cases.extend(tars());
    cases.extend(streams());
    cases
}

fn wheel(name: &str, zip: &Zip) -> Case {
    Case::new(name, "a-1-py3-none-any.whl", zip.build())
}

fn zips() -> Vec<Case> {
    // Django's wheel: the signature of an end record within compressed data.
    let chance = [&b"\x12PK\x05\x06\x34"[..], PAYLOAD, b"PK\x05\x06"].concat();
    let nested = Zip::new([Item::payload("inner.py")]).build();
    let commented = Zip {
        comment: b"signed off by nobody".to_vec(),
        ..Zip::new([Item::payload("a.py")])
    };
    let wide = Zip {
        zip64: Some((1, 46 + 4 + 28, 30 + 4 + PAYLOAD.len() as u64)),
        count: Some(u16::MAX),
        size: Some(u32::MAX),
        offset: Some(u32::MAX),
        ..Zip::new([Item::payload("a.py").central(|s| {
            s.unpacked = u32::MAX;
            s.packed = u32::MAX;
            s.extra = zip64_extra(&[PAYLOAD.len() as u64, PAYLOAD.len() as u64, 0]);
        })])
    };
    let mut bare = Item::deflated("b.py", PAYLOAD).streamed();
    bare.descriptor.drain(..4);
    let mut cases = vec![
        wheel(
            "an end record by chance, stored",
            &Zip::new([Item::stored("locale.mo", &chance), Item::payload("a.py")]),
        )
        .payload("a.py"),
        wheel(
            "an end record by chance, in the last member",
            &Zip::new([Item::payload("a.py"), Item::stored("locale.mo", &chance)]),
        )
        .payload("a.py"),
        wheel(
            "a stored zip as last member",
            &Zip::new([Item::stored("inner.zip", &nested)]),
        )
        .payload("inner.zip!/inner.py"),
        wheel("a comment", &commented).payload("a.py"),
        wheel("an empty archive", &Zip::new([])),
        wheel("zip64 throughout", &wide).payload("a.py"),
        wheel(
            "streamed members, with and without the descriptor's signature",
            &Zip::new([Item::deflated("a.py", PAYLOAD).streamed(), bare]),
        )
        .payload("a.py")
        .payload("b.py"),
        wheel(
            "folders, empty files and executables",
            &Zip::new([
                Item::stored("pkg/", b"").mode(0o040_755),
                Item::packed("data/", b"", 8, vec![3, 0]),
                Item::stored("pkg/__init__.py", b""),
                Item::payload("pkg/run.sh").mode(0o100_755),
            ]),
        )
        .payload("pkg/run.sh"),
        wheel(
            "the same file twice",
            &Zip::new([Item::payload("a.py"), Item::deflated("a.py", PAYLOAD)]),
        )
        .payload("a.py"),
        wheel(
            "names of code page 437",
            &Zip::new([Item::payload("").both(|s| s.name = b"\x81.py".to_vec())]),
        )
        .payload("ü.py"),
        wheel(
            "an old name with its Unicode path",
            &Zip::new([Item::payload("").both(|s| {
                s.name = b"\x81.py".to_vec();
                s.extra = unicode_path_extra(b"\x81.py", "ů.py");
            })]),
        )
        .payload("ů.py"),
        wheel(
            "names with a backslash",
            &Zip::new([Item::payload("pkg\\a.py")]),
        )
        .payload("pkg/a.py"),
        Case::new(
            "zeros after the end",
            "a-1.zip",
            Zip {
                suffix: vec![0; 100_000],
                ..Zip::new([Item::payload("a.py")])
            }
            .build(),
        )
        .payload("a.py"),
        Case::new(
            "a zipapp",
            "tool.pyz",
            Zip {
                prefix: b"#!/usr/bin/env python3\n".to_vec(),
                ..Zip::new([Item::payload("__main__.py")])
            }
            .build(),
        )
        .payload("__main__.py"),
    ];
    let methods: [(u16, Vec<u8>); 6] = [
        (9, pack::stored_block(PAYLOAD)),
        (12, pack::bzip2(PAYLOAD)),
        (14, pack::lzma_in_zip(PAYLOAD)),
        (93, pack::zstd(PAYLOAD)),
        (95, pack::xz(PAYLOAD)),
        (8, pack::stored_block(PAYLOAD)),
    ];
    for (method, body) in methods {
        cases.push(
            wheel(
                &format!("compression method {method}"),
                &Zip::new([Item::packed("a.py", PAYLOAD, method, body)]),
            )
            .payload("a.py"),
        );
    }
    cases
}

fn tars() -> Vec<Case> {
    let sdist = |name: &str, tar: Tar| Case::new(name, "a-1.tar.gz", pack::gzip(&tar.end()));
    let long = format!("a-1/{}setup.py", "deep/".repeat(40));
    let mut ustar = Header::file("setup.py", PAYLOAD.len());
    ustar.patches = vec![(345, b"a-1/some/prefix".to_vec())];
    let mut v7 = Header::file("a-1/setup.py", PAYLOAD.len());
    v7.patches = vec![(156, vec![0]), (257, vec![0; 8])];
    let mut old_folder = Header::file("a-1/", 0);
    old_folder.patches = vec![(156, vec![0])];
    let mut sized_folder = Header::file("a-1/", 4096);
    sized_folder.kind = b'5';
    let mut base256 = Header::file("a-1/setup.py", PAYLOAD.len());
    let mut size = vec![0x80; 1];
    size.extend([0; 3]);
    size.extend((PAYLOAD.len() as u64).to_be_bytes());
    base256.patches = vec![(124, size)];
    vec![
        // docutils' sdist: a harmless link inside.
        sdist(
            "a link within the archive",
            Tar::new()
                .special(b'5', "a-1/", "")
                .payload("a-1/docs/readme.txt")
                .special(b'2', "a-1/test/readme.txt", "../docs/readme.txt")
                .special(b'2', "a-1/latest", "docs"),
        )
        .payload("a-1/docs/readme.txt")
        .payload("a-1/latest/readme.txt")
        .payload("a-1/test/readme.txt"),
        sdist(
            "links that lead nowhere, and to a folder around them",
            Tar::new()
                .special(b'2', "a-1/gone", "nothing/here")
                .special(b'2', "a-1/here", ".")
                .payload("a-1/setup.py"),
        )
        .payload("a-1/setup.py"),
        sdist("no top folder", Tar::new().payload("./setup.py")).payload("setup.py"),
        sdist(
            "a GNU long name",
            Tar::new().gnu(b'L', long.as_bytes()).payload("a-1/deep"),
        )
        .payload(&long),
        sdist(
            "a PAX long name, times and a comment for all",
            Tar::new()
                .pax(b'g', &[("comment", b"4f2a")])
                .pax(b'x', &[("mtime", b"1.5"), ("path", long.as_bytes())])
                .payload("a-1/deep"),
        )
        .payload(&long),
        sdist("a ustar prefix", Tar::new().entry(&ustar, PAYLOAD))
            .payload("a-1/some/prefix/setup.py"),
        sdist(
            "a v7 tar",
            Tar::new().entry(&old_folder, b"").entry(&v7, PAYLOAD),
        )
        .payload("a-1/setup.py"),
        sdist(
            "a folder with the size that stat gave",
            Tar::new().entry(&sized_folder, b"").payload("a-1/setup.py"),
        )
        .payload("a-1/setup.py"),
        sdist("a size in base 256", Tar::new().entry(&base256, PAYLOAD)).payload("a-1/setup.py"),
        sdist(
            "the same file twice",
            Tar::new().payload("a-1/setup.py").payload("a-1/setup.py"),
        )
        .payload("a-1/setup.py"),
        sdist(
            "names of many scripts",
            Tar::new()
                .payload("a-1/größe.py")
                .file("a-1/日本語.md", b"")
                .file("a-1/👩\u{200D}💻.svg", b""),
        )
        .payload("a-1/größe.py"),
        sdist(
            "padding to a record",
            Tar::new().payload("a-1/setup.py").raw(&[0; 9 * 1024]),
        )
        .payload("a-1/setup.py"),
        Case::new("an empty tar", "a-1.tar", vec![0; 10_240]),
        Case::new("an empty tar.gz", "a-1.tar.gz", pack::gzip(&[0; 10_240])),
    ]
}

fn streams() -> Vec<Case> {
    let tar = Tar::new().payload("a-1/setup.py").end();
    let mut cases = Vec::new();
    for (extension, pack) in pack::ALL {
        let filename = format!("a-1.tar.{extension}");
        let case = Case::new(format!("a tar.{extension}"), &filename, pack(&tar));
        cases.push(case.payload("a-1/setup.py"));
        let filename = format!("notes.txt.{extension}");
        let case = Case::new(format!("one file in {extension}"), &filename, pack(PAYLOAD));
        cases.push(case.payload("notes.txt"));
    }
    cases.push(
        Case::new(
            "zeros behind a gzip",
            "a-1.tar.gz",
            [pack::gzip(&tar), vec![0; 1024]].concat(),
        )
        .payload("a-1/setup.py"),
    );
    for (extension, pack) in [pack::ALL[0], pack::ALL[1], pack::ALL[2], pack::ALL[4]] {
        let (a, b) = tar.split_at(600);
        cases.push(
            Case::new(
                format!("a tar in two {extension} streams"),
                &format!("a-1.tar.{extension}"),
                [pack(a), pack(b)].concat(),
            )
            .payload("a-1/setup.py"),
        );
    }
    cases.push(
        Case::new(
            "compressed data within a package",
            "a-1.tar.gz",
            pack::gzip(
                &Tar::new()
                    .file("a-1/iris.csv.gz", &pack::gzip(PAYLOAD))
                    .end(),
            ),
        )
        .payload("a-1/iris.csv.gz!/iris.csv"),
    );
    cases.push(
        Case::new(
            "bytes that only begin like an archive",
            "a-1.tar.gz",
            pack::gzip(
                &Tar::new()
                    .file("a-1/data.bin", b"\x1F\x8B\x08 but no gzip header at all")
                    .file("a-1/BZh9.txt", b"BZh9 is a magic number")
                    .payload("a-1/setup.py")
                    .end(),
            ),
        )
        .payload("a-1/setup.py"),
    );
    cases
}
