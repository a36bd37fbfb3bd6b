//! A whole tar: its files, then what its links stand for.

use super::walk::{Kind, Walk};
use crate::links::{Links, Target};
use crate::member::Member;
use crate::names::{self, Names, Reread};
use crate::path::Name;
use crate::session::Session;
use crate::stream::Source;
use crate::unpack::{Place, deliver};
use foretaste_model::AnomalyKind;

/// Reads a tar. `open` starts at its first byte each time: links and repeated names need a second reading, so that
/// no more than one member is in memory. False if it has no member at all.
pub(crate) fn read<'a>(
    cx: &mut Session<'_>,
    place: &'a Place,
    open: &mut dyn FnMut() -> Source<'a>,
) -> bool {
    let mut names = Names::default();
    let mut links = Links::default();
    let mut walk = Walk::new(open(), place);
    let mut found = false;
    while let Some(mut entry) = walk.next(cx) {
        found = true;
        match &entry.kind {
            Kind::Folder => {}
            Kind::Special => cx.note(
                AnomalyKind::SpecialFile,
                &entry.name.shown,
                "it is a device file or a FIFO",
            ),
            Kind::Symlink(target) => {
                add_link(
                    cx,
                    &mut names,
                    &mut links,
                    &entry.name,
                    Target::symbolic(target),
                );
            }
            Kind::Hardlink(target) => {
                add_link(
                    cx,
                    &mut names,
                    &mut links,
                    &entry.name,
                    Target::hard(target),
                );
            }
            Kind::File => {
                let (data, complete) = walk.body(cx, &entry);
                names::name_unnamed(cx, &mut entry.name);
                names.add_file(cx, &entry.name);
                let member = Member {
                    path: entry.name.path,
                    raw_path: entry.name.raw,
                    executable: entry.executable,
                    data,
                    complete,
                    depth: place.depth,
                    link_to: None,
                };
                deliver(cx, place, member);
            }
        }
    }
    names::settle(cx, place, &names, &links, &mut |cx, wanted, sink| {
        let mut walk = Walk::new(open(), place);
        while let Some(mut entry) = walk.next(cx) {
            if !matches!(entry.kind, Kind::File) {
                continue;
            }
            names::name_unnamed(cx, &mut entry.name);
            if wanted(&entry.name.path) {
                let (data, complete) = walk.body(cx, &entry);
                sink(
                    cx,
                    Reread {
                        path: &entry.name.path,
                        executable: entry.executable,
                        data,
                        complete,
                    },
                );
            } else {
                walk.skip(cx, &entry);
            }
        }
    });
    found
}

fn add_link(
    cx: &mut Session<'_>,
    names: &mut Names,
    links: &mut Links,
    name: &Name,
    target: Target,
) {
    names.add_link(cx, name, &target);
    links.add(cx, name, target);
}
