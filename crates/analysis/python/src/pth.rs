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
            name: "import".into(),
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
