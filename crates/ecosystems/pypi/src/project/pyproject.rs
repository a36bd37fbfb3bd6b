//! `pyproject.toml`: PEP 621, PEP 735, PEP 518, and the tables of poetry, pdm, uv and hatch.

use foretaste_project::{
    DeclaredOption, DeclaredSource, Document, Format, Group, Input, Location, Manifest, Problem,
    Reading, SourceKind, Text,
};

use super::toml_doc::{self, Placed};
use super::{decode, poetry, spec};
use crate::toml_node::Node;

/// Groups that include each other in a row.
const MAX_DEPTH: usize = 16;

pub(super) fn read(input: &Input<'_>) -> Reading {
    let (decoded, _) = decode::decode(input.bytes);
    let text = Text::new(input.path, &decoded);
    let mut problems = Vec::new();
    let mut manifest = Manifest::new(Format::Pyproject, input.path);
    toml_doc::read(&text, &mut problems, |root, problems| {
        let mut session = Session {
            manifest: &mut manifest,
            problems,
            text: &text,
        };
        session.project(root);
        session.groups(root);
        if let Some(build) = root.get("build-system") {
            session.list(build, "requires", Group::Build, "build-system");
        }
        if let Some(tool) = root.get("tool") {
            session.poetry(tool);
            session.pdm(tool);
            session.uv(tool);
            session.hatch(tool);
        }
    });
    Reading {
        document: Some(Document::Manifest(manifest)),
        problems,
    }
}

struct Session<'a, 'b> {
    manifest: &'a mut Manifest,
    problems: &'a mut Vec<Problem>,
    text: &'a Text<'b>,
}

impl Session<'_, '_> {
    fn one(&mut self, node: Node<'_>, group: Group, name: &str) {
        let Some(written) = node.str() else {
            let problem = Problem::new(node.place(self.text), "a dependency is no string");
            self.problems.push(problem);
            return;
        };
        let (found, fault) = spec::parse(written, node.place(self.text));
        if let Some(fault) = fault {
            // the text begins behind its quotation mark
            let range = node.range();
            let at = (range.start + 1 + fault.at).min(range.end);
            let mut problem = Problem::new(self.text.place(&(at..range.end)), fault.message);
            problem.hint = fault.hint.map(Into::into);
            self.problems.push(problem);
        }
        if let Some(mut found) = found {
            found.group = group;
            found.group_name = name.into();
            self.manifest.requirements.push(found);
        }
    }

    fn list(&mut self, table: Node<'_>, key: &str, group: Group, name: &str) {
        for node in table.list(key) {
            self.one(node, group, name);
        }
    }

    fn project(&mut self, root: Node<'_>) {
        let Some(project) = root.get("project") else {
            return;
        };
        self.manifest.name = project.text("name").map(Into::into);
        self.manifest.version = project.text("version").map(Into::into);
        self.manifest.requires = project.text("requires-python").map(Into::into);
        self.manifest.dynamic = project.texts("dynamic");
        self.list(project, "dependencies", Group::Main, "");
        let extras = project.get("optional-dependencies");
        for (extra, list) in extras.into_iter().flat_map(Node::entries) {
            for node in list.items() {
                self.one(node, Group::Optional, extra);
            }
        }
    }

    /// PEP 735.
    fn groups(&mut self, root: Node<'_>) {
        let Some(groups) = root.get("dependency-groups") else {
            return;
        };
        for (name, list) in groups.entries() {
            self.group(groups, name, list, name, &mut Vec::new());
        }
    }

