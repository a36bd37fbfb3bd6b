//! `entry_points.txt` (<https://packaging.python.org/en/latest/specifications/entry-points/>).

use super::reading::Reading;
use crate::ini::{Delimiters, Ini};

pub(super) fn read(reading: &mut Reading<'_>) {
    read_text(reading, reading.text, 0);
}

/// Reads entry points in text that begins `line_offset` lines into the manifest.
pub(super) fn read_text(reading: &mut Reading<'_>, text: &str, line_offset: u32) {
    let ini = Ini::parse(text, Delimiters::Equals);
    for section in &ini.sections {
        for item in &section.items {
            let span = Some(reading.line_span(item.line.saturating_add(line_offset)));
            reading.entry_point(&section.name, &item.key, first_line(&item.value), span);
        }
    }
    for line in &ini.odd_lines {
        let span = Some(reading.line_span(line.saturating_add(line_offset)));
        reading.problem(span, "a line is no entry point");
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim()
}
