//! Workflows use actions by commit: a tag can be moved.

use foretaste_model::Ecosystem;
use foretaste_project::Constraint;
use foretaste_projects::Project;

use crate::failure::{Check, Failure};
use crate::verifier::Findings;

pub(crate) fn check(project: &Project, found: &mut Findings) {
    let workflows = project
        .manifests
        .iter()
        .filter(|m| m.ecosystem == Ecosystem::Actions);
    for requirement in workflows.flat_map(|m| &m.requirements) {
        found.checked.actions += 1;
        if requirement.constraint.is_exact() {
            continue;
        }
        let used = match &requirement.constraint {
            Constraint::Url(image) => image.to_string(),
            _ => format!(
                "{}@{}",
                requirement.name.as_deref().unwrap_or("an action"),
                requirement.specifier
            ),
        };
        found.failures.push(Failure::at(
            Check::UnpinnedAction,
            &requirement.place,
            &used,
            format!("{used} can be moved to other code by whoever owns it"),
            "write the full commit (for an image, its digest) in place of the tag or branch, with the tag as a comment",
        ));
    }
}
