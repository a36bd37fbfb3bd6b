//! Why each package is there, for locks that do not say: by what leads to it.

use foretaste_project::{Edge, Group, Lock};

/// Sets every package's group to the most needed one among the ways that lead to it from the roots.
pub(super) fn mark_groups(lock: &mut Lock) {
    let mut best: Vec<Option<Group>> = vec![None; lock.packages.len()];
    let rank = |group: Group| match group {
        Group::Main => 0,
        Group::Optional | Group::Peer => 1,
        _ => 2,
    };
    let worse = |a: Group, b: Group| if rank(a) >= rank(b) { a } else { b };
    let mut queue: Vec<(usize, Group)> = Vec::new();
    let enqueue = |edges: &[Edge], way: Group, queue: &mut Vec<(usize, Group)>| {
        queue.extend(
            edges
                .iter()
                .filter_map(|e| Some((e.to?, worse(way, e.group)))),
        );
    };
    for root in &lock.roots {
        queue.extend(root.package.map(|p| (p, Group::Main)));
        enqueue(&root.dependencies, Group::Main, &mut queue);
    }
    while let Some((at, way)) = queue.pop() {
        let Some(slot) = best.get_mut(at) else {
            continue;
        };
        if slot.is_some_and(|known| rank(known) <= rank(way)) {
            continue;
        }
        *slot = Some(way);
        // what a package needs in order to be developed is not installed with it
        if let Some(package) = lock.packages.get(at) {
            enqueue(&package.dependencies, way, &mut queue);
        }
    }
    for (package, group) in lock.packages.iter_mut().zip(best) {
        package.group = group.unwrap_or(package.group);
    }
}
