//! What changed since an earlier release, as a compact tree.

use foretaste_model::change::Change;

use super::Detail;
use super::canvas::{Canvas, Entry};
use crate::changes;

/// So many lines of each kind are written out; the rest is counted.
const LINES: usize = 6;

/// One entry for each kind of change; the label stands on its first line only.
pub(super) fn entries(canvas: &Canvas, change: &Change) -> Vec<Entry> {
    let limit = if canvas.detail == Detail::Verbose {
        usize::MAX
    } else {
        LINES
    };
    let mut entries = Vec::new();
    for (label, lines) in changes::changes(change) {
        let rest = lines.len().saturating_sub(limit);
        let more = (rest > 0).then(|| format!("and {rest} more (show all: -v)"));
        for (index, line) in lines.into_iter().take(limit).chain(more).enumerate() {
            entries.push(Entry {
                label: if index == 0 {
                    label.to_owned()
                } else {
                    String::new()
                },
                text: canvas.clean(&line),
                right: String::new(),
            });
        }
    }
    entries
}
