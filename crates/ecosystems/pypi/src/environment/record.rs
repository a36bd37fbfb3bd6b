//! RECORD: what an installer wrote, file by file.
//!
//! <https://packaging.python.org/specifications/recording-installed-packages/>

use base64::Engine as _;
use foretaste_io::digests;
use foretaste_model::DigestAlgorithm;

/// One line of a RECORD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The file, relative to the folder that the metadata lies in, with `/` between its parts.
    pub(super) path: String,
    /// Its digest; none for what an installer cannot know (RECORD itself, byte code).
    pub(super) digest: Option<(DigestAlgorithm, String)>,
    /// True if a digest is written that cannot be read.
    pub(super) odd: bool,
}

/// Every line: a path, perhaps in quotes, then `algorithm=base64url` and a size, both of which may be empty.
pub(super) fn read(text: &str) -> Vec<Entry> {
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let (path, rest) = field(line.trim_end_matches('\r'));
            let (written, _) = field(rest);
            let digest = digest(&written);
            Entry {
                path: path.replace('\\', "/"),
                odd: digest.is_none() && !written.is_empty(),
                digest,
            }
        })
        .collect()
}

/// The first field of a line of comma-separated values, and the rest.
fn field(line: &str) -> (String, &str) {
    let Some(quoted) = line.strip_prefix('"') else {
        let (field, rest) = line.split_once(',').unwrap_or((line, ""));
        return (field.to_owned(), rest);
    };
    let mut value = String::new();
    let mut rest = quoted;
    while let Some((before, after)) = rest.split_once('"') {
        value.push_str(before);
        rest = after;
        // a doubled quote is one
        let Some(more) = rest.strip_prefix('"') else {
            break;
        };
        value.push('"');
        rest = more;
    }
    (value, rest.strip_prefix(',').unwrap_or(rest))
}

fn digest(text: &str) -> Option<(DigestAlgorithm, String)> {
    let (algorithm, value) = text.split_once('=')?;
    let algorithm = match algorithm {
        "sha256" => DigestAlgorithm::Sha256,
        "sha384" => DigestAlgorithm::Sha384,
        "sha512" => DigestAlgorithm::Sha512,
        _ => return None,
    };
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(value.trim_end_matches('='))
        .ok()?;
    let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
        use std::fmt::Write as _;
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    Some((algorithm, hex))
}

impl Entry {
    /// Whether these are the bytes that were installed; none if the record does not say.
    pub(super) fn is(&self, bytes: &[u8]) -> Option<bool> {
        let (algorithm, value) = self.digest.as_ref()?;
        Some(digests::compute(*algorithm, bytes) == *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_with_quotes_and_without_digests() {
        // the digest of `abc`
        let text = "a/b.py,sha256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0,3\r\n\"odd,\"\"name.py\",,\na/RECORD,,\nx,md5=AA,1\n";
        let read = read(text);
        let paths: Vec<&str> = read.iter().map(|e| &*e.path).collect();
        assert_eq!(paths, ["a/b.py", "odd,\"name.py", "a/RECORD", "x"]);
        assert_eq!(read[0].is(b"abc"), Some(true));
        assert_eq!(read[0].is(b"abd"), Some(false));
        assert_eq!((read[2].is(b""), read[2].odd), (None, false));
        assert!(read[3].odd);
    }
}
