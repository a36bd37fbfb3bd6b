//! Ways to run without being imported, and entry points: which are new, and which start something else.

use std::collections::BTreeMap;

use foretaste_model::change::{CapabilityGain, SurfaceChange};
use foretaste_model::facts::{ArtifactKind, InstallSurface, SurfaceKind};
use foretaste_model::{Capability, Evidence, EvidenceRole, ExecutionContext};

use super::pair::{Pair, Side};
use crate::FileView;
use crate::context::starts_a_file;

/// What stays the same when only the command changes.
type Key = (SurfaceKind, Box<str>);

/// New and changed install surfaces, and new and changed entry points.
pub(super) fn of(
    pair: &Pair<'_>,
    gains: &[CapabilityGain],
) -> (Vec<SurfaceChange>, Vec<SurfaceChange>) {
    let mut before: BTreeMap<Key, Vec<Box<str>>> = BTreeMap::new();
    for (_, surface) in surfaces(&pair.old) {
        let commands = before.entry((surface.kind, surface.name.clone()));
        commands.or_default().push(surface.command.clone());
    }
    let by_itself = |g: &&CapabilityGain| g.context <= ExecutionContext::Start;
    let gains_all = |wanted: &[Capability]| {
        wanted
            .iter()
            .all(|c| gains.iter().filter(by_itself).any(|g| g.capability == *c))
    };
    // installers start programs; few unpack them first
    let starts_unpacked = gains_all(&[
        Capability::DecodeCompressed,
        Capability::FileWrite,
        Capability::ProcessSpawn,
    ]);
    let can: Vec<Capability> = gains
        .iter()
        .filter(by_itself)
        .filter(|g| {
            is_dangerous(g.capability)
                || (starts_unpacked && g.capability == Capability::ProcessSpawn)
        })
        // what another file of the package holds counts where it stands
        .filter(|g| !starts_a_file(&g.evidence.note))
        .map(|g| g.capability)
        .collect();
    let (mut install, mut entry) = (Vec::new(), Vec::new());
    for (view, surface) in surfaces(&pair.new) {
        let known = before.get(&(surface.kind, surface.name.clone()));
        if known.is_some_and(|commands| commands.contains(&surface.command)) {
            continue;
        }
        let runs = surface.kind.runs_at_install() || surface.kind.runs_at_start();
        let change = SurfaceChange {
            kind: surface.kind,
            name: surface.name.clone(),
            command: surface.command.clone(),
            before: known.and_then(|commands| commands.first().cloned()),
            evidence: evidence(&view, surface),
            can: if runs { can.clone() } else { Vec::new() },
        };
        if runs {
            install.push(change);
        } else if surface.kind != SurfaceKind::NativeLinks {
            entry.push(change);
        }
    }
    (install, entry)
}

fn evidence(view: &FileView<'_>, surface: &InstallSurface) -> Evidence {
    let note = if surface.command.is_empty() {
        surface.name.clone()
    } else {
        format!("{}: {}", surface.name, surface.command).into()
    };
    match surface.span {
        Some(span) => view.evidence(span, EvidenceRole::Trigger, note),
        None => Evidence::file(&view.artifact.filename, view.path(), note),
    }
}

/// The surfaces that an installer really honours.
fn surfaces<'a>(side: &Side<'a>) -> Vec<(FileView<'a>, &'a InstallSurface)> {
    let wheel = side.artifact.kind == ArtifactKind::Wheel;
    side.files()
        .flat_map(|view| {
            let facts = view.facts;
            facts.surfaces.iter().map(move |s| (view.clone(), s))
        })
        .filter(|(view, surface)| {
            let path = view.path();
            let at_root = !path.contains('/');
            let metadata = path.matches('/').count() == 1 && path.contains(".dist-info/");
            let kind = surface.kind;
            if kind.runs_at_start() {
                view.context(0) <= ExecutionContext::Start
            } else if kind == SurfaceKind::NpmLifecycle {
                at_root && matches!(&*surface.name, "preinstall" | "install" | "postinstall")
            } else if kind.runs_at_install() {
                at_root && !wheel
            } else {
                at_root || metadata
            }
        })
        .collect()
}

/// Capabilities that code started by an installer rarely needs.
pub(super) const fn is_dangerous(capability: Capability) -> bool {
    capability.is_network_sink()
        || capability.is_network_source()
        || matches!(
            capability,
            Capability::NetworkListen
                | Capability::NetworkBlockchain
                | Capability::ProcessShell
                | Capability::CodeEval
                | Capability::DecodeCipher
                | Capability::EnvironmentReadAll
                | Capability::CredentialStore
                | Capability::CredentialToken
                | Capability::Wallet
                | Capability::Clipboard
                | Capability::Screen
                | Capability::Keyboard
                | Capability::SystemPersist
                | Capability::PackageInstall
        )
}
