//! What the policies of contained runs and watched jobs permit that they did not at an earlier commit.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use foretaste_engine::{Lapse, LapseKind};
use foretaste_io::files;
use foretaste_model::Span;
use foretaste_permits::{Kind, MAX_POLICY, Permits, What, line};
use foretaste_projects::{Project, Snapshot};

/// Files of a working copy that are looked at.
const MAX_FILES: usize = 500_000;

/// A policy as it stood.
struct Before {
    permits: Permits,
    text: String,
}

/// Compares every policy of a project with what it was, by what it means. A file is a policy if its command reads it, or did.
pub(super) fn lapses(folder: &Path, then: &Snapshot) -> Vec<Lapse> {
    let before: BTreeMap<&str, Before> = then
        .files()
        .iter()
        .filter(|path| may_be_policy(path))
        .filter_map(|path| {
            let text = files::read_text(&then.path().join(path), MAX_POLICY).ok()?;
            let permits = Permits::of(&text)?;
            Some((path.as_str(), Before { permits, text }))
        })
        .collect();
    let mut found = Vec::new();
    let mut gone = Vec::new();
    for (path, before) in &before {
        let kind = before.permits.kind();
        match read(folder, path) {
            Ok(None) => gone.push(before),
            Ok(Some(now)) if now == before.text => {}
            Ok(Some(now)) => match kind.read(&now) {
                Ok(permits) => tell(path, &now, &permits, Some(&before.permits), &mut found),
                Err(why) => found.push(broken(path, kind, &why)),
            },
            Err(why) => found.push(broken(path, kind, &why)),
        }
    }
    for path in new_files(folder, then, !gone.is_empty()) {
        if before.contains_key(path.as_str()) {
            continue;
        }
        let Ok(Some(now)) = read(folder, &path) else {
            continue;
        };
        let Some(permits) = Permits::of(&now) else {
            continue;
        };
        // renamed: whatever stood before under another name, and is there no more, was permitted
        let nearest = gone
            .iter()
            .filter(|before| before.permits.kind() == permits.kind())
            .min_by_key(|before| permits.beyond(Some(&before.permits)).len());
        let nearest = nearest.map(|before| &before.permits);
        tell(&path, &now, &permits, nearest, &mut found);
    }
    found
}

/// The files that are in no earlier state, committed or not. A policy can have any name; only where one is gone is it looked
/// for under every other.
fn new_files(folder: &Path, then: &Snapshot, has_lost_one: bool) -> BTreeSet<String> {
    let tree = foretaste_io::tree(folder, MAX_FILES, |name, _| Project::is_own(name));
    let lying = tree.map(|tree| tree.files).unwrap_or_default();
    let lying = lying.into_iter().map(|(path, _)| path);
    // what was committed counts even where an ignore file leaves it out
    let all = lying.chain(then.committed().iter().cloned());
    all.filter(|path| may_be_policy(path) || has_lost_one && !then.names().contains(path))
        .collect()
}

fn may_be_policy(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("toml"))
}

/// The text of a file of the project; none if there is no such file.
fn read(folder: &Path, path: &str) -> Result<Option<String>, String> {
    let place = folder.join(path);
    let inside = files::real_path(folder);
    let (Some(inside), Some(real)) = (inside, files::real_path(&place)) else {
        return Ok(None);
    };
    if !real.starts_with(inside) {
        return Err("it is a link that leads out of the project".to_owned());
    }
    files::read_text(&real, MAX_POLICY)
        .map(Some)
        .map_err(|error| error.to_string())
}

fn tell(path: &str, text: &str, now: &Permits, before: Option<&Permits>, found: &mut Vec<Lapse>) {
    for widening in now.beyond(before) {
        let line = line(text, &widening.at);
        found.push(Lapse {
            kind: match widening.what {
                What::Permission => LapseKind::WidenedPolicy,
                What::Budget => LapseKind::RaisedBudget,
            },
            subject: widening.told.into(),
            file: path.into(),
            span: line.map_or_else(Span::default, |line| Span::on_line(line, 1, 1)),
        });
    }
}

fn broken(path: &str, kind: Kind, why: &str) -> Lapse {
    // the parser's picture of the line stands between its place and its reason
    let mut lines = why.lines();
    let first = lines.next().unwrap_or_default();
    let subject = match lines.next_back() {
        Some(last) => format!("`{}`: {first}: {last}", kind.command()),
        None => format!("`{}`: {first}", kind.command()),
    };
    Lapse {
        kind: LapseKind::BrokenPolicy,
        subject: subject.into(),
        file: path.into(),
        span: Span::default(),
    }
}
