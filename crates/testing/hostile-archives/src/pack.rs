//! Compressors in one call.

use std::io::Write as _;

use flate2::write::{DeflateEncoder, GzEncoder};
use liblzma::stream::{Action, Filters, LzmaOptions, Stream};

/// A compressor.
pub type Pack = fn(&[u8]) -> Vec<u8>;

/// A raw deflate stream.
pub fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// A gzip file.
pub fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// A bzip2 file.
pub fn bzip2(data: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// An xz file.
pub fn xz(data: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// A file in the old `.lzma` format.
pub fn lzma(data: &[u8]) -> Vec<u8> {
    let stream = Stream::new_lzma_encoder(&LzmaOptions::new_preset(1).unwrap()).unwrap();
    let mut encoder = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// LZMA as zip has it: version, property length, properties, raw stream.
pub fn lzma_in_zip(data: &[u8]) -> Vec<u8> {
    const DICTIONARY: u32 = 1 << 20;
    let mut options = LzmaOptions::new_preset(1).unwrap();
    options.dict_size(DICTIONARY);
    let mut filters = Filters::new();
    filters.lzma1(&options);
    let mut stream = Stream::new_raw_encoder(&filters).unwrap();
    let mut raw = Vec::with_capacity(data.len() + 4096);
    stream.process_vec(data, &mut raw, Action::Finish).unwrap();
    let mut bytes = vec![9, 20, 5, 0, 0x5D];
    bytes.extend(DICTIONARY.to_le_bytes());
    bytes.extend(raw);
    bytes
}

/// A zstd file.
pub fn zstd(data: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(data, 1).unwrap()
}

/// A deflate stream, or a deflate64 stream, of one stored block.
pub fn stored_block(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap();
    let mut bytes = vec![1];
    bytes.extend(length.to_le_bytes());
    bytes.extend((!length).to_le_bytes());
    bytes.extend(data);
    bytes
}

/// Every compressor of whole files with the extension of what it writes.
pub const ALL: [(&str, Pack); 5] = [
    ("gz", gzip),
    ("bz2", bzip2),
    ("xz", xz),
    ("lzma", lzma),
    ("zst", zstd),
];
