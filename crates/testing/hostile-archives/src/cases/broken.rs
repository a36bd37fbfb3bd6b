//! Archives that break off, and what is no archive at all.

use foretaste_model::AnomalyKind::{ChecksumMismatch, Corrupt, UnsupportedMethod};

use crate::tar::Tar;
use crate::zip::{Item, Zip};
use crate::{Case, PAYLOAD, pack};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let empty: [(&str, Vec<u8>); 7] = [
        ("nothing", Vec::new()),
        ("one byte", vec![0x1F]),
        ("a gzip magic number", vec![0x1F, 0x8B, 8]),
        ("a gzip header", vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]),
        ("zeros", vec![0; 5000]),
        ("text", b"<html>404 Not Found</html>".repeat(50)),
        ("noise", noise(10_000)),
    ];
    for (what, bytes) in empty {
        cases.push(Case::new(what, "a-1.tar.gz", bytes).kinds(&[Corrupt]));
    }
    let magic = Case::new("a zip magic number", "a-1.zip", b"PK\x03\x04".to_vec());
    cases.push(magic.kinds(&[Corrupt]));
    let unsupported: [(&str, &[u8]); 4] = [
        ("7z", b"7z\xBC\xAF\x27\x1C\0\x04"),
        ("RAR", b"Rar!\x1A\x07\x01\0"),
        ("compress", b"\x1F\x9D\x90abc"),
        ("ar", b"!<arch>\ndebian-binary"),
    ];
    for (what, bytes) in unsupported {
        cases.push(Case::new(what, "a-1.bin", bytes.to_vec()).kinds(&[UnsupportedMethod]));
    }
    let tar = Tar::new().payload("setup.py").file("b", &noise(3000)).end();
    for (extension, pack) in pack::ALL {
        let whole = pack(&tar);
        let half = whole[..whole.len() - whole.len() / 3].to_vec();
        cases.push(
            Case::new(
                format!("a tar.{extension} cut off by a third"),
                &format!("a-1.tar.{extension}"),
                half,
            )
            .kinds(&[Corrupt]),
        );
    }
    let empty = pack::bzip2(b"").repeat(2_000);
    cases.push(Case::new("empty streams without end", "a.bz2", empty).kinds(&[Corrupt]));
    let mut gzip = pack::gzip(&tar);
    let at = gzip.len() - 8;
    gzip[at] ^= 1;
    cases.push(
        Case::new("a gzip with a wrong checksum", "a-1.tar.gz", gzip.clone())
            .kinds(&[ChecksumMismatch])
            .payload("setup.py"),
    );
    gzip[at] ^= 1;
    gzip[at + 4] ^= 1;
    cases.push(
        Case::new("a gzip with a wrong length", "a-1.tar.gz", gzip)
            .kinds(&[ChecksumMismatch])
            .payload("setup.py"),
    );
    let zip = Zip::new([Item::payload("a.py"), Item::deflated("b.bin", &noise(3000))]).build();
    cases.push(
        Case::new(
            "a zip without its end",
            "a-1.zip",
            zip[..zip.len() - 30].to_vec(),
        )
        .kinds(&[Corrupt])
        .payload("a.py"),
    );
    let streamed = Zip::new([
        Item::deflated("a.py", PAYLOAD).streamed(),
        Item::deflated("b.bin", &noise(3000)).streamed(),
    ])
    .build();
    cases.push(
        Case::new(
            "half of a streamed zip",
            "a-1.zip",
            streamed[..1500].to_vec(),
        )
        .kinds(&[Corrupt])
        .payload("a.py"),
    );
    cases
}

/// Bytes that do not compress; the same each time.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        })
        .collect()
}
