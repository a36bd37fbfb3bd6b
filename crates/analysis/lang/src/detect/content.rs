//! Detection by content: magic numbers, shebangs, and whether it is text at all.

use super::reading::{Reader, Reading, of_hint, of_reader};

/// How much of a file decides what it is.
const SAMPLE: usize = 8 << 10;

/// Magic numbers that no text begins with.
const MAGICS: &[(&[u8], Reader)] = &[
    (b"\x7fELF", Reader::Native),
    (b"\xfe\xed\xfa\xce", Reader::Native),
    (b"\xfe\xed\xfa\xcf", Reader::Native),
    (b"\xce\xfa\xed\xfe", Reader::Native),
    (b"\xcf\xfa\xed\xfe", Reader::Native),
    (b"!<arch>\n", Reader::Native),
    (b"\0asm", Reader::Wasm),
    (b"dex\n03", Reader::Bytecode),
    (b"\x89PNG\r\n\x1a\n", Reader::Media),
    (b"\xff\xd8\xff", Reader::Media),
    (b"II*\0", Reader::Media),
    (b"MM\0*", Reader::Media),
    (b"\0\0\x01\0", Reader::Media),
    (b"\0\0\x02\0", Reader::Media),
    (b"wOFF\0", Reader::Media),
    (b"wOF2\0", Reader::Media),
    (b"OTTO\0", Reader::Media),
    (b"\0\x01\0\0\0", Reader::Media),
    (b"fLaC\0", Reader::Media),
    (b"OggS\0", Reader::Media),
    (b"PK\x03\x04", Reader::Archive),
    (b"PK\x05\x06", Reader::Archive),
    (b"\x1f\x8b\x08", Reader::Archive),
    (b"\xfd7zXZ\0", Reader::Archive),
    (b"\x28\xb5\x2f\xfd", Reader::Archive),
    (b"7z\xbc\xaf\x27\x1c", Reader::Archive),
    (b"Rar!\x1a\x07", Reader::Archive),
    (b"MSCF\0\0\0\0", Reader::Archive),
];

/// The family of binary content, if its magic number says so beyond doubt.
pub(super) fn binary(bytes: &[u8]) -> Option<Reader> {
    let magic = MAGICS
        .iter()
        .find(|(magic, _)| bytes.starts_with(magic))
        .map(|(_, reader)| *reader);
    magic
        .or_else(|| riff(bytes))
        .or_else(|| java_or_fat(bytes))
        .or_else(|| is_pe(bytes).then_some(Reader::Native))
        .or_else(|| is_pyc(bytes).then_some(Reader::Pyc))
        .or_else(|| is_bzip2(bytes).then_some(Reader::Archive))
        .or_else(|| is_pickle(bytes).then_some(Reader::Pickle))
        .or_else(|| (bytes.get(257..262) == Some(b"ustar")).then_some(Reader::Archive))
}

/// Pickles of protocols 2 to 5, several of them with data behind as PyTorch wrote them, and those in text of protocol 0.
fn is_pickle(bytes: &[u8]) -> bool {
    const PYTORCH: &[u8] = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.";
    let ends = bytes.trim_ascii_end().ends_with(b".");
    match bytes {
        [0x80, 2..=5, ..] => ends || bytes.starts_with(PYTORCH),
        [b'(', b'd' | b'l' | b't', b'p', b'0', b'\n', ..] => ends,
        [b'c', rest @ ..] => {
            let mut lines = rest.splitn(3, |b| *b == b'\n');
            let mut is_name = || {
                let line = lines.next().unwrap_or(b"");
                let letters = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_');
                (1..100).contains(&line.len()) && line.iter().all(letters)
            };
            ends && is_name() && is_name()
        }
        _ => ends && foretaste_python::pickle_behind_header(bytes).is_some(),
    }
}

/// WebP, WAV, AVI; MP4 and its relatives.
fn riff(bytes: &[u8]) -> Option<Reader> {
    let riff =
        bytes.starts_with(b"RIFF") && matches!(bytes.get(8..12), Some(b"WEBP" | b"WAVE" | b"AVI "));
    let mp4 = bytes.get(4..8) == Some(b"ftyp") && bytes.first() == Some(&0);
    (riff || mp4).then_some(Reader::Media)
}

/// `cafebabe` begins Java classes and Mach-O files for several machines; their next number tells them apart.
fn java_or_fat(bytes: &[u8]) -> Option<Reader> {
    let number = bytes
        .strip_prefix(b"\xca\xfe\xba\xbe")
        .or_else(|| bytes.strip_prefix(b"\xca\xfe\xba\xbf"))?
        .first_chunk::<4>()?;
    Some(if u32::from_be_bytes(*number) < 40 {
        Reader::Native
    } else {
        Reader::Class
    })
}

