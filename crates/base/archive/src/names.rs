//! What the names of one archive mean together: repeated names, look-alikes, and links.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use foretaste_model::AnomalyKind;
use sha2::{Digest as _, Sha256};

use crate::links::{End, Links, Target};
use crate::member::Member;
use crate::path::{Name, folded};
use crate::session::Session;
use crate::unpack::{Place, deliver_alias};

/// The names of one archive in the order in which they stand.
#[derive(Debug, Default)]
pub(crate) struct Names {
    all: Vec<Seen>,
}

#[derive(Debug)]
struct Seen {
    path: String,
    shown: String,
    /// None for a file.
    link: Option<String>,
}

/// A member read for the second time.
pub(crate) struct Reread<'a> {
    pub(crate) path: &'a str,
    pub(crate) executable: bool,
    pub(crate) data: Bytes,
    pub(crate) complete: bool,
}

/// Reads an archive again and passes on the files whose path is wanted.
pub(crate) type ReadAgain<'r> = dyn FnMut(&mut Session<'_>, &dyn Fn(&str) -> bool, &mut dyn FnMut(&mut Session<'_>, Reread<'_>))
    + 'r;

impl Names {
    pub(crate) fn add_file(&mut self, cx: &mut Session<'_>, name: &Name) {
        self.add(cx, name, None);
    }

    pub(crate) fn add_link(&mut self, cx: &mut Session<'_>, name: &Name, target: &Target) {
        self.add(cx, name, Some(target.text.clone()));
    }

    fn add(&mut self, cx: &mut Session<'_>, name: &Name, link: Option<String>) {
        let link_bytes = link.as_ref().map_or(0, String::len);
        if !cx.remember(name.path.len() + name.shown.len() + link_bytes) {
            return;
        }
        self.all.push(Seen {
            path: name.path.clone(),
            shown: name.shown.clone(),
            link,
        });
    }

    /// Judges the names. Returns the paths of files that stand more than once, and how often: whether that is
    /// harmless depends on their contents.
    fn judge(&self, cx: &mut Session<'_>) -> BTreeMap<&str, usize> {
        let mut repeated = BTreeMap::new();
        let mut sorted: Vec<&Seen> = self.all.iter().collect();
        sorted.sort_by(|a, b| a.path.cmp(&b.path));
        for group in sorted.chunk_by(|a, b| a.path == b.path) {
            let [first, .., last] = group else { continue };
            if group.iter().all(|s| s.link.is_none()) {
                repeated.insert(&*first.path, group.len());
            } else if group.iter().any(|s| s.link != first.link) {
                let what = "its name stands for a link and for something else";
                cx.note(AnomalyKind::DuplicateName, &last.shown, what);
            }
        }
        sorted.dedup_by(|a, b| a.path == b.path);
        for seen in &sorted {
            let folder = format!("{}/", seen.path);
            let next = sorted.partition_point(|s| s.path < folder);
            if let Some(inner) = sorted.get(next).filter(|s| s.path.starts_with(&folder)) {
                let what = format!("`{}` lies below it, though it is no folder", inner.shown);
                cx.note(AnomalyKind::NameCollision, &seen.shown, what);
            }
        }
        let mut by_fold: Vec<(String, &Seen)> =
            sorted.into_iter().map(|s| (folded(&s.path), s)).collect();
        by_fold.sort_by(|a, b| a.0.cmp(&b.0));
        for group in by_fold.chunk_by(|a, b| a.0 == b.0) {
            if let [(_, first), .., (_, last)] = group {
                let what = format!(
                    "it differs from `{}` only in case or Unicode normalisation",
                    first.shown
                );
                cx.note(AnomalyKind::NameCollision, &last.shown, what);
            }
        }
        repeated
    }

    /// The paths of the files, sorted, each once.
    fn files(&self) -> Vec<&str> {
        let files: BTreeSet<&str> = self
            .all
            .iter()
            .filter(|s| s.link.is_none())
            .map(|s| &*s.path)
            .collect();
        files.into_iter().collect()
    }
}

