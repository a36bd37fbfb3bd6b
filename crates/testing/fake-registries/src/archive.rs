//! Archives for packages.

use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Packs files, given as path and content, into a zip. The result depends on its input alone.
///
/// # Panics
/// When memory does not take an archive.
pub fn zip<T: AsRef<[u8]>>(files: &[(impl AsRef<str>, T)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in files {
        zip.start_file(path.as_ref(), SimpleFileOptions::default())
            .expect("memory does not fail");
        zip.write_all(content.as_ref())
            .expect("memory does not fail");
    }
    zip.finish().expect("memory does not fail").into_inner()
}

/// Packs a gem: its specification in YAML and its files, as `gem build` does.
///
/// # Panics
/// When a path does not fit into a tar header.
pub fn gem(specification: &str, files: &[(&str, &str)]) -> Vec<u8> {
    let metadata = gzip(specification.as_bytes());
    let data = tar_gz(files);
    tar(&[("metadata.gz", &metadata), ("data.tar.gz", &data)])
}

/// Packs files, given as path and content, into a gzipped tar. The result depends on its input alone.
///
/// # Panics
/// When a path does not fit into a tar header.
pub fn tar_gz(files: &[(&str, &str)]) -> Vec<u8> {
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(path, text)| (*path, text.as_bytes()))
        .collect();
    gzip(&tar(&files))
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder
            .append_data(&mut header, path, *content)
            .expect("the path fits into a header");
    }
    builder.into_inner().expect("memory does not fail")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).expect("memory does not fail");
    gzip.finish().expect("memory does not fail")
}
