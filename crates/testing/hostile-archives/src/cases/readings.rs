//! Archives that different tools read differently as a whole.

use foretaste_model::AnomalyKind::{
    Corrupt, HeaderMismatch, MislabelledFormat, PrependedData, TooDeep, TrailingData,
};

use crate::tar::Tar;
use crate::zip::{Item, Zip};
use crate::{Case, pack};

/// An archive in an archive in an archive.
fn nested(levels: usize) -> Vec<u8> {
    let mut bytes = Zip::new([Item::payload("a.py")]).build();
    for level in 0..levels {
        bytes = if level % 2 == 0 {
            pack::gzip(&Tar::new().file("inner.zip", &bytes).end())
        } else {
            Zip::new([Item::stored("inner.tgz", &bytes)]).build()
        };
    }
    bytes
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = polyglots();
    cases.push(
        Case::new("four archives deep", "a-1.zip", nested(3))
            .kinds(&[MislabelledFormat])
            .payload("inner.zip!/inner.tgz!/inner.zip!/a.py"),
    );
    cases.push(Case::new("five archives deep", "a-1.zip", nested(4)).kinds(&[TooDeep]));
    cases.push(Case::new("thirty archives deep", "a-1.zip", nested(30)).kinds(&[TooDeep]));
    let mut spiral = pack::gzip(b"nothing");
    for _ in 0..50 {
        spiral = pack::gzip(&spiral);
    }
    cases.push(Case::new("gzip in gzip, fifty times", "a.gz", spiral).kinds(&[TooDeep]));
    cases
}

fn polyglots() -> Vec<Case> {
    let honest_tar = pack::gzip(&Tar::new().file("a-1/setup.py", b"harmless").end());
    let zip_at = |base: usize| Zip::new([Item::payload("setup.py")]).build_at(base);
    let appended = [honest_tar.clone(), zip_at(honest_tar.len())].concat();
    let mut padded = appended.clone();
    padded.push(b'\n');
    let plain = Tar::new().file("a-1/setup.py", b"harmless").end();
    let behind_tar = [plain.clone(), zip_at(plain.len())].concat();
    let unadjusted = [honest_tar.clone(), zip_at(0)].concat();

    // An end record with a directory of its own, inside the comment of another.
    let outer = Zip::new([Item::stored("a.txt", b"harmless")]);
    let base = outer.build().len();
    let inner = Zip::new([Item::payload("setup.py")]).build_at(base);
    let two_ends = Zip {
        comment: inner,
        ..outer
    };

    let in_comment = |bytes: &[u8]| Zip {
        comment: bytes.to_vec(),
        ..Zip::new([Item::payload("a.py")])
    };
    vec![
        Case::new("a zip behind an sdist", "a-1.tar.gz", appended)
            .kinds(&[TrailingData, MislabelledFormat, PrependedData])
            .payload("setup.py"),
        Case::new("a zip and a newline behind an sdist", "a-1.tar.gz", padded)
            .kinds(&[TrailingData, MislabelledFormat, PrependedData])
            .payload("setup.py"),
        Case::new(
            "a zip behind an sdist, offsets not adjusted",
            "a-1.tar.gz",
            unadjusted,
        )
        .kinds(&[TrailingData, MislabelledFormat, PrependedData])
        .payload("setup.py"),
        Case::new("a zip behind a plain tar", "a-1.tar", behind_tar)
            .kinds(&[TrailingData, MislabelledFormat, PrependedData])
            .payload("setup.py"),
        Case::new("a zip in the comment of a zip", "a-1.zip", two_ends.build())
            .kinds(&[HeaderMismatch])
            .payload("setup.py"),
        Case::new(
            "a comment with an end record that leads nowhere",
            "a-1.zip",
            in_comment(b"PK\x05\x06\0\0\0\0\x01\0\x01\0\xFF\0\0\0\xFF\0\0\0\0\0").build(),
        )
        .payload("a.py"),
        Case::new(
            "a wheel named as an sdist",
            "a-1.tar.gz",
            Zip::new([Item::payload("a.py")]).build(),
        )
        .kinds(&[MislabelledFormat])
        .payload("a.py"),
        Case::new(
            "an sdist named as a wheel",
            "a-1-py3-none-any.whl",
            pack::gzip(&Tar::new().payload("a.py").end()),
        )
        .kinds(&[MislabelledFormat])
        .payload("a.py"),
        Case::new(
            "a plain tar named as an npm tarball",
            "a-1.tgz",
            Tar::new().payload("package/a.js").end(),
        )
        .kinds(&[MislabelledFormat])
        .payload("package/a.js"),
        Case::new(
            "an archive named as a picture",
            "a-1.zip",
            Zip::new([Item::stored(
                "logo.png",
                &Zip::new([Item::payload("a.py")]).build(),
            )])
            .build(),
        )
        .kinds(&[MislabelledFormat])
        .payload("logo.png!/a.py"),
        Case::new(
            "a picture that is a zip at its end",
            "a-1.zip",
            Zip::new([Item::stored(
                "logo.png",
                &Zip {
                    prefix: b"\x89PNG\r\n\x1A\n".to_vec(),
                    ..Zip::new([Item::payload("a.py")])
                }
                .build(),
            )])
            .build(),
        )
        .kinds(&[MislabelledFormat, PrependedData])
        .payload("logo.png!/a.py"),
        Case::new("a member of a gzip stream in two parts", "a-1.tar.gz", {
            let tar = Tar::new().payload("a-1/setup.py").end();
            let (a, b) = tar.split_at(700);
            [pack::gzip(a), pack::gzip(b)].concat()
        })
        .payload("a-1/setup.py"),
        Case::new(
            "garbage behind an sdist",
            "a-1.tar.gz",
            [
                pack::gzip(&Tar::new().payload("a-1/setup.py").end()),
                b"garbage".to_vec(),
            ]
            .concat(),
        )
        .kinds(&[TrailingData])
        .payload("a-1/setup.py"),
        Case::new(
            "half a gzip header behind an sdist",
            "a-1.tar.gz",
            [
                pack::gzip(&Tar::new().payload("a-1/setup.py").end()),
                b"\x1F\x8B\x08".to_vec(),
            ]
            .concat(),
        )
        .kinds(&[Corrupt])
        .payload("a-1/setup.py"),
    ]
}
