//! Lies in zip structures.

use foretaste_model::AnomalyKind::{
    ChecksumMismatch, Corrupt, Encrypted, HeaderMismatch, PrependedData, TooManyEntries,
    TrailingData, UnsupportedMethod,
};

use crate::zip::{Item, Zip, unicode_path_extra, zip64_extra};
use crate::{Case, PAYLOAD, pack};

fn case(name: &str, zip: &Zip) -> Case {
    Case::new(format!("zip: {name}"), "a-1-py3-none-any.whl", zip.build())
}

fn one(item: Item) -> Zip {
    Zip::new([item])
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = headers();
    cases.extend(methods());
    cases.extend(surroundings());
    cases.extend(directories());
    cases
}

fn headers() -> Vec<Case> {
    let length = PAYLOAD.len() as u32;
    let payload = || Item::deflated("a.py", PAYLOAD);
    vec![
        case(
            "the local header has another name",
            &one(Item::payload("readme.txt").local(|s| s.name = b"setup.py".to_vec())),
        )
        .kinds(&[HeaderMismatch])
        .payload("readme.txt")
        .payload("setup.py"),
        case(
            "the local header has another method",
            &one(
                Item::packed("setup.py", PAYLOAD, 8, pack::stored_block(PAYLOAD))
                    .local(|s| s.method = 0),
            ),
        )
        .kinds(&[HeaderMismatch, ChecksumMismatch])
        .payload("setup.py"),
        case(
            "the local header has another checksum",
            &one(payload().local(|s| s.crc ^= 1)),
        )
        .kinds(&[HeaderMismatch])
        .payload("a.py"),
        case(
            "the local header has another size",
            &one(payload().local(|s| s.unpacked += 1)),
        )
        .kinds(&[HeaderMismatch])
        .payload("a.py"),
        case(
            "the directory hides the tail of a member",
            &one(Item::payload("a.py").central(|s| {
                s.packed = 1;
                s.unpacked = 1;
                s.crc = crc32fast::hash(b"#");
            })),
        )
        .kinds(&[HeaderMismatch])
        .payload("a.py"),
        case(
            "the local header hides the tail of a member",
            &one(Item::payload("a.py").local(|s| {
                s.packed = 1;
                s.unpacked = 1;
                s.crc = crc32fast::hash(b"#");
            })),
        )
        .kinds(&[HeaderMismatch])
        .payload("a.py"),
        case(
            "both headers state too small a size",
            &one(payload().both(|s| s.unpacked = 3)),
        )
        .kinds(&[HeaderMismatch])
        .payload("a.py"),
        case(
            "both headers state 4 gigabytes",
            &one(payload().both(|s| s.unpacked = u32::MAX - 1)),
        )
        .kinds(&[HeaderMismatch])
        .payload("a.py"),
        case(
            "both headers have a wrong checksum",
            &one(payload().both(|s| s.crc ^= 1)),
        )
        .kinds(&[ChecksumMismatch])
        .payload("a.py"),
        case(
            "only the directory says encrypted",
            &one(Item::payload("a.py").central(|s| s.flags |= 1)),
        )
        .kinds(&[Encrypted, HeaderMismatch])
        .payload("a.py"),
        case(
            "only the local header says encrypted",
            &one(Item::payload("a.py").local(|s| s.flags |= 1)),
        )
        .kinds(&[Encrypted, HeaderMismatch])
        .payload("a.py"),
        case(
            "encrypted",
            &Zip::new([
                Item::stored("secret", b"\x93cipher").both(|s| s.flags |= 1),
                Item::payload("a.py"),
            ]),
        )
        .kinds(&[Encrypted])
        .payload("a.py"),
        case(
            "AES",
            &Zip::new([
                Item::stored("secret", b"\x93cipher").both(|s| {
                    s.method = 99;
                    s.flags |= 1;
                }),
                Item::payload("a.py"),
            ]),
        )
        .kinds(&[Encrypted])
        .payload("a.py"),
        case(
            "a zip64 field repeats the sizes with other values",
            &one(Item::payload("a.py").central(|s| s.extra = zip64_extra(&[1, 1]))),
        )
        .kinds(&[HeaderMismatch])
        .payload("a.py"),
        case(
            "zip64 sizes of exabytes",
            &one(Item::payload("a.py").central(|s| {
                s.packed = u32::MAX;
                s.unpacked = u32::MAX;
                s.extra = zip64_extra(&[u64::MAX - 1, u64::MAX - 1]);
            })),
        )
        .kinds(&[Corrupt, HeaderMismatch])
        .payload("a.py"),
        case(
            "a Unicode path gives a second name",
            &one(Item::payload("readme.txt").central(|s| {
                s.extra = unicode_path_extra(b"readme.txt", "setup.py");
            })),
        )
        .kinds(&[HeaderMismatch])
        .payload("readme.txt")
        .payload("setup.py"),
        case("a folder with content", &one(Item::payload("folder/")))
            .kinds(&[HeaderMismatch])
            .payload("folder"),
        case(
            "data after the end of a deflate stream",
            &one({
                let body = [pack::deflate(PAYLOAD), vec![0xEE; 40]].concat();
                Item::packed("a.py", PAYLOAD, 8, body)
            }),
        )
        .kinds(&[TrailingData])
        .payload("a.py"),
        case(
            "a broken deflate stream between good members",
            &Zip::new([
                Item::packed("x", b"x", 8, vec![0xFF; 40]),
                Item::payload("a.py"),
            ]),
        )
        .kinds(&[Corrupt])
        .payload("a.py"),
        case(
            "a local header that is not there",
            &Zip::new([
                Item {
                    offset: Some(3),
                    ..Item::stored("x", b"x")
                },
                Item::payload("a.py"),
            ]),
        )
        .kinds(&[Corrupt, HeaderMismatch])
        .payload("a.py"),
        case(
            "an offset behind the end of the file",
            &Zip::new([
                Item {
                    offset: Some(u32::MAX - 1),
                    ..Item::stored("x", b"x")
                },
                Item::payload("a.py"),
            ]),
        )
        .kinds(&[Corrupt, HeaderMismatch])
        .payload("a.py"),
        case(
            "two entries share one local header",
            &Zip::new([
                Item::payload("a.py"),
                Item {
                    offset: Some(0),
                    ..Item::stored("b.py", PAYLOAD)
                },
            ]),
        )
        .kinds(&[HeaderMismatch])
        .payload("a.py")
        .payload("b.py"),
        case(
            "a member runs into the directory",
            &one(Item::payload("a.py").both(|s| s.packed = length + 40)),
        )
        .kinds(&[HeaderMismatch])
        .payload("a.py"),
    ]
}

