//! Writes zip archives with any lie in them.

use crate::{PAYLOAD, pack};

/// What one of a member's two headers says.
#[derive(Clone, Debug)]
pub struct Side {
    /// The name's bytes.
    pub name: Vec<u8>,
    /// The general purpose flags.
    pub flags: u16,
    /// The compression method.
    pub method: u16,
    /// CRC-32.
    pub crc: u32,
    /// Bytes of the compressed data.
    pub packed: u32,
    /// Bytes of the content.
    pub unpacked: u32,
    /// Extra fields.
    pub extra: Vec<u8>,
}

/// One member.
#[derive(Clone, Debug)]
pub struct Item {
    /// What its local header says.
    pub local: Side,
    /// What the central directory says.
    pub central: Side,
    /// What really stands in the archive.
    pub body: Vec<u8>,
    /// What follows it.
    pub descriptor: Vec<u8>,
    /// Unix mode.
    pub mode: u16,
    /// False: no directory lists it.
    pub listed: bool,
    /// Where the directory says that the local header stands, if not where it does.
    pub offset: Option<u32>,
}

impl Item {
    /// A member compressed by a method that the caller applied.
    pub fn packed(name: &str, data: &[u8], method: u16, body: Vec<u8>) -> Self {
        let side = Side {
            name: name.into(),
            flags: 0,
            method,
            crc: crc32fast::hash(data),
            packed: body.len() as u32,
            unpacked: data.len() as u32,
            extra: Vec::new(),
        };
        Self {
            local: side.clone(),
            central: side,
            body,
            descriptor: Vec::new(),
            mode: 0o100_644,
            listed: true,
            offset: None,
        }
    }

    /// A stored member.
    pub fn stored(name: &str, data: &[u8]) -> Self {
        Self::packed(name, data, 0, data.to_vec())
    }

    /// A deflated member.
    pub fn deflated(name: &str, data: &[u8]) -> Self {
        Self::packed(name, data, 8, pack::deflate(data))
    }

    /// A stored member with the payload.
    pub fn payload(name: &str) -> Self {
        Self::stored(name, PAYLOAD)
    }

    /// Changes both headers alike.
    #[must_use]
    pub fn both(mut self, change: impl Fn(&mut Side)) -> Self {
        change(&mut self.local);
        change(&mut self.central);
        self
    }

    /// Changes the local header only.
    #[must_use]
    pub fn local(mut self, change: impl Fn(&mut Side)) -> Self {
        change(&mut self.local);
        self
    }

    /// Changes the directory only.
    #[must_use]
    pub fn central(mut self, change: impl Fn(&mut Side)) -> Self {
        change(&mut self.central);
        self
    }

    /// Sets the Unix mode.
    #[must_use]
    pub fn mode(mut self, mode: u16) -> Self {
        self.mode = mode;
        self
    }

    /// Leaves it out of the directory.
    #[must_use]
    pub fn unlisted(mut self) -> Self {
        self.listed = false;
        self
    }

    /// Moves sizes and checksum behind the data, as writers to a pipe do.
    #[must_use]
    pub fn streamed(mut self) -> Self {
        self.descriptor = b"PK\x07\x08".to_vec();
        self.descriptor.extend(self.central.crc.to_le_bytes());
        self.descriptor.extend(self.central.packed.to_le_bytes());
        self.descriptor.extend(self.central.unpacked.to_le_bytes());
        self.local.crc = 0;
        self.local.packed = 0;
        self.local.unpacked = 0;
        self.both(|side| side.flags |= 1 << 3)
    }

    fn local_bytes(&self) -> Vec<u8> {
        let mut bytes = b"PK\x03\x04\x14\0".to_vec();
        bytes.extend(self.local.fields());
        bytes.extend((self.local.name.len() as u16).to_le_bytes());
        bytes.extend((self.local.extra.len() as u16).to_le_bytes());
        bytes.extend(&self.local.name);
        bytes.extend(&self.local.extra);
        bytes.extend(&self.body);
        bytes.extend(&self.descriptor);
        bytes
    }

    fn central_bytes(&self, offset: u32) -> Vec<u8> {
        let mut bytes = b"PK\x01\x02\x14\x03\x14\0".to_vec();
        bytes.extend(self.central.fields());
        bytes.extend((self.central.name.len() as u16).to_le_bytes());
        bytes.extend((self.central.extra.len() as u16).to_le_bytes());
        bytes.extend([0; 6]);
        bytes.extend((u32::from(self.mode) << 16).to_le_bytes());
        bytes.extend(self.offset.unwrap_or(offset).to_le_bytes());
        bytes.extend(&self.central.name);
        bytes.extend(&self.central.extra);
        bytes
    }
}

