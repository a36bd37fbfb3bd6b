//! Reading what git prints.

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
            let (object, size) = header(line)?;
            Some((object.to_owned(), size))
        })
        .collect()
}

/// Object and content of the blobs in the output of `git cat-file --batch`; stops at the first broken one.
pub(crate) fn blobs(mut output: &[u8]) -> Vec<(String, &[u8])> {
    let mut found = Vec::new();
    while let Some(end) = output.iter().position(|b| *b == b'\n') {
        let (line, rest) = output.split_at(end);
        let rest = rest.get(1..).unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        let Some((object, size)) = header(&line) else {
            // `<object> missing`
            output = rest;
            continue;
        };
        let Some((content, after)) = usize::try_from(size)
            .ok()
            .and_then(|size| rest.split_at_checked(size))
        else {
            break;
        };
        found.push((object.to_owned(), content));
        output = after.get(1..).unwrap_or_default();
    }
    found
}

fn header(line: &str) -> Option<(&str, u64)> {
    let mut fields = line.split(' ');
    let (object, kind, size) = (fields.next()?, fields.next()?, fields.next()?);
    (kind == "blob" && is_object(object)).then_some((object, size.parse().ok()?))
}

/// The names of a remote's refs in the output of `git ls-remote`.
pub(crate) fn refs(output: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(output)
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(_, name)| name.to_owned())
        .collect()
}

fn is_object(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
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
        let output = format!("{a} blob 3\nx\ny\n{b} missing\n{b} blob 0\n\n");
        let found = blobs(output.as_bytes());
        assert_eq!(found, [(a.clone(), &b"x\ny"[..]), (b.clone(), &b""[..])]);
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
            blobs(&framed);
            tree(&output);
            sizes(&output);
            refs(&output);
        }
    }
}
