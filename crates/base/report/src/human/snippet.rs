//! Source text with the places that matter underlined, in the manner of rustc.
//!
//! Drawn here and not by `annotate-snippets`: that crate wants the whole source from its first column on, while
//! evidence holds windows of single lines (a minified file is one line of megabytes), text decoded from inside them,
//! and characters that must be made visible before their columns are counted.

use std::collections::BTreeMap;

use foretaste_model::{Evidence, EvidenceRole};
use textwrap::core::display_width;

use super::canvas::{Canvas, wrap};
use crate::escape;

/// Tabs stop at multiples of this.
const TAB: usize = 4;

/// No more of a line than this is looked at; evidence holds windows of 240 characters.
const LONGEST: usize = 4096;

/// True if the evidence has source text to show.
pub(super) fn is_drawn(evidence: &Evidence) -> bool {
    evidence.role != EvidenceRole::Trigger
        && evidence.span.is_some()
        && !evidence.snippet.trim().is_empty()
}

/// `artifact/path`, as far as they are known.
pub(super) fn file(evidence: &Evidence) -> String {
    match (evidence.artifact.is_empty(), evidence.path.is_empty()) {
        (true, _) => evidence.path.to_string(),
        (false, true) => evidence.artifact.to_string(),
        (false, false) => format!("{}/{}", evidence.artifact, evidence.path),
    }
}

/// A row of source text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row<'a> {
    /// The line's number; none for decoded text.
    number: Option<u32>,
    /// The column at which `text` begins in its line.
    first_column: u32,
    text: &'a str,
}

/// A place in a row.
#[derive(Clone, Copy, Debug)]
struct Mark<'a> {
    /// First column, and the one after the last; none if the place within the row is not known.
    columns: Option<(u32, u32)>,
    /// The last line, if the place goes on below the row.
    until: Option<u32>,
    evidence: &'a Evidence,
}

/// Draws pieces of evidence in one box, and what to say at its foot.
pub(super) fn draw(canvas: &mut Canvas, evidence: &[&Evidence], footers: &[String]) {
    let last = evidence
        .iter()
        .filter(|e| e.layer.is_empty())
        .filter_map(|e| e.span)
        .map(|s| s.line)
        .max()
        .unwrap_or(0);
    let digits = last.checked_ilog10().unwrap_or(0) as usize + 1;
    let gutter = if canvas.narrow() {
        digits.max(2) + 1
    } else {
        digits.max(2) + 2
    };
    let mut corner = canvas.glyphs.top;
    let mut home = String::new();
    for group in evidence.chunk_by(|a, b| same_text(a, b)) {
        home = header(canvas, gutter, corner, group, &home);
        corner = canvas.glyphs.middle;
        let rows = rows(group);
        let indent = rows.keys().map(indentation).min().unwrap_or(0);
        for (row, mut marks) in rows {
            marks.sort_by_key(|m| m.columns);
            draw_row(canvas, gutter, &row, &marks, indent);
        }
    }
    foot(canvas, gutter, footers);
}

/// True if two pieces of evidence stand in the same file or decoded layer.
fn same_text(a: &Evidence, b: &Evidence) -> bool {
    a.artifact == b.artifact && a.path == b.path && a.layer == b.layer
}

/// Writes the name of the file and how its text was decoded, and gives the name back. `home` is the file above.
fn header(
    canvas: &mut Canvas,
    gutter: usize,
    corner: &str,
    group: &[&Evidence],
    home: &str,
) -> String {
    let Some(evidence) = group.first() else {
        return String::new();
    };
    canvas.skip_to(gutter + 1);
    canvas.put(canvas.palette.gutter(), corner);
    canvas.skip(1);
    let name = file(evidence);
    let line = evidence.span.map_or(0, |s| s.line);
    let decoded = !evidence.layer.is_empty();
    let place = match (name == home, decoded) {
        (true, true) => format!("line {line}"),
        (false, true) => format!("{name}:{line}"),
        (_, false) => name.clone(),
    };
    let place = canvas.clean(&place);
    let room = canvas.width.saturating_sub(canvas.column());
    let place = canvas.cut_start(&place, room);
    canvas.plain(&place);
    if decoded {
        let steps = evidence.layer.join(" → ");
        let text = canvas.clean(&format!("decoded: {steps}"));
        if canvas.column() + 2 + display_width(&text) <= canvas.width {
            canvas.skip(2);
            canvas.put(canvas.palette.label(), &text);
        } else {
            canvas.end();
            margin(canvas, gutter, None);
            let room = canvas.width.saturating_sub(canvas.column());
            let text = canvas.cut(&text, room);
            canvas.put(canvas.palette.label(), &text);
        }
    }
    canvas.end();
    name
}

