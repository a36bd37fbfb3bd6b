//! The digest of a module's files that `go.sum` and the checksum database hold
//! (<https://pkg.go.dev/golang.org/x/mod/sumdb/dirhash#Hash1>).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use foretaste_model::ContentDigest;
use sha2::{Digest as _, Sha256};

/// `h1:` and the SHA-256 over the sorted list of all files, each as its own SHA-256 and its name in the module's archive.
///
/// Paths are those below `module@version/`.
pub fn h1<'a>(
    module: &str,
    version: &str,
    files: impl IntoIterator<Item = (&'a str, ContentDigest)>,
) -> String {
    let mut lines: Vec<(String, ContentDigest)> = files
        .into_iter()
        .map(|(path, digest)| (format!("{module}@{version}/{path}"), digest))
        .collect();
    lines.sort();
    let mut hash = Sha256::new();
    for (name, digest) in lines {
        hash.update(format!("{digest}  {name}\n"));
    }
    format!("h1:{}", STANDARD.encode(hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_files_does_not_matter_but_each_byte_does() {
        let (a, b) = (ContentDigest::of(b"a"), ContentDigest::of(b"b"));
        let made = h1("m.example", "v1.0.0", [("x.go", a), ("go.mod", b)]);
        assert_eq!(
            made,
            h1("m.example", "v1.0.0", [("go.mod", b), ("x.go", a)])
        );
        assert_ne!(
            made,
            h1("m.example", "v1.0.0", [("go.mod", a), ("x.go", b)])
        );
        assert_ne!(
            made,
            h1("m.example", "v1.0.1", [("x.go", a), ("go.mod", b)])
        );
        // printf '%s  m.example@v1.0.0/go.mod\n' "$(printf b | sha256sum | cut -c-64)" and so on, through `openssl dgst`
        assert_eq!(made, "h1:CUTymH1bSD/fpxqy55fMLEzeGXWR6EoNRAazjl8s7jQ=");
    }
}
