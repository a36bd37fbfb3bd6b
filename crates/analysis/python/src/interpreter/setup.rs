//! What a call of `setup()` says: the manifest, command classes, entry points.

use foretaste_model::Ecosystem;
use foretaste_model::facts::{InstallSurface, SurfaceKind};
use foretaste_model::manifest::{
    Dependency, DependencyKind, DependencySource, ManifestFacts, Person,
};
use ruff_python_ast as ast;

use super::Interpreter;
use super::call::Arg;
use super::expression::range;
use crate::value::{Shape, Value};

/// A call of `setup()`.
#[derive(Debug)]
pub(crate) struct SetupCall {
    pub(crate) manifest: ManifestFacts,
    pub(crate) surfaces: Vec<InstallSurface>,
    pub(crate) range: (u32, u32),
}

impl<'a> Interpreter<'a> {
    pub(super) fn setup_call(&mut self, node: &'a ast::ExprCall, args: &[Arg<'a>]) {
        if self.setup.is_some() {
            return;
        }
        let mut fields: Vec<(String, Value)> = Vec::new();
        for arg in args {
            match (arg.name, arg.spread, arg.value.shape) {
                (Some(_), true, Shape::Dict(dict)) => {
                    for (key, value) in self.dicts.get(dict as usize).cloned().unwrap_or_default() {
                        fields.extend(self.text_of(key).map(|k| (k.to_owned(), value)));
                    }
                }
                (Some(name), false, _) => fields.push((name.to_owned(), arg.value)),
                _ => {}
            }
        }
        let mut call = SetupCall {
            manifest: ManifestFacts::new(Ecosystem::Pypi),
            surfaces: Vec::new(),
            range: range(node),
        };
        let mut people = [Person::default(), Person::default()];
        for (name, value) in fields {
            self.setup_field(&mut call, &mut people, &name, value);
        }
        call.manifest
            .people
            .extend(people.into_iter().filter(|p| *p != Person::default()));
        self.setup = Some(call);
    }

    fn setup_field(
        &mut self,
        call: &mut SetupCall,
        people: &mut [Person; 2],
        name: &str,
        value: Value,
    ) {
        let text: Option<Box<str>> = self
            .text_of(value)
            .filter(|t| !t.contains("{}"))
            .map(|t| t.chars().take(64 << 10).collect::<String>().into());
        let manifest = &mut call.manifest;
        let slot = match name {
            "name" => &mut manifest.name,
            "version" => &mut manifest.version,
            "description" => &mut manifest.summary,
            "long_description" => &mut manifest.readme,
            "license" => &mut manifest.license,
            "url" | "home_page" => &mut manifest.homepage,
            "python_requires" => &mut manifest.requires,
            "author" => &mut people[0].name,
            "author_email" => &mut people[0].email,
            "maintainer" => &mut people[1].name,
            "maintainer_email" => &mut people[1].email,
            "install_requires" | "requires" => {
                return self.dependencies(call, value, DependencyKind::Run, "");
            }
            "setup_requires" => return self.dependencies(call, value, DependencyKind::Build, ""),
            "tests_require" => return self.dependencies(call, value, DependencyKind::Dev, ""),
            "extras_require" => {
                for (extra, value) in self.items(value) {
                    self.dependencies(call, value, DependencyKind::Optional, &extra);
                }
                return;
            }
            "project_urls" => {
                for (label, value) in self.items(value) {
                    if let Some(url) = self.text_of(value) {
                        let lower = label.to_ascii_lowercase();
                        if manifest.repository.is_none()
                            && ["source", "repo", "code", "github"]
                                .iter()
                                .any(|w| lower.contains(w))
                        {
                            manifest.repository = Some(url.into());
                        }
                        manifest.urls.push((label.into(), url.into()));
                    }
                }
                return;
            }
            "download_url" => {
                manifest.urls.extend(text.map(|t| ("Download".into(), t)));
                return;
            }
            "cmdclass" => return self.command_classes(call, value),
            "entry_points" => return self.entry_points(call, value),
            _ => return,
        };
        match text {
            Some(text) => *slot = Some(text),
            None => manifest.dynamic.push(name.into()),
        }
    }

    fn items(&self, dict: Value) -> Vec<(String, Value)> {
        let Shape::Dict(dict) = dict.shape else {
            return Vec::new();
        };
        self.dicts
            .get(dict as usize)
            .map_or(&[][..], |d| d)
            .iter()
            .take(256)
            .filter_map(|(k, v)| Some((self.text_of(*k)?.to_owned(), *v)))
            .collect()
    }

    fn strings(&mut self, value: Value) -> Option<Vec<String>> {
        match value.shape {
            Shape::Str(id) => Some(self.constants.text(id).lines().map(str::to_owned).collect()),
            Shape::List(list) => self
                .elements(list)
                .iter()
                .take(1024)
                .map(|v| self.text_of(*v).map(str::to_owned))
                .collect(),
            _ => None,
        }
    }

    fn dependencies(
        &mut self,
        call: &mut SetupCall,
        value: Value,
        kind: DependencyKind,
        extra: &str,
    ) {
        match self.strings(value) {
            Some(lines) => {
                for line in lines {
                    call.manifest
                        .dependencies
                        .extend(dependency(&line, kind, extra));
                }
            }
            None => call.manifest.dynamic.push("dependencies".into()),
        }
    }

    fn command_classes(&mut self, call: &mut SetupCall, value: Value) {
        for (command, class) in self.items(value) {
            let bases = match class.shape {
                Shape::Class(class) => self.bases_of(class).join(" "),
                _ => String::new(),
            };
            let class = match class.shape {
                Shape::Class(class) => self.class_name(class).to_owned(),
                Shape::Api(sym) => {
                    let name = self.symbols.name(sym);
                    name.rsplit('.').next().unwrap_or(name).to_owned()
                }
                _ => String::new(),
            };
            call.surfaces.push(InstallSurface {
                kind: SurfaceKind::CmdClass,
                name: command.into(),
                command: class.into(),
                target: bases.into(),
                span: None,
            });
        }
    }

    /// The classes of this file from which a class inherits.
    fn bases_of(&self, class: u32) -> Vec<&str> {
        let (mut found, mut at) = (vec![class], 0);
        while let Some(class) = found.get(at).copied()
            && found.len() < 16
        {
            at += 1;
            let bases = self
                .classes
                .get(class as usize)
                .map_or(&[][..], |c| &c.bases);
            for base in bases {
                if let Shape::Class(base) = base.shape
                    && !found.contains(&base)
                {
                    found.push(base);
                }
            }
        }
        found
            .iter()
            .skip(1)
            .map(|class| self.class_name(*class))
            .collect()
    }

    fn entry_points(&mut self, call: &mut SetupCall, value: Value) {
        let mut points: Vec<(String, String)> = Vec::new();
        if let Some(text) = self.text_of(value) {
            let mut group = String::new();
            for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
                match line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                    Some(name) => name.trim().clone_into(&mut group),
                    None => points.push((group.clone(), line.to_owned())),
                }
            }
        }
        for (group, value) in self.items(value) {
            for line in self.strings(value).unwrap_or_default() {
                points.push((group.clone(), line));
            }
            for (name, target) in self.items(value) {
                if let Some(target) = self.text_of(target) {
                    points.push((group.clone(), format!("{name}={target}")));
                }
            }
        }
        for (group, line) in points.into_iter().take(256) {
            let Some((name, target)) = line.split_once('=') else {
                continue;
            };
            let kind = match &*group {
                "console_scripts" | "gui_scripts" => SurfaceKind::EntryPoint,
                _ => SurfaceKind::Plugin,
            };
            let target = target.split('[').next().unwrap_or(target).trim();
            call.surfaces.push(InstallSurface {
                kind,
                name: format!("{group}:{}", name.trim()).into(),
                command: target.into(),
                target: "".into(),
                span: None,
            });
        }
    }
}