fn methods() -> Vec<Case> {
    let mut cases = Vec::new();
    for method in [1, 2, 6, 10, 18, 94, 96, 97, 98, 200] {
        cases.push(
            case(
                &format!("method {method}"),
                &Zip::new([
                    Item::packed("x", b"x", method, b"x".to_vec()),
                    Item::payload("a.py"),
                ]),
            )
            .kinds(&[UnsupportedMethod])
            .payload("a.py"),
        );
    }
    for method in [9, 12, 14, 93, 95] {
        for body in [
            &b""[..],
            b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
        ] {
            cases.push(
                case(
                    &format!("garbage of method {method}, {} bytes", body.len()),
                    &Zip::new([
                        Item::packed("x", b"xx", method, body.to_vec()),
                        Item::payload("a.py"),
                    ]),
                )
                .kinds(&[Corrupt])
                .payload("a.py"),
            );
        }
    }
    cases
}

fn surroundings() -> Vec<Case> {
    let item = || [Item::payload("a.py")];
    let with = |change: &dyn Fn(&mut Zip)| {
        let mut zip = Zip::new(item());
        change(&mut zip);
        zip
    };
    let prefix = b"\x89PNG and other bytes".to_vec();
    let hidden = Zip::new([
        Item::payload("hidden.py").unlisted(),
        Item::stored("b.txt", b"b"),
    ]);
    let mut cut = with(&|z| z.comment = b"comment".to_vec()).build();
    cut.truncate(cut.len() - 3);
    let streamed = Zip::new([
        Item::deflated("hidden.py", PAYLOAD).streamed().unlisted(),
        Item::stored("b.txt", b"b"),
    ]);
    let stored_stream = Zip::new([
        Item::payload("hidden.py").streamed().unlisted(),
        Item::stored("b.txt", b"b"),
    ]);
    vec![
        case(
            "data before it, offsets adjusted",
            &with(&|z| z.prefix.clone_from(&prefix)),
        )
        .kinds(&[PrependedData])
        .payload("a.py"),
        case(
            "data before it, offsets not adjusted",
            &with(&|z| {
                z.prefix.clone_from(&prefix);
                z.shifted = true;
            }),
        )
        .kinds(&[PrependedData])
        .payload("a.py"),
        case(
            "a program before a wheel",
            &with(&|z| z.prefix = b"#!/bin/sh\nexit 0\n".to_vec()),
        )
        .kinds(&[PrependedData])
        .payload("a.py"),
        case("data after it", &with(&|z| z.suffix = b"and more".to_vec()))
            .kinds(&[TrailingData])
            .payload("a.py"),
        case(
            "much data after it",
            &with(&|z| z.suffix = b"and more".repeat(20_000)),
        )
        .kinds(&[TrailingData])
        .payload("a.py"),
        case(
            "bytes between members and directory",
            &with(&|z| z.gap = b"nobody's bytes".to_vec()),
        )
        .kinds(&[HeaderMismatch])
        .payload("a.py"),
        Case::new("zip: a comment that is cut off", "a-1.zip", cut)
            .kinds(&[Corrupt])
            .payload("a.py"),
        case("a member that no directory lists", &hidden)
            .kinds(&[HeaderMismatch])
            .payload("hidden.py"),
        case("a streamed member that no directory lists", &streamed)
            .kinds(&[HeaderMismatch])
            .payload("hidden.py"),
        case(
            "a stored, streamed member that no directory lists",
            &stored_stream,
        )
        .kinds(&[HeaderMismatch])
        .payload("hidden.py"),
    ]
}

