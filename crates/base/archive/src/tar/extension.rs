//! PAX records: what an extension header says about the next member, or about all that follow.

/// The records that matter for content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Records {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    /// `GNU.sparse.name`: the real name of a sparse file.
    pub(super) sparse_name: Option<Vec<u8>>,
    /// `GNU.sparse.size` or `GNU.sparse.realsize`.
    pub(super) sparse_size: Option<u64>,
    /// `GNU.sparse.map`, or the offsets and lengths given one by one.
    pub(super) sparse_map: Vec<u64>,
    /// `GNU.sparse.major`: 1 means that the map stands before the data.
    pub(super) sparse_major: Option<u64>,
}

impl Records {
    /// Reads `length key=value\n` records over what is already known. False if they are malformed; what stands
    /// before the break counts.
    pub(super) fn read(&mut self, bytes: &[u8]) -> bool {
        let mut rest = bytes;
        // A record list may be padded with NULs.
        while rest.first().is_some_and(|b| *b != 0) {
            let Some((key, value, after)) = record(rest) else {
                return false;
            };
            rest = after;
            self.set(key, value);
        }
        true
    }

    fn set(&mut self, key: &[u8], value: &[u8]) {
        match key {
            b"path" => self.path = Some(value.to_vec()),
            b"linkpath" => self.link = Some(value.to_vec()),
            b"size" => self.size = decimal(value),
            b"GNU.sparse.name" => self.sparse_name = Some(value.to_vec()),
            b"GNU.sparse.size" | b"GNU.sparse.realsize" => self.sparse_size = decimal(value),
            b"GNU.sparse.major" => self.sparse_major = decimal(value),
            b"GNU.sparse.map" => {
                self.sparse_map = value.split(|b| *b == b',').filter_map(decimal).collect();
            }
            b"GNU.sparse.offset" | b"GNU.sparse.numbytes" => self.sparse_map.extend(decimal(value)),
            _ => {}
        }
    }

    /// These records, and where they say nothing, those of a global header.
    pub(super) fn or(self, global: &Self) -> Self {
        Self {
            path: self.path.or_else(|| global.path.clone()),
            link: self.link.or_else(|| global.link.clone()),
            size: self.size.or(global.size),
            ..self
        }
    }
}

/// The first record: its key, its value, and what follows it.
fn record(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = memchr::memchr(b' ', bytes)?;
    let length = usize::try_from(decimal(bytes.get(..space)?)?).ok()?;
    let body = bytes.get(space + 1..length)?.strip_suffix(b"\n")?;
    let equals = memchr::memchr(b'=', body)?;
    Some((
        body.get(..equals)?,
        body.get(equals + 1..)?,
        bytes.get(length..)?,
    ))
}

pub(super) fn decimal(bytes: &[u8]) -> Option<u64> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_and_later_ones_win() {
        let mut records = Records::default();
        assert!(records.read(b"12 path=old\n14 path=a=b\nc\n9 size=5\n\0\0"));
        assert_eq!(records.path.as_deref(), Some(b"a=b\nc".as_slice()));
        assert_eq!(records.size, Some(5));
    }

    #[test]
    fn malformed_records_keep_what_stands_before() {
        for broken in [
            &b"99 path=x\n"[..],
            b"x path=x\n",
            b"3 a\n",
            b"0 a=b\n",
            b"8 path=x",
            b"-1 a=b\n",
            b"18446744073709551615 a=b\n",
        ] {
            let mut records = Records::default();
            let bytes = [b"9 size=5\n", broken].concat();
            assert!(!records.read(&bytes), "{broken:?}");
            assert_eq!(records.size, Some(5));
        }
    }
}
