//! `setup.cfg` of setuptools (<https://setuptools.pypa.io/en/latest/userguide/declarative_config.html>) and of pbr and
//! d2to1, whose fields have the names of core metadata.

use foretaste_model::facts::SurfaceKind;
use foretaste_model::manifest::DependencyKind;

use super::people::people;
use super::reading::{Reading, stated, value};
use crate::ini::{Delimiters, Ini, Item, normalise};

pub(super) fn read(reading: &mut Reading<'_>) {
    let ini = Ini::parse(reading.text, Delimiters::EqualsAndColon);
    for line in &ini.odd_lines {
        let span = Some(reading.line_span(*line));
        reading.problem(span, "a line is neither a section nor an option");
    }
    metadata(reading, &ini);
    options(reading, &ini);
    entry_points(reading, &ini);
    for item in ini.items("options.extras_require") {
        let extra = format!("extra == '{}'", item.key);
        requirements(reading, item, DependencyKind::Optional, &extra);
    }
    // pbr: hooks are Python callables that run while the package is built.
    for section in ["global", "backwards_compat"] {
        for item in ini.items(section) {
            if matches!(normalise(&item.key).as_str(), "setup-hooks" | "setup-hook") {
                let span = Some(reading.line_span(item.line));
                for hook in item.value.split_whitespace() {
                    reading.surface(SurfaceKind::CmdClass, "setup-hooks", hook, "", span);
                }
            }
        }
    }
    reading.settle_links();
}

fn metadata(reading: &mut Reading<'_>, ini: &Ini) {
    let get = |key: &str| ini.get("metadata", key);
    for (key, slot) in [("name", 0), ("version", 1)] {
        let Some(text) = get(key) else { continue };
        if text.starts_with("attr:") || text.starts_with("file:") {
            reading.facts.dynamic.push(key.into());
        } else if slot == 0 {
            reading.facts.name = stated(text);
        } else {
            reading.facts.version = stated(text);
        }
    }
    reading.facts.summary = get("summary")
        .or_else(|| get("description"))
        .filter(|text| !text.starts_with("file:"))
        .and_then(stated);
    reading.facts.license = get("license").and_then(stated);
    reading.facts.homepage = ["url", "home-page"]
        .iter()
        .find_map(|k| get(k))
        .and_then(stated);
    reading.facts.requires = get("requires-python")
        .or_else(|| get("python-requires"))
        .or_else(|| ini.get("options", "python-requires"))
        .and_then(stated);
    let mut found = people(get("author"), get("author-email"));
    found.extend(people(get("maintainer"), get("maintainer-email")));
    reading.facts.people = found;
    for key in ["project-urls", "project-url"] {
        for line in get(key).unwrap_or_default().lines() {
            if let Some((label, url)) = line.split_once('=') {
                reading.url(label, url);
            }
        }
    }
    if let Some(url) = get("download-url") {
        reading.url("Download", url);
    }
    for item in ini.items("metadata") {
        if matches!(normalise(&item.key).as_str(), "requires-dist") {
            requirements(reading, item, DependencyKind::Run, "");
        }
    }
}

fn options(reading: &mut Reading<'_>, ini: &Ini) {
    for item in ini.items("options") {
        match normalise(&item.key).as_str() {
            "install-requires" => requirements(reading, item, DependencyKind::Run, ""),
            "setup-requires" => requirements(reading, item, DependencyKind::Build, ""),
            "tests-require" => requirements(reading, item, DependencyKind::Dev, ""),
            // Command classes are looked up in the source tree and run at build time.
            "cmdclass" => {
                let span = Some(reading.line_span(item.line));
                for line in item.value.lines() {
                    if let Some((name, class)) = line.split_once('=') {
                        let (name, class) = (name.trim(), class.trim());
                        let target = module_file(class);
                        reading.surface(SurfaceKind::CmdClass, name, class, &target, span);
                    }
                }
            }
            _ => {}
        }
    }
}

/// `pkg.mod.Class` → `pkg/mod.py`.
fn module_file(object: &str) -> String {
    object
        .rsplit_once('.')
        .map(|(module, _)| format!("{}.py", module.replace('.', "/")))
        .unwrap_or_default()
}

fn entry_points(reading: &mut Reading<'_>, ini: &Ini) {
    for section in ["options.entry_points", "entry_points"] {
        for item in ini.items(section) {
            let lines = item.value.lines().enumerate();
            for (at, line) in lines.filter(|(_, l)| !l.trim().is_empty()) {
                let number = item.line.saturating_add(at as u32);
                let span = Some(reading.line_span(number));
                match line.split_once('=') {
                    Some((name, object)) => {
                        reading.entry_point(&item.key, name.trim(), object.trim(), span);
                    }
                    None => reading.problem(span, "a line is no entry point"),
                }
            }
        }
    }
}

/// One requirement a line. `file:` leaves them to build time.
fn requirements(reading: &mut Reading<'_>, item: &Item, kind: DependencyKind, condition: &str) {
    if item.value.starts_with("file:") {
        reading.facts.dynamic.push(value(&item.key));
        return;
    }
    for (at, line) in item.value.lines().enumerate() {
        let span = Some(reading.line_span(item.line.saturating_add(at as u32)));
        // On one line setuptools separates with `;`, which markers use too: only a list without markers is split.
        let single = at == 0 && line.contains(';') && !line.contains(['\'', '"']);
        if single {
            for part in line.split(';') {
                reading.requirement(part, kind, condition, span);
            }
        } else {
            reading.requirement(line, kind, condition, span);
        }
    }
}
