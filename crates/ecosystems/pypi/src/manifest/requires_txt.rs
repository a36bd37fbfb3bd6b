//! `requires.txt` of egg-info: requirements, then sections `[extra]`, `[:marker]`, `[extra:marker]`.

use foretaste_model::manifest::DependencyKind;

use super::reading::Reading;

pub(super) fn read(reading: &mut Reading<'_>) {
    let mut kind = DependencyKind::Run;
    let mut condition = String::new();
    for (number, line) in (1_u32..).zip(reading.text.lines()) {
        let line = line.trim();
        if let Some(section) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            let (extra, marker) = section.split_once(':').unwrap_or((section, ""));
            kind = if extra.is_empty() {
                DependencyKind::Run
            } else {
                DependencyKind::Optional
            };
            condition = match (extra.trim(), marker.trim()) {
                ("", marker) => marker.to_owned(),
                (extra, "") => format!("extra == '{extra}'"),
                (extra, marker) => format!("({marker}) and extra == '{extra}'"),
            };
            continue;
        }
        let span = Some(reading.line_span(number));
        reading.requirement(line, kind, &condition, span);
    }
}
