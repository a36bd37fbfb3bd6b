//! Where names of modules and targets of surfaces lead, by words alone.

use foretaste_model::facts::{ArtifactKind, InstallSurface, SurfaceKind};

/// A name in a module; a relative module ends with its dot.
pub(super) fn dotted(module: &str, name: &str) -> String {
    if module.ends_with('.') {
        format!("{module}{name}")
    } else {
        format!("{module}.{name}")
    }
}

/// Joins a folder and a relative path, resolving `.` and `..` inside the artifact.
pub(super) fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Surfaces that count wherever their file lies.
pub(super) const fn runs_anywhere(kind: SurfaceKind) -> bool {
    matches!(kind, SurfaceKind::NugetScript | SurfaceKind::MsbuildImport)
}

/// True for a surface that nothing reads in this artifact: pip does not build the gem that a source distribution also is.
pub(super) const fn is_of_other_ecosystem(kind: SurfaceKind, artifact: ArtifactKind) -> bool {
    let of_others = matches!(
        kind,
        SurfaceKind::GemExtension
            | SurfaceKind::GemPlugin
            | SurfaceKind::ComposerScript
            | SurfaceKind::ComposerPlugin
            | SurfaceKind::ComposerAutoload
            | SurfaceKind::NugetScript
            | SurfaceKind::MsbuildImport
    );
    of_others && is_of_python_npm_or_cargo(artifact)
}

/// True for what pip, npm and cargo install: nothing of them loads programs or manifests of another ecosystem.
pub(super) const fn is_of_python_npm_or_cargo(artifact: ArtifactKind) -> bool {
    matches!(
        artifact,
        ArtifactKind::Sdist
            | ArtifactKind::Wheel
            | ArtifactKind::Egg
            | ArtifactKind::NpmTarball
            | ArtifactKind::Crate
    )
}

/// The names under which Python and Ruby code can import a file.
pub(super) fn module_names(path: &str) -> Vec<String> {
    // Ruby looks below `lib`
    if let Some(stem) = path.strip_suffix(".rb") {
        let below = stem.strip_prefix("lib/").unwrap_or(stem);
        return vec![below.to_owned()];
    }
    // byte code beside no source is a module like any other
    let Some(stem) = path
        .strip_suffix(".py")
        .or_else(|| path.strip_suffix(".pyc"))
    else {
        return Vec::new();
    };
    let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
    let full = stem.replace('/', ".");
    let inner = ["src.", "lib.", "python."]
        .iter()
        .find_map(|p| full.strip_prefix(p))
        .map(str::to_owned);
    inner.into_iter().chain([full]).collect()
}

/// The files that a surface's target or command line names.
pub(super) fn surface_targets(surface: &InstallSurface, folder: &str) -> Vec<String> {
    let mut targets = Vec::new();
    if !surface.target.is_empty() && surface.kind != SurfaceKind::CmdClass {
        targets.push(join(folder, &surface.target));
    }
    if matches!(
        surface.kind,
        SurfaceKind::NpmLifecycle | SurfaceKind::ComposerScript
    ) {
        let words = surface.command.split(|c: char| {
            c.is_whitespace() || matches!(c, '&' | ';' | '|' | '"' | '\'' | '(' | ')')
        });
        targets.extend(
            words
                .filter(|w| !w.is_empty() && !w.starts_with('-'))
                .map(|w| join(folder, w))
                .filter(|w| !w.is_empty()),
        );
    }
    targets
}
