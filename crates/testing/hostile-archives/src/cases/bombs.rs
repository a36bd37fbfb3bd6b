//! Archives that unpack to far more than they are.

use foretaste_model::AnomalyKind::{BombRatio, HeaderMismatch, MislabelledFormat};

use crate::tar::{Header, Tar};
use crate::zip::{Item, Zip};
use crate::{Case, pack};

pub(super) fn cases(bytes: usize) -> Vec<Case> {
    let zeros = vec![0; bytes];
    let mut cases = Vec::new();
    let mut tar = Tar::new().file("bomb.bin", &zeros).end();
    for (extension, pack) in pack::ALL {
        cases.push(
            Case::new(
                format!("a bomb of one file, {extension}"),
                &format!("bomb.{extension}"),
                pack(&zeros),
            )
            .kinds(&[BombRatio]),
        );
        cases.push(
            Case::new(
                format!("a bomb in a tar, {extension}"),
                &format!("bomb.tar.{extension}"),
                pack(&tar),
            )
            .kinds(&[BombRatio]),
        );
    }
    // Zeros behind the end mark are padding, but not without end.
    tar = Tar::new().payload("setup.py").raw(&zeros).end();
    cases.push(
        Case::new("a bomb of padding", "bomb.tar.gz", pack::gzip(&tar))
            .kinds(&[BombRatio])
            .payload("setup.py"),
    );
    let mut header = Header::file("PaxHeader", bytes);
    header.kind = b'x';
    tar = Tar::new().payload("setup.py").entry(&header, &zeros).end();
    cases.push(
        Case::new("a bomb of a PAX header", "bomb.tar.gz", pack::gzip(&tar))
            .kinds(&[BombRatio, foretaste_model::AnomalyKind::OversizedHeader])
            .payload("setup.py"),
    );
    drop(tar);
    let in_zip: [(u16, pack::Pack); 5] = [
        (8, pack::deflate),
        (12, pack::bzip2),
        (14, pack::lzma_in_zip),
        (93, pack::zstd),
        (95, pack::xz),
    ];
    for (method, pack) in in_zip {
        let item = Item::packed("bomb.bin", &zeros, method, pack(&zeros));
        cases.push(
            Case::new(
                format!("a bomb in a zip, method {method}"),
                "bomb.zip",
                Zip::new([item.clone()]).build(),
            )
            .kinds(&[BombRatio]),
        );
        cases.push(
            Case::new(
                format!("a bomb in a zip that states 10 bytes, method {method}"),
                "bomb.zip",
                Zip::new([item.both(|s| s.unpacked = 10)]).build(),
            )
            .kinds(&[BombRatio]),
        );
    }
    cases.extend(shared(&zeros));
    cases
}

/// Bombs that use the same bytes many times.
fn shared(zeros: &[u8]) -> Vec<Case> {
    let piece = &zeros[..zeros.len() / 64];
    let kernel = Item::deflated("kernel", piece);
    let overlapping = Zip::new((0..100).map(|i| {
        let mut item = kernel.clone();
        item.central.name = format!("f{i}").into();
        item.offset = Some(0);
        if i > 0 {
            item.local.name = format!("f{i}").into();
        }
        item
    }));
    let inner = Zip::new([Item::deflated("zeros", piece)]).build();
    let spread = Zip::new((0..100).map(|i| Item::deflated(&format!("{i}.zip"), &inner)));
    let layers = pack::gzip(&pack::gzip(zeros));
    let links = (0..100).fold(Tar::new().file("zeros", piece), |tar, i| {
        tar.special(b'1', &format!("l{i}"), "zeros")
    });
    vec![
        Case::new(
            "a zip of overlapping members",
            "bomb.zip",
            overlapping.build(),
        )
        .kinds(&[BombRatio, HeaderMismatch]),
        Case::new("a zip of a hundred zips", "bomb.zip", spread.build()).kinds(&[BombRatio]),
        Case::new("a gzip in a gzip", "bomb.gz", layers).kinds(&[BombRatio]),
        Case::new(
            "hard links to one large file",
            "bomb.tar.gz",
            pack::gzip(&links.end()),
        )
        .kinds(&[BombRatio]),
        Case::new(
            "a bomb named as a picture",
            "a-1.zip",
            Zip::new([Item::stored("logo.png", &pack::gzip(zeros))]).build(),
        )
        .kinds(&[BombRatio, MislabelledFormat]),
    ]
}