    fn group<'n>(
        &mut self,
        groups: Node<'n>,
        of: &str,
        list: Node<'n>,
        name: &'n str,
        open: &mut Vec<&'n str>,
    ) {
        open.push(name);
        for node in list.items() {
            let Some(include) = node.text("include-group") else {
                self.one(node, Group::Dev, of);
                continue;
            };
            let canonical = |n: &str| n.to_lowercase().replace(['_', '.'], "-");
            let wanted = canonical(include);
            let found = groups
                .entries()
                .into_iter()
                .find(|(n, _)| canonical(n) == wanted);
            let message = match found {
                None => format!("there is no dependency group `{}`", spec::clip(include)),
                Some((n, _)) if open.contains(&n) || open.len() >= MAX_DEPTH => {
                    format!("the dependency group `{}` includes itself", spec::clip(n))
                }
                Some((n, inner)) => {
                    self.group(groups, of, inner, n, open);
                    continue;
                }
            };
            self.problems
                .push(Problem::new(node.place(self.text), message));
        }
        open.pop();
    }

    fn poetry_table(&mut self, table: Option<Node<'_>>, group: Group, name: &str) {
        for (key, value) in table.into_iter().flat_map(Node::entries) {
            if key == "python" {
                let version = value.str().or_else(|| value.text("version"));
                self.manifest.requires = version.map(Into::into).or(self.manifest.requires.take());
                continue;
            }
            for mut found in poetry::requirement(key, value, self.text, self.problems) {
                if group != Group::Main {
                    found.group = group;
                }
                found.group_name = name.into();
                // poetry 2 only adds details to what PEP 621 declares
                let declared = self.manifest.requirements.iter_mut().find(|r| {
                    group == Group::Main
                        && r.group == Group::Main
                        && r.key(self.manifest.ecosystem) == found.key(self.manifest.ecosystem)
                });
                match declared {
                    Some(declared) => {
                        declared.index = found.index.or(declared.index.take());
                        declared.editable |= found.editable;
                        if !matches!(found.constraint, foretaste_project::Constraint::Any) {
                            declared.constraint = found.constraint;
                        }
                    }
                    None => self.manifest.requirements.push(found),
                }
            }
        }
    }

    fn poetry(&mut self, tool: Node<'_>) {
        let Some(poetry) = tool.get("poetry") else {
            return;
        };
        let manifest = &mut *self.manifest;
        manifest.name = manifest
            .name
            .take()
            .or_else(|| poetry.text("name").map(Into::into));
        manifest.version = manifest
            .version
            .take()
            .or_else(|| poetry.text("version").map(Into::into));
        self.poetry_table(poetry.get("dependencies"), Group::Main, "");
        self.poetry_table(poetry.get("dev-dependencies"), Group::Dev, "dev");
        for (name, group) in poetry.get("group").into_iter().flat_map(Node::entries) {
            self.poetry_table(group.get("dependencies"), Group::Dev, name);
        }
        for source in poetry.list("source") {
            let (kind, explicit) = match source.text("priority") {
                Some("explicit") => (SourceKind::ExtraIndex, true),
                Some("supplemental" | "secondary") => (SourceKind::ExtraIndex, false),
                _ if source.flag("secondary") => (SourceKind::ExtraIndex, false),
                _ => (SourceKind::Index, false),
            };
            self.source(source, kind, explicit);
        }
    }

    fn source(&mut self, node: Node<'_>, kind: SourceKind, explicit: bool) {
        let Some(url) = node.text("url") else {
            return;
        };
        self.manifest.sources.push(DeclaredSource {
            kind,
            name: node.text("name").map(Into::into),
            location: Location::new(url),
            explicit,
            place: node.get("url").unwrap_or(node).place(self.text),
        });
    }

    fn pdm(&mut self, tool: Node<'_>) {
        let Some(pdm) = tool.get("pdm") else {
            return;
        };
        for (name, list) in pdm
            .get("dev-dependencies")
            .into_iter()
            .flat_map(Node::entries)
        {
            for node in list.items() {
                // `-e file:///…` stands there too
                match node.str().and_then(|s| s.trim().strip_prefix("-e ")) {
                    Some(path) => {
                        let mut found =
                            foretaste_project::Requirement::new("", node.place(self.text));
                        let target = spec::target(path.trim());
                        found.name = target.name.map(Into::into);
                        found.constraint = target.constraint;
                        found.editable = true;
                        found.group = Group::Dev;
                        found.group_name = name.into();
                        self.manifest.requirements.push(found);
                    }
                    None => self.one(node, Group::Dev, name),
                }
            }
        }
        for source in pdm.list("source") {
            let first = source.text("name") == Some("pypi");
            let kind = match source.text("type") {
                Some("find_links") => SourceKind::FindLinks,
                _ if first => SourceKind::Index,
                _ => SourceKind::ExtraIndex,
            };
            self.source(source, kind, source.get("include_packages").is_some());
        }
    }

    fn uv(&mut self, tool: Node<'_>) {
        let Some(uv) = tool.get("uv") else {
            return;
        };
        self.list(uv, "dev-dependencies", Group::Dev, "dev");
        self.list(uv, "constraint-dependencies", Group::Constraint, "");
        self.list(uv, "override-dependencies", Group::Override, "");
        self.list(
            uv,
            "build-constraint-dependencies",
            Group::Constraint,
            "build-system",
        );
        for index in uv.list("index") {
            let kind = if index.flag("default") {
                SourceKind::Index
            } else {
                SourceKind::ExtraIndex
            };
            self.source(index, kind, index.flag("explicit"));
        }
        let scopes = [Some(uv), uv.get("pip")];
        for (key, kind) in [
            ("index-url", SourceKind::Index),
            ("extra-index-url", SourceKind::ExtraIndex),
            ("find-links", SourceKind::FindLinks),
        ] {
            let found: Vec<_> = scopes.iter().flatten().filter_map(|s| s.get(key)).collect();
            for value in found
                .into_iter()
                .flat_map(|v| v.str().map(|_| v).into_iter().chain(v.items()))
            {
                let Some(url) = value.str() else { continue };
                self.manifest.sources.push(DeclaredSource {
                    kind,
                    name: None,
                    location: Location::new(url),
                    explicit: false,
                    place: value.place(self.text),
                });
            }
        }
        for key in [
            "index-strategy",
            "exclude-newer",
            "prerelease",
            "resolution",
        ] {
            if let Some(value) = uv.get(key).filter(|v| v.str().is_some()) {
                self.manifest.options.push(DeclaredOption {
                    name: key.into(),
                    value: value.str().unwrap_or_default().into(),
                    place: value.place(self.text),
                });
            }
        }
        self.manifest.members = uv
            .get("workspace")
            .map(|w| w.texts("members"))
            .unwrap_or_default();
        for (name, source) in uv.get("sources").into_iter().flat_map(Node::entries) {
            let first = if source.is_array() {
                source.items().next()
            } else {
                Some(source)
            };
            if let Some(source) = first {
                self.uv_source(name, source);
            }
        }
    }

    /// Where uv takes a declared package from.
    fn uv_source(&mut self, name: &str, source: Node<'_>) {
        let mut details = poetry::requirement(name, source, self.text, &mut Vec::new());
        let Some(details) = details.pop() else { return };
        let ecosystem = self.manifest.ecosystem;
        let key = details.key(ecosystem);
        let workspace = source.flag("workspace");
        for found in self
            .manifest
            .requirements
            .iter_mut()
            .filter(|r| r.key(ecosystem) == key)
        {
            found.index.clone_from(&details.index);
            found.editable |= details.editable;
            if workspace {
                found.constraint = foretaste_project::Constraint::Workspace;
            } else if !matches!(details.constraint, foretaste_project::Constraint::Any) {
                found.constraint = details.constraint.clone();
            }
        }
    }

    fn hatch(&mut self, tool: Node<'_>) {
        let environments = tool.path(&["hatch", "envs"]);
        for (name, environment) in environments.into_iter().flat_map(Node::entries) {
            self.list(environment, "dependencies", Group::Dev, name);
            self.list(environment, "extra-dependencies", Group::Dev, name);
        }
    }
}
