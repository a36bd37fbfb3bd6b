//! Symbolic and hard links, followed by name only.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{BuildHasher as _, DefaultHasher, Hasher as _, RandomState};

use crate::path::Name;
use crate::session::Session;

/// Links that are followed before a chain counts as a loop; Linux has the same number.
const MAX_HOPS: u32 = 40;

/// Where a link points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// As spelt, lossy for invalid UTF-8.
    pub(crate) text: String,
    /// Hard links are named from the root, symbolic ones from their own folder.
    hard: bool,
}

impl Target {
    pub(crate) fn symbolic(raw: &[u8]) -> Self {
        Self {
            text: String::from_utf8_lossy(raw).into_owned(),
            hard: false,
        }
    }

    pub(crate) fn hard(raw: &[u8]) -> Self {
        Self {
            text: String::from_utf8_lossy(raw).into_owned(),
            hard: true,
        }
    }

    fn is_absolute(&self) -> bool {
        match self.text.as_bytes() {
            [b'/' | b'\\', ..] => true,
            [drive, b':', ..] => drive.is_ascii_alphabetic(),
            _ => false,
        }
    }
}

/// Where following a path ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// At this path below the root, which may or may not exist.
    Inside(String),
    /// Outside the root.
    Outside,
    /// Nowhere: the links form a loop.
    Loop,
}

/// One link.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) name: Name,
    pub(crate) target: Target,
}

/// The links of an archive by path.
#[derive(Debug, Default)]
pub(crate) struct Links {
    by_path: BTreeMap<String, Link>,
    /// The paths of links by their hash, so that following a deep path looks at each of its bytes once.
    by_hash: HashMap<u64, Vec<String>>,
    seed: RandomState,
}

impl Links {
    /// Adds a link; of two at one path the later one counts, as when extracting.
    pub(crate) fn add(&mut self, cx: &mut Session<'_>, name: &Name, target: Target) {
        let bytes = 3 * name.path.len() + name.raw.len() + name.shown.len() + target.text.len();
        if name.path.is_empty() || !cx.remember(bytes) {
            return;
        }
        let mut hash = self.seed.build_hasher();
        for part in name.path.split('/') {
            extend(&mut hash, part);
        }
        let paths = self.by_hash.entry(hash.finish()).or_default();
        if !paths.contains(&name.path) {
            paths.push(name.path.clone());
        }
        let link = Link {
            name: name.clone(),
            target,
        };
        self.by_path.insert(name.path.clone(), link);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Link> {
        self.by_path.values()
    }

    /// Follows a path through all links on its way.
    pub(crate) fn follow(&self, path: &str) -> End {
        let mut ahead: VecDeque<&str> = parts(path).collect();
        let mut here = String::new();
        // For each component: the length before it, and the hash with it.
        let mut steps: Vec<(usize, DefaultHasher)> = Vec::new();
        let mut hops = 0;
        while let Some(part) = ahead.pop_front() {
            if part == ".." {
                let Some((length, _)) = steps.pop() else {
                    return End::Outside;
                };
                here.truncate(length);
                continue;
            }
            let mut hash = match steps.last() {
                Some((_, hash)) => hash.clone(),
                None => self.seed.build_hasher(),
            };
            extend(&mut hash, part);
            let known = self.by_hash.get(&hash.finish());
            steps.push((here.len(), hash));
            if !here.is_empty() {
                here.push('/');
            }
            here.push_str(part);
            let Some(link) = known
                .filter(|paths| paths.contains(&here))
                .and_then(|_| self.by_path.get(&here))
            else {
                continue;
            };
            hops += 1;
            if hops > MAX_HOPS {
                return End::Loop;
            }
            if link.target.is_absolute() && !link.target.hard {
                return End::Outside;
            }
            let stay = if link.target.hard {
                0
            } else {
                steps.len().saturating_sub(1)
            };
            here.truncate(steps.get(stay).map_or(0, |(length, _)| *length));
            steps.truncate(stay);
            for part in parts(&link.target.text).rev() {
                ahead.push_front(part);
            }
        }
        End::Inside(here)
    }
}

/// Hashes one more component of a path.
fn extend(hash: &mut DefaultHasher, part: &str) {
    hash.write(part.as_bytes());
    hash.write_u8(b'/');
}

/// The components of a path; backslashes separate as in member names.
fn parts(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    let path = match path.as_bytes() {
        [drive, b':', ..] if drive.is_ascii_alphabetic() => path.get(2..).unwrap_or_default(),
        _ => path,
    };
    path.split(['/', '\\'])
        .filter(|p| !p.is_empty() && *p != ".")
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use foretaste_model::Limits;

    use super::*;

    fn links(given: &[(&str, &str)]) -> Links {
        let mut links = Links::default();
        let mut ignore = |_| ControlFlow::Continue(());
        let mut cx = Session::new(&Limits::default(), 0, &mut ignore);
        for (path, target) in given {
            let name = Name {
                raw: path.as_bytes().into(),
                shown: (*path).to_owned(),
                path: (*path).to_owned(),
            };
            let target = match target.strip_prefix("hard:") {
                Some(target) => Target::hard(target.as_bytes()),
                None => Target::symbolic(target.as_bytes()),
            };
            links.add(&mut cx, &name, target);
        }
        links
    }

    #[test]
    fn links_are_followed_through_one_another() {
        let links = links(&[
            ("a/l", "../b/f"),
            ("d", "b"),
            ("h", "hard:d/f"),
            ("out", "../x"),
            ("deep/out", "../../x"),
            ("abs", "/etc/passwd"),
            ("win", "C:\\x"),
            ("via", "d/../../x"),
            ("loop1", "loop2"),
            ("loop2", "loop1"),
            ("self", "self"),
        ]);
        let inside = |s: &str| End::Inside(s.into());
        for (path, end) in [
            ("a/l", inside("b/f")),
            ("d/f", inside("b/f")),
            ("h", inside("b/f")),
            ("plain", inside("plain")),
            ("out", End::Outside),
            ("deep/out", End::Outside),
            ("abs", End::Outside),
            ("win", End::Outside),
            ("via", End::Outside),
            ("loop1", End::Loop),
            ("self", End::Loop),
        ] {
            assert_eq!(links.follow(path), end, "{path}");
        }
    }
}