/// The rows of one file, by line, with their marks.
fn rows<'a>(group: &[&'a Evidence]) -> BTreeMap<Row<'a>, Vec<Mark<'a>>> {
    let mut rows: BTreeMap<Row<'a>, Vec<Mark<'a>>> = BTreeMap::new();
    for evidence in group {
        let Some(span) = evidence.span else { continue };
        let decoded = !evidence.layer.is_empty();
        let lines: Vec<&str> = evidence.snippet.lines().collect();
        let final_line = lines.len().saturating_sub(1);
        for (index, text) in lines.into_iter().enumerate() {
            let number = span.line.saturating_add(index as u32);
            let row = Row {
                number: (!decoded).then_some(number),
                first_column: if index == 0 {
                    evidence.snippet_column
                } else {
                    1
                },
                text,
            };
            let marks = rows.entry(row).or_default();
            // A note stands below the last line of its place.
            if decoded {
                if index == final_line {
                    marks.push(Mark {
                        columns: None,
                        until: None,
                        evidence,
                    });
                }
            } else if index == final_line || number == span.end_line {
                let from = if index == 0 { span.column } else { 1 };
                let goes_on = span.end_line > number;
                marks.push(Mark {
                    columns: Some((from, if goes_on { u32::MAX } else { span.end_column })),
                    until: goes_on.then_some(span.end_line),
                    evidence,
                });
                break;
            }
        }
    }
    rows
}

/// The columns of blanks before a row's text.
fn indentation(row: &Row<'_>) -> usize {
    if row.first_column > 1 {
        return 0;
    }
    let mut at = 0;
    for c in row.text.chars().take(LONGEST) {
        match c {
            ' ' => at += 1,
            '\t' => at += TAB - at % TAB,
            _ => break,
        }
    }
    at
}

/// A character of a row as it is shown.
#[derive(Debug)]
struct Cell {
    column: u32,
    text: String,
    width: usize,
}

/// The characters of a row without the indentation that all rows share.
fn cells(canvas: &Canvas, row: &Row<'_>, indent: usize) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::new();
    let mut marks = usize::MAX;
    let mut at = 0;
    for (index, c) in row.text.chars().take(LONGEST).enumerate() {
        let mut text = String::new();
        if c == '\t' {
            text = " ".repeat(TAB - at % TAB);
            marks = usize::MAX;
        } else {
            escape::push(c, &mut marks, &mut text);
            if canvas.ascii {
                text = escape::ascii(&text);
            }
        }
        let mut width = display_width(&text);
        let hidden = indent.saturating_sub(at).min(width);
        at += width;
        if hidden > 0 {
            text = " ".repeat(width - hidden);
            width -= hidden;
        }
        cells.push(Cell {
            column: row.first_column.saturating_add(index as u32),
            text,
            width,
        });
    }
    cells
}

/// Draws a row as often as its marks are too far apart to be shown together.
fn draw_row(canvas: &mut Canvas, gutter: usize, row: &Row<'_>, marks: &[Mark<'_>], indent: usize) {
    let cells = cells(canvas, row, indent);
    let code = gutter + 3;
    let room = canvas.width.saturating_sub(code);
    let whole: usize = cells.iter().map(|c| c.width).sum();
    let mut rest = marks;
    while let Some(first) = rest.first() {
        let anchor = extent(&cells, first);
        let (window, taken) = if whole + 2 <= room {
            ((0, cells.len()), rest.len())
        } else {
            let inner = room.saturating_sub(2);
            let mut end = anchor.1;
            let mut taken = 1;
            for mark in rest.iter().skip(1) {
                let next = extent(&cells, mark).1.max(end);
                if between(&cells, anchor.0, next) > inner {
                    break;
                }
                end = next;
                taken += 1;
            }
            (window(&cells, anchor.0, end, inner), taken)
        };
        let (shown, later) = rest.split_at(taken.min(rest.len()));
        source(canvas, gutter, row, &cells, window);
        let lead = usize::from(is_cut_left(row, window)) * display_width(canvas.glyphs.more);
        for mark in shown {
            annotate(canvas, gutter, room, &cells, window, lead, mark);
        }
        rest = later;
    }
    if marks.is_empty() {
        let window = window(&cells, 0, 0, room.saturating_sub(2));
        source(canvas, gutter, row, &cells, window);
    }
}

/// The cells that a mark covers: at least one, if there are any.
fn extent(cells: &[Cell], mark: &Mark<'_>) -> (usize, usize) {
    let Some((from, to)) = mark.columns else {
        let start = cells
            .iter()
            .position(|c| !c.text.trim().is_empty())
            .unwrap_or(0);
        return (start, start);
    };
    let start = cells.partition_point(|c| c.column < from);
    let start = start.min(cells.len().saturating_sub(1));
    let end = cells.partition_point(|c| c.column < to);
    (start, end.max(start + 1).min(cells.len()))
}

/// The width of a range of cells.
fn between(cells: &[Cell], start: usize, end: usize) -> usize {
    cells
        .get(start..end.min(cells.len()))
        .unwrap_or_default()
        .iter()
        .map(|c| c.width)
        .sum()
}