impl Side {
    fn fields(&self) -> Vec<u8> {
        let mut bytes = self.flags.to_le_bytes().to_vec();
        bytes.extend(self.method.to_le_bytes());
        bytes.extend([0, 0, 0x21, 0]);
        bytes.extend(self.crc.to_le_bytes());
        bytes.extend(self.packed.to_le_bytes());
        bytes.extend(self.unpacked.to_le_bytes());
        bytes
    }
}

/// A zip archive in the making.
#[derive(Clone, Debug, Default)]
pub struct Zip {
    /// The members in order.
    pub items: Vec<Item>,
    /// What stands before the first one.
    pub prefix: Vec<u8>,
    /// Stated offsets do not count the prefix.
    pub shifted: bool,
    /// What stands between the members and the directory.
    pub gap: Vec<u8>,
    /// The comment of the end record.
    pub comment: Vec<u8>,
    /// What follows the end record.
    pub suffix: Vec<u8>,
    /// The number of entries that the end record states, if not the real one.
    pub count: Option<u16>,
    /// The size of the directory that it states, if not the real one.
    pub size: Option<u32>,
    /// The offset of the directory that it states, if not the real one.
    pub offset: Option<u32>,
    /// A zip64 end record with these values (entries, size, offset), before the plain one.
    pub zip64: Option<(u64, u64, u64)>,
}

impl Zip {
    /// An archive of these members.
    pub fn new(items: impl IntoIterator<Item = Item>) -> Self {
        Self {
            items: items.into_iter().collect(),
            ..Self::default()
        }
    }

    /// The archive.
    pub fn build(&self) -> Vec<u8> {
        self.build_at(0)
    }

    /// The archive as it must be when it stands at an offset of another file.
    pub fn build_at(&self, base: usize) -> Vec<u8> {
        let mut bytes = self.prefix.clone();
        let shift = if self.shifted { self.prefix.len() } else { 0 };
        let mut directory = Vec::new();
        let mut count = 0_u16;
        for item in &self.items {
            let offset = (base + bytes.len() - shift) as u32;
            bytes.extend(item.local_bytes());
            if item.listed {
                directory.extend(item.central_bytes(offset));
                count = count.wrapping_add(1);
            }
        }
        bytes.extend(&self.gap);
        let start = (base + bytes.len() - shift) as u32;
        let size = directory.len() as u32;
        bytes.extend(directory);
        if let Some((entries, size, offset)) = self.zip64 {
            let at = (base + bytes.len()) as u64;
            bytes.extend(b"PK\x06\x06");
            bytes.extend(44_u64.to_le_bytes());
            bytes.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            bytes.extend(entries.to_le_bytes());
            bytes.extend(entries.to_le_bytes());
            bytes.extend(size.to_le_bytes());
            bytes.extend(offset.to_le_bytes());
            bytes.extend(b"PK\x06\x07\0\0\0\0");
            bytes.extend(at.to_le_bytes());
            bytes.extend(1_u32.to_le_bytes());
        }
        bytes.extend(b"PK\x05\x06\0\0\0\0");
        let count = self.count.unwrap_or(count);
        bytes.extend(count.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(self.size.unwrap_or(size).to_le_bytes());
        bytes.extend(self.offset.unwrap_or(start).to_le_bytes());
        bytes.extend((self.comment.len() as u16).to_le_bytes());
        bytes.extend(&self.comment);
        bytes.extend(&self.suffix);
        bytes
    }
}

/// The zip64 extra field of these values.
pub fn zip64_extra(values: &[u64]) -> Vec<u8> {
    let mut bytes = vec![1, 0, (values.len() * 8) as u8, 0];
    for value in values {
        bytes.extend(value.to_le_bytes());
    }
    bytes
}

/// The Info-ZIP Unicode path extra field.
pub fn unicode_path_extra(name: &[u8], unicode: &str) -> Vec<u8> {
    let mut bytes = vec![0x75, 0x70];
    bytes.extend((unicode.len() as u16 + 5).to_le_bytes());
    bytes.push(1);
    bytes.extend(crc32fast::hash(name).to_le_bytes());
    bytes.extend(unicode.as_bytes());
    bytes
}
