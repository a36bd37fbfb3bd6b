//! Reading what git prints.

use foretaste_io::git::{blob_header, is_object};

use super::compare::TreeEntry;

/// Entries of a tree that are read.
pub(crate) const MAX_ENTRIES: usize = 200_000;

/// The blobs in the output of `git ls-tree -r -z`: `<mode> <type> <object>\t<path>\0`.
pub(crate) fn tree(output: &[u8]) -> Vec<TreeEntry> {
    output
        .split(|b| *b == 0)
        .filter_map(|line| {
            let line = String::from_utf8_lossy(line);
            let (fields, path) = line.split_once('\t')?;
            let mut fields = fields.split(' ');
            let (mode, kind, object) = (fields.next()?, fields.next()?, fields.next()?);
            (kind == "blob" && is_object(object)).then(|| TreeEntry {
                path: path.to_owned(),
                object: object.to_owned(),
                symlink: mode == "120000",
            })
        })
        .take(MAX_ENTRIES)
        .collect()
}

/// Object and size of the blobs in the output of `git cat-file --batch-check`.
pub(crate) fn sizes(output: &[u8]) -> Vec<(String, u64)> {
    String::from_utf8_lossy(output)
        .lines()
        .filter_map(|line| {
            let (object, size) = blob_header(line)?;
            Some((object.to_owned(), size))
        })
        .collect()
}

/// The names of a remote's refs in the output of `git ls-remote`.
pub(crate) fn refs(output: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(output)
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(_, name)| name.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn output_is_read() {
        let a = "a".repeat(40);
        let b = "b".repeat(40);
        let listing =
            format!("100644 blob {a}\tx y.py\x00120000 blob {b}\tl\x00160000 commit {a}\tsub\x00");
        let entries = tree(listing.as_bytes());
        assert_eq!(entries.len(), 2);
        assert!(entries.iter().any(|e| e.path == "l" && e.symlink));
        assert_eq!(
            sizes(format!("{a} blob 7\n{b} missing\n").as_bytes()),
            [(a, 7)]
        );
    }

    proptest! {
        #[test]
        fn any_output_is_survived(output in proptest::collection::vec(any::<u8>(), 0..200), size in any::<u64>()) {
            let mut framed = format!("{} blob {size}\n", "c".repeat(40)).into_bytes();
            framed.extend(&output);
            foretaste_io::git::blobs(&framed);
            tree(&output);
            sizes(&output);
            refs(&output);
        }
    }
}
