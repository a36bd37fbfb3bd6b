//! Writes tar streams with any lie in them.

use crate::PAYLOAD;

const BLOCK: usize = 512;

/// A tar stream in the making.
#[derive(Clone, Debug, Default)]
pub struct Tar {
    bytes: Vec<u8>,
}

/// One header.
#[derive(Clone, Debug)]
pub struct Header {
    /// At most 100 bytes.
    pub name: Vec<u8>,
    /// The type flag.
    pub kind: u8,
    /// The size as stated.
    pub size: u64,
    /// The link's target.
    pub link: Vec<u8>,
    /// The Unix mode.
    pub mode: u64,
    /// Added to the right checksum.
    pub checksum_error: u64,
    /// Written over the finished header, before the checksum.
    pub patches: Vec<(usize, Vec<u8>)>,
}

impl Header {
    /// A header for a regular file.
    pub fn file(name: &str, size: usize) -> Self {
        Self {
            name: name.into(),
            kind: b'0',
            size: size as u64,
            link: Vec::new(),
            mode: 0o644,
            checksum_error: 0,
            patches: Vec::new(),
        }
    }

    /// The 512 bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut block = vec![0; BLOCK];
        let mut put = |at: usize, bytes: &[u8]| {
            block[at..at + bytes.len()].copy_from_slice(bytes);
        };
        put(0, &self.name);
        put(100, format!("{:07o}\0", self.mode).as_bytes());
        put(108, b"0000000\0");
        put(116, b"0000000\0");
        if self.size < 1 << 33 {
            put(124, format!("{:011o}\0", self.size).as_bytes());
        } else {
            put(124, &[0x80, 0, 0, 0]);
            put(128, &self.size.to_be_bytes());
        }
        put(136, b"00000000000\0");
        put(148, b"        ");
        put(156, &[self.kind]);
        put(157, &self.link);
        put(257, b"ustar\x0000");
        for (at, bytes) in &self.patches {
            put(*at, bytes);
        }
        let sum: u64 = block.iter().map(|b| u64::from(*b)).sum();
        let sum = sum + self.checksum_error;
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        block
    }
}

impl Tar {
    /// An empty stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes as they are.
    #[must_use]
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend(bytes);
        self
    }

    /// Adds a header, its data, and padding.
    #[must_use]
    pub fn entry(mut self, header: &Header, data: &[u8]) -> Self {
        self.bytes.extend(header.bytes());
        self.bytes.extend(data);
        let padded = self.bytes.len().next_multiple_of(BLOCK);
        self.bytes.resize(padded, 0);
        self
    }

    /// Adds a regular file.
    #[must_use]
    pub fn file(self, name: &str, data: &[u8]) -> Self {
        self.entry(&Header::file(name, data.len()), data)
    }

    /// Adds a file with the payload.
    #[must_use]
    pub fn payload(self, name: &str) -> Self {
        self.file(name, PAYLOAD)
    }

    /// Adds a member without data: a link, a folder, a device.
    #[must_use]
    pub fn special(self, kind: u8, name: &str, link: &str) -> Self {
        let mut header = Header::file(name, 0);
        header.kind = kind;
        header.link = link.into();
        self.entry(&header, b"")
    }

    /// Adds a GNU extension header (`L` name, `K` link) for the next member.
    #[must_use]
    pub fn gnu(self, kind: u8, value: &[u8]) -> Self {
        let value = [value, b"\0"].concat();
        let mut header = Header::file("././@LongLink", value.len());
        header.kind = kind;
        self.entry(&header, &value)
    }

    /// Adds a PAX header (`x` for the next member, `g` for all).
    #[must_use]
    pub fn pax(self, kind: u8, records: &[(&str, &[u8])]) -> Self {
        let body: Vec<u8> = records.iter().flat_map(|(k, v)| record(k, v)).collect();
        let mut header = Header::file("PaxHeader", body.len());
        header.kind = kind;
        self.entry(&header, &body)
    }

    /// The stream so far, without an end mark.
    pub fn cut(self) -> Vec<u8> {
        self.bytes
    }

    /// The stream with its end mark.
    pub fn end(mut self) -> Vec<u8> {
        self.bytes.extend([0; 2 * BLOCK]);
        self.bytes
    }
}

/// One PAX record: its length counts itself.
fn record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while rest + length.to_string().len() != length {
        length = rest + length.to_string().len();
    }
    [format!("{length} {key}=").as_bytes(), value, b"\n"].concat()
}

/// Gives every block with the ustar magic the checksum that it should have.
pub fn repair_checksums(bytes: &mut [u8]) {
    for block in bytes.as_chunks_mut::<BLOCK>().0 {
        if block[257..].starts_with(b"ustar") {
            block[148..156].fill(b' ');
            let sum: u64 = block.iter().map(|b| u64::from(*b)).sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
    }
}
