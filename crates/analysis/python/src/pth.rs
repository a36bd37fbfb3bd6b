//! `.pth` files: Python's `site` runs every line that begins with `import` and a blank, whenever an interpreter starts.

use foretaste_model::Limits;
use foretaste_model::facts::{FileFacts, InstallSurface, Language, SurfaceKind};
use foretaste_model::span::LineIndex;

use crate::observe::read;

/// Observes the lines that run; the others are paths and become blank lines, so that places stay.
pub(crate) fn observe(text: &str, limits: &Limits) -> FileFacts {
    let mut code = String::with_capacity(text.len());
    let mut lines = Vec::new();
    for (number, line) in text.split('\n').enumerate() {
        let line = line.trim_end_matches('\r');
        let bare = line.trim_start_matches('\u{feff}');
        if bare.starts_with("import ") || bare.starts_with("import\t") {
            code.push_str(line);
            lines.push(number as u32 + 1);
        }
        code.push('\n');
    }
    let mut facts = read("x.pth", &code, limits, 0);
    facts.language = Language::Pth;
    let index = LineIndex::new(text);
    for line in lines.into_iter().take(64) {
        let shown = index.line(line);
        facts.surfaces.push(InstallSurface {
            kind: SurfaceKind::Pth,
            name: if is_namespace(shown) {
                foretaste_model::facts::NAMESPACE_LINE.into()
            } else {
                "import".into()
            },
            command: shown.chars().take(512).collect::<String>().into(),
            target: "".into(),
            span: Some(foretaste_model::Span::on_line(
                line,
                1,
                shown.chars().count() as u32 + 1,
            )),
        });
    }
    facts
}

/// True for the very line that setuptools writes for a namespace package: it adds a folder to the package's path, and
/// nothing but the package's name varies.
fn is_namespace(line: &str) -> bool {
    let Some((_, rest)) = line.split_once("['sitedir'], *(") else {
        return false;
    };
    let Some((listed, _)) = rest.split_once("))") else {
        return false;
    };
    let parts: Option<Vec<&str>> = listed
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| part.strip_prefix('\'')?.strip_suffix('\''))
        .collect();
    let is_name =
        |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
    let Some(parts) = parts.filter(|parts| !parts.is_empty() && parts.iter().all(is_name)) else {
        return false;
    };
    let package = parts.join(".");
    let parent = package
        .rsplit_once('.')
        .map_or_else(String::new, |(parent, child)| {
            format!(";m and setattr(sys.modules['{parent}'], '{child}', m)")
        });
    // before and after setuptools 66
    [("", "", ""), ("has_mfs = sys.version_info > (3, 5);", "has_mfs and ", "has_mfs and ")]
        .into_iter()
        .any(|(check, first, second)| {
            let written = format!(
                "import sys, types, os;{check}p = os.path.join(sys._getframe(1).f_locals['sitedir'], \
                 *({listed}));importlib = {first}__import__('importlib.util');\
                 {second}__import__('importlib.machinery');m = {second}sys.modules.setdefault('{package}', \
                 importlib.util.module_from_spec(importlib.machinery.PathFinder.find_spec('{package}', \
                 [os.path.dirname(p)])));m = m or sys.modules.setdefault('{package}', \
                 types.ModuleType('{package}'));mp = (m or []) and m.__dict__.setdefault('__path__',[]);\
                 (p not in mp) and mp.append(p){parent}"
            );
            written == line.trim_end()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_for_namespaces_is_known_letter_by_letter() {
        let line = |package: &str, parts: &str, end: &str| {
            format!(
                "import sys, types, os;p = os.path.join(sys._getframe(1).f_locals['sitedir'], *({parts}));importlib = \
                 __import__('importlib.util');__import__('importlib.machinery');m = \
                 sys.modules.setdefault('{package}', importlib.util.module_from_spec(\
                 importlib.machinery.PathFinder.find_spec('{package}', [os.path.dirname(p)])));m = m or \
                 sys.modules.setdefault('{package}', types.ModuleType('{package}'));mp = (m or []) and \
                 m.__dict__.setdefault('__path__',[]);(p not in mp) and mp.append(p){end}"
            )
        };
        assert!(is_namespace(&line("acme", "'acme',", "")));
        let child = ";m and setattr(sys.modules['acme'], 'cloud', m)";
        assert!(is_namespace(&line("acme.cloud", "'acme', 'cloud'", child)));
        assert!(!is_namespace(&line("acme", "'acme',", ";import acme.run")));
        assert!(!is_namespace(&line("acme", "__import__('acme'),", "")));
        assert!(!is_namespace("import os"));
    }
}
