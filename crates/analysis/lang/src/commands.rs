//! Command lines inside programs and manifests: what `os.system("...")` runs and what `postinstall` says is read as the
//! shell reads it, and becomes a layer.

use foretaste_model::facts::{FileFacts, Language, Layer, SurfaceKind, UseKind};
use foretaste_model::{Capability, CapabilityGroup, Limits};

use crate::script::quoted_line;
use crate::shell;

/// Command lines of one file that are read.
const MAX_LINES: usize = 32;

/// Adds a layer for each command line that does more than start a program.
pub(crate) fn add(facts: &mut FileFacts, limits: &Limits) {
    let mut lines: Vec<(Box<str>, String, foretaste_model::Span)> = Vec::new();
    for used in &facts.uses {
        let starts = matches!(
            used.capability,
            Capability::ProcessShell | Capability::ProcessSpawn
        ) && used.kind == UseKind::Call;
        if starts && lines.len() < MAX_LINES {
            let line = match &used.constants[..] {
                [] => continue,
                [line] => line.to_string(),
                words => quoted_line(&words.iter().map(|w| &**w).collect::<Vec<_>>()),
            };
            if line.len() >= 6
                && !lines
                    .iter()
                    .any(|(_, known, span)| *known == line && *span == used.span)
            {
                lines.push((used.api.clone(), line, used.span));
            }
        }
    }
    // what npm, composer or a workflow would run
    let runs = |kind: SurfaceKind| kind.runs_at_install() || kind == SurfaceKind::ActionStep;
    for surface in facts.surfaces.iter().filter(|s| runs(s.kind)) {
        let from_manifest = facts.language == Language::Manifest && !surface.command.is_empty();
        if from_manifest && lines.len() < MAX_LINES {
            let span = surface.span.unwrap_or_default();
            lines.push((surface.name.clone(), surface.command.to_string(), span));
        }
    }
    for (step, line, span) in lines {
        let known = facts
            .layers
            .iter()
            .any(|l| l.span == span && l.facts.language == Language::Shell);
        if known {
            continue;
        }
        let inner = shell::observe(&line, limits, 1);
        if is_telling(&inner) {
            facts.layers.push(Layer {
                steps: vec![step],
                span,
                executed: true,
                facts: Box::new(inner),
            });
        }
    }
    facts.layers.sort_by_key(|l| l.span);
}

/// True if the line does something that the outer facts do not say already.
fn is_telling(facts: &FileFacts) -> bool {
    let harmless = |group| {
        matches!(
            group,
            CapabilityGroup::Process | CapabilityGroup::Time | CapabilityGroup::Encode
        )
    };
    !facts.flows.is_empty()
        || !facts.layers.is_empty()
        || facts.uses.iter().any(|u| !harmless(u.capability.group()))
}
