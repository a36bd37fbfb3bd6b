//! Archives for packages.

use std::io::Write as _;

/// Packs files, given as path and content, into a gzipped tar. The result depends on its input alone.
///
/// # Panics
/// When a path does not fit into a tar header.
pub fn tar_gz(files: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder
            .append_data(&mut header, path, content.as_bytes())
            .expect("the path fits into a header");
    }
    let tar = builder.into_inner().expect("memory does not fail");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&tar).expect("memory does not fail");
    gzip.finish().expect("memory does not fail")
}
