//! What an archive is, by its content and by its name.

use crate::stream::Decoder;
use crate::{tar, zip};

/// How a stream is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Compression {
    /// gzip (RFC 1952).
    Gzip,
    /// bzip2.
    Bzip2,
    /// xz.
    Xz,
    /// The older `.lzma` format of LZMA Utils.
    Lzma,
    /// Zstandard (RFC 8878).
    Zstd,
}

impl Compression {
    /// Every compression.
    pub const ALL: [Self; 5] = [Self::Gzip, Self::Bzip2, Self::Xz, Self::Lzma, Self::Zstd];

    /// The compression of a stream by its first bytes. `.lzma` has no magic number: only its most usual header is
    /// known.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x1F, 0x8B, 8, ..] => Some(Self::Gzip),
            [
                b'B',
                b'Z',
                b'h',
                b'1'..=b'9',
                b'1',
                b'A',
                b'Y',
                b'&',
                b'S',
                b'Y',
                ..,
            ]
            | [
                b'B',
                b'Z',
                b'h',
                b'1'..=b'9',
                0x17,
                b'r',
                b'E',
                b'8',
                b'P',
                0x90,
                ..,
            ] => Some(Self::Bzip2),
            [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [0x5D, 0, 0, _, _, size @ ..]
                if size.starts_with(&[0xFF; 8]) || matches!(size, [_, _, _, _, _, 0, 0, 0, ..]) =>
            {
                Some(Self::Lzma)
            }
            [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The file name extension, without its dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Gzip => "gz",
            Self::Bzip2 => "bz2",
            Self::Xz => "xz",
            Self::Lzma => "lzma",
            Self::Zstd => "zst",
        }
    }
}

/// What an archive is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// A zip: wheels, eggs, NuGet packages.
    Zip,
    /// A tar: compressed for sdists, npm tarballs and crates; plain for gems.
    Tar(Option<Compression>),
    /// One compressed file.
    Single(Compression),
}

impl Format {
    /// The usual file name extension, e.g. `tar.gz`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Zip => "zip",
            Self::Tar(None) => "tar",
            Self::Tar(Some(Compression::Gzip)) => "tar.gz",
            Self::Tar(Some(Compression::Bzip2)) => "tar.bz2",
            Self::Tar(Some(Compression::Xz)) => "tar.xz",
            Self::Tar(Some(Compression::Lzma)) => "tar.lzma",
            Self::Tar(Some(Compression::Zstd)) => "tar.zst",
            Self::Single(compression) => compression.extension(),
        }
    }
}

/// The format of an archive by its content. Looks into compressed streams for a tar, and for a zip behind other
/// data.
pub fn sniff(bytes: &[u8]) -> Option<Format> {
    if tar::is_header(bytes) {
        return Some(Format::Tar(None));
    }
    if zip::starts(bytes) {
        return Some(Format::Zip);
    }
    if let Some(compression) = Compression::of(bytes) {
        let mut decoder = Decoder::new(compression, bytes, 0);
        let tar = tar::is_header(decoder.peek(tar::BLOCK));
        return Some(if tar {
            Format::Tar(Some(compression))
        } else {
            Format::Single(compression)
        });
    }
    zip::ends(bytes).then_some(Format::Zip)
}

/// The name of a format that is known but cannot be opened here.
pub(crate) fn unsupported(bytes: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 8] = [
        (b"7z\xBC\xAF\x27\x1C", "7z"),
        (b"Rar!\x1A\x07", "RAR"),
        (b"MSCF\0\0\0\0", "cabinet"),
        (b"!<arch>\n", "ar"),
        (b"\x1F\x9D", "compress (.Z)"),
        (b"LZIP\x01", "lzip"),
        (b"\x04\x22\x4D\x18", "lz4"),
        (b"070701", "cpio"),
    ];
    KNOWN
        .iter()
        .find(|(magic, _)| bytes.starts_with(magic))
        .map(|(_, name)| *name)
}

/// What a file name promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    /// An archive of this format.
    Archive(Format),
    /// This compression, with a tar in it or not.
    Compressed(Compression),
    /// Some content that is certainly no archive.
    Content,
    /// Nothing: many formats are zip archives under another name.
    Nothing,
}