/// A requirement as PEP 508 writes it, taken apart without judging it.
fn dependency(line: &str, kind: DependencyKind, extra: &str) -> Option<Dependency> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') || line.starts_with('-') {
        return None;
    }
    let (requirement, marker) = line.split_once(';').unwrap_or((line, ""));
    let (requirement, url) = match requirement.split_once(" @ ") {
        Some((name, url)) => (name, Some(url.trim())),
        None => (requirement, None),
    };
    let end = requirement
        .find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .unwrap_or(requirement.len());
    let name = requirement.get(..end)?.trim();
    if name.is_empty() {
        return None;
    }
    let rest = requirement.get(end..).unwrap_or("").trim();
    let rest = match rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
        Some((_, rest)) => rest,
        None => rest,
    };
    let mut condition = marker.trim().to_owned();
    if !extra.is_empty() {
        if !condition.is_empty() {
            condition.push_str(" and ");
        }
        condition.push_str("extra == \"");
        condition.push_str(extra);
        condition.push('"');
    }
    Some(Dependency {
        name: name.into(),
        requirement: rest.trim().into(),
        kind,
        source: match url {
            Some(url) if url.starts_with("git+") || url.starts_with("hg+") => {
                DependencySource::Git(url.into())
            }
            Some(url) if url.starts_with("file:") => DependencySource::Path(url.into()),
            Some(url) => DependencySource::Url(url.into()),
            None => DependencySource::Registry,
        },
        condition: condition.into(),
        span: None,
    })
}
