//! Files against blobs, by content and place (pure).

use std::collections::{BTreeMap, BTreeSet};

use foretaste_model::ContentDigest;
use foretaste_model::intel::SourceComparison;

use super::products::{is_product, source_path};

/// Places in the repository that are considered for one file.
const MAX_CANDIDATES: usize = 16;

/// One entry of the repository's tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TreeEntry {
    pub(crate) path: String,
    pub(crate) object: String,
    pub(crate) symlink: bool,
}

/// The SHA-256 of a blob as it is, with LF and with CRLF at the ends of lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BlobDigests([ContentDigest; 3]);

impl BlobDigests {
    pub(crate) fn of(blob: &[u8]) -> Self {
        let lf = to_lf(blob);
        Self([
            ContentDigest::of(blob),
            ContentDigest::of(&lf),
            ContentDigest::of(&to_crlf(&lf)),
        ])
    }

    fn holds(&self, digest: ContentDigest) -> bool {
        self.0.contains(&digest)
    }
}

fn to_lf(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\r' || rest.peek() != Some(&b'\n') {
            out.push(byte);
        }
    }
    out
}

fn to_crlf(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for &byte in bytes {
        if byte == b'\n' {
            out.push(b'\r');
        }
        out.push(byte);
    }
    out
}

/// A file with the places where the repository may have it.
struct Matched<'a> {
    path: &'a str,
    digest: ContentDigest,
    /// What stands before the file's path in the repository, and the entry: `src/`, `packages/x/`, or nothing.
    candidates: Vec<(&'a str, &'a TreeEntry)>,
}

/// A comparison that waits for the content of some blobs.
pub(crate) struct Plan<'a> {
    files: Vec<Matched<'a>>,
}

impl<'a> Plan<'a> {
    /// Finds for each file the entries that have its path or end with it.
    pub(crate) fn new(files: &'a [(Box<str>, ContentDigest)], tree: &'a [TreeEntry]) -> Self {
        let mut by_name: BTreeMap<&str, Vec<&TreeEntry>> = BTreeMap::new();
        for entry in tree {
            by_name.entry(name_of(&entry.path)).or_default().push(entry);
        }
        let files = files
            .iter()
            .filter(|(path, _)| !is_product(path))
            .map(|(path, digest)| {
                let source = source_path(path);
                let mut candidates: Vec<(&str, &TreeEntry)> = by_name
                    .get(name_of(source))
                    .map_or(&[][..], Vec::as_slice)
                    .iter()
                    .filter_map(|entry| {
                        let before = entry.path.strip_suffix(source)?;
                        (before.is_empty() || before.ends_with('/')).then_some((before, *entry))
                    })
                    .collect();
                candidates.sort_by_key(|(before, _)| (before.len(), *before));
                candidates.truncate(MAX_CANDIDATES);
                Matched {
                    path,
                    digest: *digest,
                    candidates,
                }
            })
            .collect();
        Self { files }
    }

    /// The blobs whose content is needed.
    pub(crate) fn objects(&self) -> BTreeSet<&'a str> {
        self.files
            .iter()
            .flat_map(|f| &f.candidates)
            .filter(|(_, entry)| !entry.symlink)
            .map(|(_, entry)| entry.object.as_str())
            .collect()
    }

    /// Compares. A blob that is not among `blobs` could not be had (it is too large); files that only it could match
    /// are left out, as are files in the place of symbolic links.
    pub(crate) fn judge(
        &self,
        revision: &str,
        blobs: &BTreeMap<&str, BlobDigests>,
    ) -> SourceComparison {
        let equals = |file: &Matched<'_>, entry: &TreeEntry| {
            blobs
                .get(entry.object.as_str())
                .is_some_and(|b| b.holds(file.digest))
        };
        // the folders of the repository that the artifact was made from
        let mut roots: BTreeSet<&str> = BTreeSet::new();
        let mut equal = 0_u32;
        let mut rest = Vec::new();
        for file in &self.files {
            let same: Vec<&str> = file
                .candidates
                .iter()
                .filter(|(_, entry)| equals(file, entry))
                .map(|(before, _)| *before)
                .collect();
            if same.is_empty() {
                rest.push(file);
            } else {
                equal = equal.saturating_add(1);
                roots.extend(same.first());
            }
        }
        let mut only_in_artifact = Vec::new();
        let mut different = Vec::new();
        for file in rest {
            let places: Vec<&TreeEntry> = file
                .candidates
                .iter()
                .filter(|(before, _)| roots.is_empty() || roots.contains(before))
                .map(|(_, entry)| *entry)
                .collect();
            let unknown =
                |entry: &&TreeEntry| entry.symlink || !blobs.contains_key(entry.object.as_str());
            if places.is_empty() {
                only_in_artifact.push(file.path.into());
            } else if !places.iter().any(unknown) {
                different.push(file.path.into());
            }
        }
        only_in_artifact.sort();
        only_in_artifact.dedup();
        different.sort();
        different.dedup();
        SourceComparison {
            revision: revision.into(),
            only_in_artifact,
            different,
            equal,
        }
    }
}

