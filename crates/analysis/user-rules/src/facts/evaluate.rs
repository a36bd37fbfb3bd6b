//! Whether a condition holds, and what shows it.

use foretaste_engine::prelude::*;
use foretaste_model::facts::Step;
use foretaste_model::metadata::ReleaseMetadata;

use super::check::is_capability;
use super::condition::{ChainCondition, Condition, Context, Range};
use crate::Glob;

/// Places that one condition shows.
const MAX_PLACES: usize = 4;

/// What conditions are asked about: some files of a scene, and the release.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'s, 'a> {
    pub(crate) scene: &'s Scene<'a>,
    pub(crate) files: &'s [FileView<'s>],
}

/// What shows that a condition holds: when it runs, and where.
pub(crate) type Shown = Vec<(ExecutionContext, Evidence)>;

impl Subject<'_, '_> {
    /// What shows that a condition holds; none if it does not.
    pub(crate) fn holds(self, condition: &Condition) -> Option<Shown> {
        let mut shown = Shown::new();
        self.in_files(condition, &mut shown)?;
        self.in_release(condition)?;
        for inner in &condition.all {
            shown.extend(self.holds(inner)?);
        }
        if !condition.any.is_empty() {
            shown.extend(condition.any.iter().find_map(|inner| self.holds(inner))?);
        }
        if condition
            .not
            .as_ref()
            .is_some_and(|inner| self.holds(inner).is_some())
        {
            return None;
        }
        shown.truncate(4 * MAX_PLACES);
        Some(shown)
    }

