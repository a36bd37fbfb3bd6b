//! What is told of drift and of what is installed, in the terminal and on the page alike.

use foretaste_model::words::counted;

use crate::drift::{Drift, Move};
use crate::installed::{Difference, Installed};

/// The figures of a drift: label, value.
pub(crate) fn drift_rows(of: &Drift) -> Vec<(&'static str, String)> {
    let mut rows = vec![("sets resolved anew", of.resolved.to_string())];
    if of.moved.of > 0 {
        rows.push(("packages that would move", of.moved.to_string()));
        let steps = format!("{} major, {} minor, {} patch", of.major, of.minor, of.patch);
        rows.push(("how far", steps));
    }
    if of.back > 0 {
        let text = format!(
            "{}: yanked, or held back by others",
            counted(of.back, "package")
        );
        rows.push(("backwards", text));
    }
    if of.entered + of.left > 0 {
        let text = format!("{} would enter, {} would leave", of.entered, of.left);
        rows.push(("other packages", text));
    }
    if let Some(oldest) = &of.oldest {
        let text = format!(
            "{}, of {} ({})",
            oldest.release,
            oldest.published.strftime("%Y-%m-%d"),
            counted(oldest.days, "day")
        );
        rows.push(("oldest of what would move", text));
    }
    rows
}

/// `pypi:django 4.2.1 → 5.1 (major)`.
pub(crate) fn moved(of: &Move) -> String {
    format!(
        "{}:{} {} → {} ({})",
        of.ecosystem.id(),
        of.package,
        of.locked,
        of.fresh,
        of.step.id()
    )
}

/// The figures of what is installed: label, value.
pub(crate) fn installed_rows(of: &Installed) -> Vec<(&'static str, String)> {
    vec![
        ("environments beside a lock", of.environments.to_string()),
        ("installed as locked", of.as_locked.to_string()),
        ("in another version", of.other_version.to_string()),
        ("in no lock", of.extra.to_string()),
        ("locked, not installed", of.missing.to_string()),
    ]
}

/// `.venv: attrs 24.3 is installed, 25.1 is locked`.
pub(crate) fn difference(of: &Difference) -> String {
    let locked = of.locked.join(" or ");
    let (environment, package) = (&of.environment, &of.package);
    match &of.installed {
        Some(installed) if of.locked.is_empty() => {
            format!("{environment}: {package} {installed} is installed, and no lock names it")
        }
        Some(installed) => {
            format!("{environment}: {package} {installed} is installed, {locked} is locked")
        }
        None => format!("{environment}: {package} {locked} is locked and not installed"),
    }
}
