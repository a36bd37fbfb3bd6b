//! What of a crate runs while it is built: build scripts and procedural macros.

use foretaste_model::facts::{InstallSurface, SurfaceKind};
use toml_edit::{Item, TableLike};

use super::fields::text;
use super::{Reading, cut};

pub(super) fn read(
    reading: &Reading<'_>,
    root: &dyn TableLike,
    package: Option<&dyn TableLike>,
) -> Vec<InstallSurface> {
    let mut surfaces = Vec::new();
    if let Some(package) = package {
        build_scripts(reading, package, &mut surfaces);
        links(reading, package, &mut surfaces);
    }
    proc_macro(reading, root, &mut surfaces);
    surfaces
}

/// `build = "x.rs"`, or a list of them.
fn build_scripts(
    reading: &Reading<'_>,
    package: &dyn TableLike,
    surfaces: &mut Vec<InstallSurface>,
) {
    let Some(item) = package.get("build") else {
        return;
    };
    let single = item.as_str();
    let listed = item.as_array().into_iter().flatten();
    let listed = listed.filter_map(toml_edit::Value::as_str).take(20);
    for path in single.into_iter().chain(listed) {
        let plain = path.trim_start_matches("./");
        surfaces.push(InstallSurface {
            kind: SurfaceKind::BuildRs,
            name: cut(plain),
            command: "".into(),
            target: cut(plain),
            span: reading.span(item.span()),
        });
    }
}

fn links(reading: &Reading<'_>, package: &dyn TableLike, surfaces: &mut Vec<InstallSurface>) {
    let Some(item) = package.get("links") else {
        return;
    };
    if let Some(library) = item.as_str() {
        surfaces.push(InstallSurface {
            kind: SurfaceKind::NativeLinks,
            name: cut(library),
            command: "".into(),
            target: "".into(),
            span: reading.span(item.span()),
        });
    }
}

fn proc_macro(reading: &Reading<'_>, root: &dyn TableLike, surfaces: &mut Vec<InstallSurface>) {
    let Some(lib) = root.get("lib").and_then(Item::as_table_like) else {
        return;
    };
    let flag = lib.get("proc-macro").or_else(|| lib.get("proc_macro"));
    let types = lib.get("crate-type").or_else(|| lib.get("crate_type"));
    let by_type = types.is_some_and(|t| {
        t.as_array()
            .into_iter()
            .flatten()
            .any(|v| v.as_str() == Some("proc-macro"))
    });
    if flag.and_then(Item::as_bool) != Some(true) && !by_type {
        return;
    }
    let path = text(lib.get("path")).unwrap_or("src/lib.rs");
    surfaces.push(InstallSurface {
        kind: SurfaceKind::ProcMacro,
        name: cut(text(lib.get("name")).unwrap_or("proc-macro")),
        command: "".into(),
        target: cut(path.trim_start_matches("./")),
        span: reading.span(flag.or(types).and_then(Item::span)),
    });
}