fn name_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares files with a tree, both given as path and content.
    fn compare(files: &[(&str, &str)], tree: &[(&str, &str)]) -> String {
        let files: Vec<(Box<str>, ContentDigest)> = files
            .iter()
            .map(|(p, c)| ((*p).into(), ContentDigest::of(c.as_bytes())))
            .collect();
        let entries: Vec<TreeEntry> = tree
            .iter()
            .map(|(p, c)| TreeEntry {
                path: (*p).into(),
                object: (*c).into(),
                symlink: c.starts_with("-> "),
            })
            .collect();
        let blobs: BTreeMap<&str, BlobDigests> = tree
            .iter()
            .filter(|(_, c)| *c != "huge")
            .map(|(_, c)| (*c, BlobDigests::of(c.as_bytes())))
            .collect();
        let result = Plan::new(&files, &entries).judge("v1", &blobs);
        format!(
            "equal {} different [{}] only [{}]",
            result.equal,
            result.different.join(" "),
            result.only_in_artifact.join(" ")
        )
    }

    #[test]
    fn layouts_are_seen_through() {
        let wheel = [
            ("pad/__init__.py", "a"),
            ("pad/x.py", "b"),
            ("pad-1.dist-info/RECORD", "r"),
        ];
        for (before, expected) in [
            ("", "equal 2 different [] only []"),
            ("src/", "equal 2 different [] only []"),
            ("packages/pad/src/", "equal 2 different [] only []"),
            (
                "other_",
                "equal 0 different [] only [pad/__init__.py pad/x.py]",
            ),
        ] {
            let (init, x) = (
                format!("{before}pad/__init__.py"),
                format!("{before}pad/x.py"),
            );
            assert_eq!(
                compare(&wheel, &[(&init, "a"), (&x, "b")]),
                expected,
                "{before}"
            );
        }
    }

    #[test]
    fn a_phantom_and_a_changed_file_are_named() {
        let files = [
            ("pad/x.py", "a"),
            ("pad/y.py", "evil"),
            ("setup.py", "s"),
            ("pad.pth", "import os"),
        ];
        let tree = [
            ("pad/x.py", "a"),
            ("pad/y.py", "good"),
            ("examples/setup.py", "t"),
        ];
        assert_eq!(
            compare(&files, &tree),
            "equal 1 different [pad/y.py] only [pad.pth setup.py]"
        );
    }

    #[test]
    fn line_ends_do_not_matter() {
        let tree = [("a.py", "x\r\ny\r\n"), ("b.py", "x\ny\n"), ("c.py", "x\r")];
        let files = [("a.py", "x\ny\n"), ("b.py", "x\r\ny\r\n"), ("c.py", "x\r")];
        assert_eq!(compare(&files, &tree), "equal 3 different [] only []");
    }

    #[test]
    fn what_could_not_be_read_is_no_accusation() {
        let files = [("a.py", "x"), ("b.py", "y"), ("c.py", "z")];
        let tree = [("a.py", "-> other"), ("b.py", "huge"), ("c.py", "z")];
        assert_eq!(compare(&files, &tree), "equal 1 different [] only []");
    }
}