fn is_pe(bytes: &[u8]) -> bool {
    if !bytes.starts_with(b"MZ") {
        return false;
    }
    let offset = bytes
        .get(0x3c..0x40)
        .and_then(|b| b.first_chunk::<4>())
        .map_or(usize::MAX, |b| u32::from_le_bytes(*b) as usize);
    let signed = offset
        .checked_add(4)
        .and_then(|end| bytes.get(offset..end))
        .is_some_and(|s| s == b"PE\0\0");
    // a damaged one is still no text
    signed || is_binary(bytes)
}

/// Python writes `\r\n` behind its magic number, so that text-mode copies are noticed.
fn is_pyc(bytes: &[u8]) -> bool {
    let Some([low, high, b'\r', b'\n', rest @ ..]) = bytes.get(..) else {
        return false;
    };
    let number = u16::from_le_bytes([*low, *high]);
    ((2_900..=4_200).contains(&number) || (50_000..=62_300).contains(&number))
        && rest.len() >= 4
        && (*low < 9 || *low > 126 || *high < 9 || is_binary(bytes))
}

fn is_bzip2(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [
            b'B',
            b'Z',
            b'h',
            b'1'..=b'9',
            0x31,
            0x41,
            0x59,
            0x26,
            0x53,
            0x59,
            ..
        ]
    )
}

/// True if the content is no text in any encoding that people use.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    if sample.is_empty()
        || sample.starts_with(b"\xef\xbb\xbf")
        || crate::encoding::wide(sample).is_some()
    {
        return false;
    }
    let nul = memchr::memchr(0, sample).is_some();
    let controls = sample
        .iter()
        .filter(|b| matches!(b, 0..=8 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f))
        .count();
    // one stray control byte in a legacy text is common, one in thirty is not
    let many_controls = controls * 30 > sample.len();
    let valid = match std::str::from_utf8(sample) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && sample.len() == SAMPLE,
    };
    if valid {
        return many_controls || (nul && controls * 100 > sample.len());
    }
    let high = sample.iter().filter(|b| **b >= 0x80).count();
    nul || many_controls || high * 2 > sample.len() && !looks_multibyte(sample)
}

/// Legacy Asian encodings: mostly high bytes, in pairs, and with line breaks.
fn looks_multibyte(sample: &[u8]) -> bool {
    let pairs = sample
        .windows(2)
        .filter(|w| matches!(w, [0x81..=0xfe, 0x40..=0x7e | 0x80..=0xfe]))
        .count();
    memchr::memchr(b'\n', sample).is_some() && pairs * 3 > sample.len()
}

/// The reading that a shebang asks for.
pub(super) fn shebang(bytes: &[u8]) -> Option<&'static Reading> {
    let rest = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .strip_prefix(b"#!")?;
    let line = rest.split(|b| *b == b'\n').next()?;
    let line = std::str::from_utf8(line.get(..200).unwrap_or(line)).ok()?;
    let mut words = line
        .split_whitespace()
        .filter(|w| !w.starts_with('-') && !w.contains('='));
    let mut program = words.next()?.rsplit('/').next()?;
    if program == "env" {
        program = words.next()?.rsplit('/').next()?;
    }
    let program = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    Some(of_hint(match program {
        "python" | "pypy" | "pythonw" | "jython" => "module.py",
        "node" | "nodejs" | "bun" | "deno" => "module.js",
        "ts-node" | "tsx" => "module.ts",
        "sh" | "bash" | "zsh" | "ksh" | "dash" | "ash" | "busybox" => "script.sh",
        "pwsh" | "powershell" => "script.ps1",
        "ruby" | "jruby" | "rake" => "module.rb",
        "php" | "php-cli" => "module.php",
        _ => return None,
    }))
}

/// The reading of text that stands under a name that promises something else. None if it is none, or nearly empty.
pub(super) fn disguised_text(bytes: &[u8]) -> Option<&'static Reading> {
    if bytes.len() < 24
        || bytes.starts_with(b"version https://git-lfs")
        || bytes.starts_with(b"%PDF-")
        || bytes.starts_with(b"GIF8")
        || is_binary(bytes)
    {
        return None;
    }
    if let Some(reading) = shebang(bytes) {
        return Some(reading);
    }
    let sample = String::from_utf8_lossy(bytes.get(..SAMPLE).unwrap_or(bytes));
    let any_line = |starts: &[&str]| {
        sample
            .lines()
            .any(|l| starts.iter().any(|s| l.trim_start().starts_with(s)))
    };
    let lower = sample.trim_start().to_ascii_lowercase();
    Some(if lower.contains("<?php") || lower.contains("<?=") {
        of_hint("module.php")
    } else if lower.starts_with('<') {
        of_reader(Reader::Html)
    } else if any_line(&["import ", "from ", "def ", "exec(", "class "]) && !sample.contains(';') {
        of_hint("module.py")
    } else if any_line(&[
        "var ",
        "const ",
        "let ",
        "function",
        "require(",
        "(function",
        "module.exports",
        "eval(",
    ]) {
        of_hint("module.js")
    } else if any_line(&["import ", "from ", "exec(", "def "]) {
        of_hint("module.py")
    } else {
        of_reader(Reader::Text)
    })
}