    fn in_files(self, c: &Condition, shown: &mut Shown) -> Option<()> {
        let argument = c.argument.as_deref().map(Glob::new);
        if c.capability.is_some() || c.api.is_some() {
            let api = c.api.as_deref().map(Glob::new);
            let fits = |u: &Use| {
                c.capability
                    .as_deref()
                    .is_none_or(|w| is_capability(w, u.capability))
                    && api.as_ref().is_none_or(|a| a.fits(&u.api))
                    && argument
                        .as_ref()
                        .is_none_or(|a| u.constants.iter().any(|k| a.fits(k)))
            };
            self.places(shown, |view| {
                let uses = view.facts.uses.iter().filter(|u| fits(u));
                uses.map(|u| (u.function, u.span, u.api.to_string()))
                    .collect()
            })?;
        }
        if let Some(chain) = &c.chain {
            self.chains(chain, shown)?;
        }
        if let Some(literal) = c.literal.as_deref().map(Glob::new) {
            self.literals(shown, |value| literal.fits(value))?;
        }
        if let Some(host) = &c.host {
            self.literals(shown, |value| names_host(host, value))?;
        }
        if let Some(import) = c.import.as_deref().map(Glob::new) {
            self.places(shown, |view| {
                let imports = view.facts.imports.iter().filter(|i| import.fits(&i.module));
                imports
                    .map(|i| (i.function, i.span, i.module.to_string()))
                    .collect()
            })?;
        }
        let path = c.path.as_deref().map(Glob::new);
        let of_file = path.is_some()
            || c.language.is_some()
            || c.decoded.is_some()
            || c.size.is_some()
            || !c.context.is_empty();
        if of_file {
            let fits = |view: &&FileView<'_>| {
                path.as_ref().is_none_or(|p| p.fits(view.path()))
                    && c.language
                        .as_deref()
                        .is_none_or(|l| view.facts.language.id() == l)
                    && c.decoded.is_none_or(|d| d != view.layer.is_empty())
                    && c.size
                        .is_none_or(|s| s.holds(view.facts.shape.bytes as f64))
                    && (c.context.is_empty()
                        || c.context
                            .iter()
                            .any(|w| in_context(*w, view.worst_context())))
            };
            let view = self.files.iter().find(fits)?;
            let evidence = Evidence::file(&view.artifact.filename, view.path(), "the file");
            shown.push((view.worst_context(), evidence));
        }
        Some(())
    }

    /// Shows every place that `find` gives; none if there is none.
    fn places(
        self,
        shown: &mut Shown,
        find: impl Fn(&FileView<'_>) -> Vec<(u32, Span, String)>,
    ) -> Option<()> {
        let before = shown.len();
        for view in self.files {
            for (function, span, note) in find(view) {
                if shown.len() < before + MAX_PLACES {
                    shown.push((
                        view.context(function),
                        view.evidence(span, EvidenceRole::Site, note),
                    ));
                }
            }
        }
        (shown.len() > before).then_some(())
    }

    fn literals(self, shown: &mut Shown, fits: impl Fn(&str) -> bool) -> Option<()> {
        self.places(shown, |view| {
            let literals = view.facts.literals.iter().filter(|l| fits(&l.value));
            let literals = literals.map(|l| (l.function, l.span, "names it".to_owned()));
            let uses = view
                .facts
                .uses
                .iter()
                .filter(|u| u.constants.iter().any(|k| fits(k)));
            literals
                .chain(uses.map(|u| (u.function, u.span, u.api.to_string())))
                .collect()
        })
    }

    fn chains(self, wanted: &ChainCondition, shown: &mut Shown) -> Option<()> {
        let constant = wanted.constant.as_deref().map(Glob::new);
        let is = |word: &Option<String>, step: Option<&Step>| match (word, step) {
            (None, _) => true,
            (Some(word), Some(step)) => is_capability(word, step.capability),
            (Some(_), None) => false,
        };
        for view in self.files {
            for chain in view.chains() {
                let flow = chain.flow;
                let through = wanted.through.as_deref().is_none_or(|word| {
                    chain
                        .transforms()
                        .any(|step| is_capability(word, step.capability))
                });
                let named = constant.as_ref().is_none_or(|glob| {
                    flow.steps
                        .iter()
                        .any(|s| s.constant.as_deref().is_some_and(|k| glob.fits(k)))
                });
                if through
                    && named
                    && is(&wanted.from, chain.source())
                    && is(&wanted.to, chain.sink())
                {
                    let context = chain.context();
                    let places = chain.evidence(|step| step.api.to_string());
                    shown.extend(places.into_iter().map(|e| (context, e)));
                    return Some(());
                }
            }
        }
        None
    }

    fn in_release(self, c: &Condition) -> Option<()> {
        let scene = self.scene;
        let fits = |glob: &Option<String>, text: Option<&str>| match (glob, text) {
            (None, _) => true,
            (Some(glob), Some(text)) => Glob::new(glob).fits(text),
            (Some(_), None) => false,
        };
        let within = |range: Option<Range>, value: Option<f64>| match (range, value) {
            (None, _) => true,
            (Some(range), Some(value)) => range.holds(value),
            (Some(_), None) => false,
        };
        let record = scene.record();
        let manifest: Vec<_> = scene
            .manifests()
            .flat_map(|(_, _, m)| m.dependencies.iter())
            .collect();
        let listed = record.and_then(|r| r.dependencies.known());
        let names: Vec<&str> = match listed {
            Some(listed) => listed.iter().map(|d| &*d.name).collect(),
            None => manifest.iter().map(|d| &*d.name).collect(),
        };
        let dependency = c.dependency.as_deref().map(Glob::new);
        // asked for only if it is, for the answer is another one each day
        let published = c.age_days.and(record).and_then(ReleaseMetadata::published);
        let age = published.map(|time| scene.clock.days_since(time));
        let holds = fits(&c.name, scene.release.map(|r| r.name.as_str()))
            && fits(&c.version, scene.release.map(|r| &*r.version))
            && c.ecosystem
                .as_deref()
                .is_none_or(|e| scene.ecosystem.is_some_and(|s| s.id() == e))
            && dependency.is_none_or(|glob| names.iter().any(|n| glob.fits(n)))
            && within(c.dependencies, Some(names.len() as f64))
            && within(
                c.file_count,
                scene
                    .artifacts
                    .iter()
                    .map(|a| a.files.len() as f64)
                    .reduce(f64::max),
            )
            && within(c.age_days, age.map(|d| d as f64))
            && within(c.releases, record.map(|r| r.history.len() as f64))
            && within(
                c.downloads,
                scene
                    .downloads
                    .known()
                    .filter(|d| d.days > 0)
                    .map(|d| d.count as f64 * 30.0 / f64::from(d.days)),
            );
        holds.then_some(())
    }
}

const fn in_context(word: Context, context: ExecutionContext) -> bool {
    matches!(
        (word, context),
        (Context::Install, ExecutionContext::Install)
            | (Context::Start, ExecutionContext::Start)
            | (Context::Import, ExecutionContext::Import)
            | (Context::Entry, ExecutionContext::Entry)
            | (Context::Called, ExecutionContext::Called)
            | (Context::Test, ExecutionContext::Test)
            | (Context::Asset, ExecutionContext::Asset)
    )
}

/// True if a constant is, or is a URL of, the host; `*.` before it means hosts below it.
fn names_host(host: &str, value: &str) -> bool {
    let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let named = authority.rsplit_once('@').map_or(authority, |(_, h)| h);
    let named = named.split(':').next().unwrap_or(named).to_lowercase();
    match host.strip_prefix("*.") {
        Some(parent) => named
            .strip_suffix(&parent.to_lowercase())
            .is_some_and(|below| below.ends_with('.')),
        None => named == host.to_lowercase(),
    }
}