fn directories() -> Vec<Case> {
    let two = || [Item::stored("b.txt", b"b"), Item::payload("a.py")];
    let with = |change: &dyn Fn(&mut Zip)| {
        let mut zip = Zip::new(two());
        change(&mut zip);
        zip
    };
    let many = Zip::new((0..3000).map(|i| Item::stored(&format!("f{i}"), b"")));
    let mut cases = vec![
        case("too small a count", &with(&|z| z.count = Some(1)))
            .kinds(&[HeaderMismatch])
            .payload("a.py"),
        case("too large a count", &with(&|z| z.count = Some(9)))
            .kinds(&[HeaderMismatch])
            .payload("a.py"),
        case(
            "a directory of the wrong size",
            &with(&|z| z.size = Some(7)),
        )
        .kinds(&[HeaderMismatch])
        .payload("a.py"),
        case(
            "a directory at the wrong offset",
            &with(&|z| z.offset = Some(7)),
        )
        .kinds(&[HeaderMismatch])
        .payload("a.py"),
        case(
            "a directory without size and offset",
            &with(&|z| {
                z.size = Some(7);
                z.offset = Some(7);
            }),
        )
        .kinds(&[Corrupt])
        .payload("a.py"),
        case(
            "a zip64 end record with other values",
            &with(&|z| z.zip64 = Some((1, 46, 0))),
        )
        .kinds(&[Corrupt])
        .payload("a.py"),
        case("more members than allowed", &many).kinds(&[TooManyEntries]),
    ];
    // A directory that ends early hides what stands behind it.
    let mut cut = Zip::new(two()).build();
    let at = cut.len() - 22 - 46 - 4;
    cut[at] = b'X';
    cases.push(
        Case::new("zip: a directory with a broken entry", "a-1.zip", cut)
            .kinds(&[HeaderMismatch])
            .payload("a.py"),
    );
    cases
}