/// The part of a line to show: it begins a little before `start`, and reaches `end` if the room allows.
fn window(cells: &[Cell], start: usize, end: usize, room: usize) -> (usize, usize) {
    let wanted = between(cells, start, end);
    let before = room.saturating_sub(wanted).min(room / 3);
    let mut first = start.min(cells.len());
    let mut used = 0;
    while let Some(cell) = first.checked_sub(1).and_then(|i| cells.get(i)) {
        if used + cell.width > before {
            break;
        }
        used += cell.width;
        first -= 1;
    }
    let mut last = first;
    let mut used = 0;
    while let Some(cell) = cells.get(last) {
        if used + cell.width > room {
            break;
        }
        used += cell.width;
        last += 1;
    }
    // Room that is left over at the end of the line shows more of what stands before.
    while let Some(cell) = first.checked_sub(1).and_then(|i| cells.get(i)) {
        if last < cells.len() || used + cell.width > room {
            break;
        }
        used += cell.width;
        first -= 1;
    }
    (first, last)
}

const fn is_cut_left(row: &Row<'_>, window: (usize, usize)) -> bool {
    window.0 > 0 || row.first_column > 1
}

/// Writes the gutter with a line number, or without.
fn margin(canvas: &mut Canvas, gutter: usize, number: Option<u32>) {
    let number = number.map(|n| n.to_string()).unwrap_or_default();
    canvas.skip_to(gutter.saturating_sub(number.len()));
    canvas.put(canvas.palette.gutter(), &number);
    canvas.skip_to(gutter + 1);
    canvas.put(canvas.palette.gutter(), canvas.glyphs.bar);
    canvas.skip(1);
}

fn source(
    canvas: &mut Canvas,
    gutter: usize,
    row: &Row<'_>,
    cells: &[Cell],
    window: (usize, usize),
) {
    margin(canvas, gutter, row.number);
    if is_cut_left(row, window) {
        canvas.put(canvas.palette.dim(), canvas.glyphs.more);
    }
    let text: String = cells
        .get(window.0..window.1)
        .unwrap_or_default()
        .iter()
        .map(|c| c.text.as_str())
        .collect();
    let indent = text.len() - text.trim_start_matches(' ').len();
    canvas.skip(indent);
    canvas.plain(text.trim_matches(' '));
    if window.1 < cells.len() {
        canvas.put(canvas.palette.dim(), canvas.glyphs.more);
    }
    canvas.end();
}

/// Underlines a place and says what it does.
fn annotate(
    canvas: &mut Canvas,
    gutter: usize,
    room: usize,
    cells: &[Cell],
    window: (usize, usize),
    lead: usize,
    mark: &Mark<'_>,
) {
    let style = canvas.palette.role(mark.evidence.role);
    let (start, end) = extent(cells, mark);
    let (start, end) = (
        start.clamp(window.0, window.1),
        end.clamp(window.0, window.1),
    );
    let at = lead + between(cells, window.0, start);
    let length = match mark.columns {
        Some(_) => between(cells, start, end).max(1),
        None => 0,
    };
    let mut note = canvas.clean(&mark.evidence.note);
    if let Some(line) = mark.until {
        let until = format!("(to line {line})");
        note = if note.is_empty() {
            until
        } else {
            format!("{note} {until}")
        };
    }
    if mark.columns.is_none() && !note.is_empty() {
        note = format!("{} {note}", canvas.glyphs.hook);
    }
    if length == 0 && note.is_empty() {
        return;
    }
    let width = display_width(&note);
    if length > 0 {
        margin(canvas, gutter, None);
        canvas.skip(at);
        canvas.put(style, &canvas.glyphs.underline.repeat(length));
        if width > 0 && at + length + 1 + width <= room {
            canvas.skip(1);
            canvas.put(style, &note);
            note.clear();
        }
        canvas.end();
    }
    if note.is_empty() {
        return;
    }
    // Below the place, or as far to its left as the note needs to stay on one line.
    let at = at.min(room.saturating_sub(width));
    for line in wrap(&note, room.saturating_sub(at)) {
        margin(canvas, gutter, None);
        canvas.skip(at);
        canvas.put(style, &line);
        canvas.end();
    }
}

fn foot(canvas: &mut Canvas, gutter: usize, footers: &[String]) {
    canvas.skip_to(gutter + 1);
    canvas.put(canvas.palette.gutter(), canvas.glyphs.bottom);
    canvas.skip(1);
    for (index, text) in footers.iter().enumerate() {
        let text = canvas.clean(text);
        if index > 0 {
            canvas.skip_to(gutter + 4);
        }
        canvas.hang(gutter + 4, anstyle::Style::new(), &text);
    }
    if footers.is_empty() {
        canvas.end();
    }
}