/// Gives a file without a usable name one.
pub(crate) fn name_unnamed(cx: &mut Session<'_>, name: &mut Name) {
    if name.path.is_empty() {
        cx.note(
            AnomalyKind::StrangeName,
            &name.shown,
            "it is a file without a name",
        );
        name.path = "unnamed".into();
    }
}

/// Judges all names of an archive, then returns its links' contents and compares repeated files.
pub(crate) fn settle(
    cx: &mut Session<'_>,
    place: &Place,
    names: &Names,
    links: &Links,
    read_again: &mut ReadAgain<'_>,
) {
    let repeated = names.judge(cx);
    let aliases = aliases(cx, names, links);
    if (repeated.is_empty() && aliases.is_empty()) || !cx.alive() {
        return;
    }
    let mut contents: BTreeMap<&str, Vec<[u8; 32]>> = BTreeMap::new();
    let wanted = |path: &str| repeated.contains_key(path) || aliases.contains_key(path);
    cx.quietly(|cx| {
        read_again(cx, &wanted, &mut |cx, file| {
            if let Some((path, _)) = repeated.get_key_value(file.path) {
                let digest = Sha256::digest(&file.data).into();
                contents.entry(path).or_default().push(digest);
            }
            for alias in aliases.get(file.path).into_iter().flatten() {
                let member = Member {
                    path: alias.path.clone(),
                    raw_path: alias.raw.clone(),
                    executable: file.executable,
                    data: file.data.clone(),
                    complete: file.complete,
                    depth: place.depth,
                    link_to: Some(format!("{}{}", place.prefix, file.path).into()),
                };
                cx.aloud(|cx| deliver_alias(cx, place, member));
            }
        });
    });
    for (path, times) in repeated {
        let contents = contents.remove(path).unwrap_or_default();
        let equal = contents.len() == times && contents.iter().all(|c| Some(c) == contents.first());
        if !equal && cx.alive() {
            cx.note(
                AnomalyKind::DuplicateName,
                &format!("{}{path}", place.prefix),
                format!("its name stands {times} times, for different contents"),
            );
        }
    }
}

/// One path at which a file is seen through a link.
struct Alias {
    path: String,
    raw: Box<[u8]>,
}

/// The aliases of each file. A linked folder shows the files below it, one level of links deep.
fn aliases(cx: &mut Session<'_>, names: &Names, links: &Links) -> BTreeMap<String, Vec<Alias>> {
    let mut aliases: BTreeMap<String, Vec<Alias>> = BTreeMap::new();
    let mut add = |cx: &mut Session<'_>, file: &str, path: String, raw: &[u8]| {
        if cx.remember(file.len() + path.len() + raw.len()) {
            let alias = Alias {
                path,
                raw: raw.into(),
            };
            aliases.entry(file.to_owned()).or_default().push(alias);
        }
    };
    let files = names.files();
    for link in links.iter() {
        if !cx.alive() {
            break;
        }
        let end = match links.follow(&link.name.path) {
            End::Inside(path) => path,
            End::Outside => {
                let what = format!("it links to `{}`, outside the archive", link.target.text);
                cx.note(AnomalyKind::LinkEscape, &link.name.shown, what);
                continue;
            }
            End::Loop => continue,
        };
        if files.binary_search(&&*end).is_ok() {
            add(cx, &end, link.name.path.clone(), &link.name.raw);
            continue;
        }
        let folder = format!("{end}/");
        if end.is_empty() || link.name.path.starts_with(&folder) {
            // A folder that contains the link: showing it again within itself tells nothing new.
            continue;
        }
        let first = files.partition_point(|f| **f < *folder);
        for file in files
            .iter()
            .skip(first)
            .take_while(|f| f.starts_with(&folder))
        {
            let below = file.get(folder.len()..).unwrap_or_default();
            let path = format!("{}/{below}", link.name.path);
            add(cx, file, path.clone(), path.as_bytes());
            if !cx.alive() {
                break;
            }
        }
    }
    aliases
}