impl Promise {
    pub(crate) fn of(filename: &str) -> Self {
        use Compression::{Bzip2, Gzip, Lzma, Xz, Zstd};
        let name = filename.to_ascii_lowercase();
        let mut parts = name.rsplit('.');
        let last = parts.next().unwrap_or_default();
        let Some(before) = parts.next() else {
            return Self::Nothing;
        };
        let compression = match last {
            "zip" | "whl" | "egg" | "nupkg" | "jar" | "docx" | "xlsx" | "pptx" | "vsix" | "apk" => {
                return Self::Archive(Format::Zip);
            }
            "tar" | "gem" => return Self::Archive(Format::Tar(None)),
            "tgz" | "crate" => return Self::Archive(Format::Tar(Some(Gzip))),
            "tbz" | "tbz2" => return Self::Archive(Format::Tar(Some(Bzip2))),
            "txz" => return Self::Archive(Format::Tar(Some(Xz))),
            "tlz" => return Self::Archive(Format::Tar(Some(Lzma))),
            "tzst" => return Self::Archive(Format::Tar(Some(Zstd))),
            "gz" => Gzip,
            "bz2" => Bzip2,
            "xz" => Xz,
            "lzma" => Lzma,
            "zst" => Zstd,
            "py" | "pyi" | "pth" | "js" | "mjs" | "cjs" | "jsx" | "ts" | "tsx" | "json" | "md"
            | "rst" | "txt" | "html" | "css" | "toml" | "yaml" | "yml" | "cfg" | "ini" | "sh"
            | "rs" | "c" | "h" | "cpp" | "rb" | "php" | "go" | "png" | "jpg" | "jpeg" | "gif"
            | "webp" | "ico" | "svg" | "bmp" | "ttf" | "otf" | "woff" | "woff2" | "mp3" | "wav"
            | "mp4" | "pdf" => return Self::Content,
            _ => return Self::Nothing,
        };
        if before == "tar" {
            Self::Archive(Format::Tar(Some(compression)))
        } else {
            Self::Compressed(compression)
        }
    }

    /// True if content of this format breaks the promise.
    pub(crate) fn is_broken_by(self, format: Format) -> bool {
        match self {
            Self::Archive(promised) => promised != format,
            Self::Compressed(promised) => !matches!(
                format,
                Format::Tar(Some(c)) | Format::Single(c) if c == promised
            ),
            Self::Content => true,
            Self::Nothing => false,
        }
    }
}

/// The name of the one file in a compressed file.
pub(crate) fn inner_name(filename: &str, compression: Compression) -> &str {
    let file = filename.rsplit('/').next().unwrap_or(filename);
    let stem = file
        .rsplit_once('.')
        .filter(|(stem, last)| {
            !stem.is_empty() && last.eq_ignore_ascii_case(compression.extension())
        })
        .map_or(file, |(stem, _)| stem);
    if stem.is_empty() { "content" } else { stem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_promise_formats() {
        let gz = Some(Compression::Gzip);
        let cases = [
            ("a-1.0.tar.gz", Promise::Archive(Format::Tar(gz))),
            ("a-1.0.TGZ", Promise::Archive(Format::Tar(gz))),
            ("a-1.0.crate", Promise::Archive(Format::Tar(gz))),
            ("a-1.0-py3-none-any.whl", Promise::Archive(Format::Zip)),
            ("iris.csv.gz", Promise::Compressed(Compression::Gzip)),
            ("setup.py", Promise::Content),
            ("weights.npz", Promise::Nothing),
            ("gz", Promise::Nothing),
            ("", Promise::Nothing),
        ];
        for (name, promise) in cases {
            assert_eq!(Promise::of(name), promise, "{name}");
        }
    }

    #[test]
    fn the_file_in_a_compressed_file_loses_one_extension() {
        assert_eq!(inner_name("d/iris.csv.gz", Compression::Gzip), "iris.csv");
        assert_eq!(inner_name("x.gz", Compression::Gzip), "x");
        assert_eq!(inner_name(".gz", Compression::Gzip), ".gz");
        assert_eq!(inner_name("a/b/", Compression::Gzip), "content");
        assert_eq!(inner_name("data", Compression::Xz), "data");
    }

    #[test]
    fn magic_numbers_are_known() {
        assert_eq!(Compression::of(b"\x1F\x8B\x08\0"), Some(Compression::Gzip));
        assert_eq!(Compression::of(b"BZh91AY&SY"), Some(Compression::Bzip2));
        assert_eq!(Compression::of(b"BZhello, world"), None);
        assert_eq!(
            Compression::of(b"\x28\xB5\x2F\xFD"),
            Some(Compression::Zstd)
        );
        assert_eq!(Compression::of(b""), None);
        assert_eq!(unsupported(b"7z\xBC\xAF\x27\x1C\0"), Some("7z"));
    }
}
