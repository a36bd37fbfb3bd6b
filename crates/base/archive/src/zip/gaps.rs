//! What stands in a zip without being listed: hidden members, and bytes that belong to nobody.

use foretaste_model::AnomalyKind;
use memchr::memmem;

use super::directory::Entry;
use super::local::Local;
use super::read::Zip;
use super::{DESCRIPTOR, LOCAL};
use crate::format::{Format, Promise};
use crate::session::Session;

/// Bytes of the largest data descriptor.
const MAX_DESCRIPTOR: usize = 24;

impl Zip<'_> {
    /// Looks at everything before the directory that no listed member claims, and at claims that overlap.
    pub(super) fn gaps(&mut self, cx: &mut Session<'_>, directory: usize, promise: Promise) {
        let mut claims = std::mem::take(&mut self.claims);
        claims.sort_unstable();
        let mut at = 0;
        for (start, finish) in claims {
            if !cx.alive() {
                return;
            }
            if start >= directory {
                continue;
            }
            if start < at {
                let what = format!("members overlap at byte {start}");
                self.note(cx, AnomalyKind::HeaderMismatch, what);
            } else {
                self.gap(cx, at, start, promise);
            }
            at = at.max(finish);
        }
        self.gap(cx, at, directory, promise);
    }

    /// Returns the members that stand between two places without being listed.
    fn gap(&mut self, cx: &mut Session<'_>, from: usize, to: usize, promise: Promise) {
        let mut junk = from;
        let mut at = from;
        while let Some(found) = self
            .bytes
            .get(at..to)
            .and_then(|gap| memmem::find(gap, &LOCAL))
        {
            let start = at + found;
            at = start + LOCAL.len();
            let Some(local) = Local::read(self.bytes, start).filter(plausible) else {
                continue;
            };
            if !cx.enter() {
                return;
            }
            self.junk(cx, junk, start, promise);
            at = self.unlisted(cx, start, &local, to).max(at);
            junk = at;
        }
        self.junk(cx, junk, to, promise);
    }

    /// Returns a member that only its local header knows; gives the place where it ends.
    fn unlisted(&mut self, cx: &mut Session<'_>, start: usize, local: &Local, to: usize) -> usize {
        let name = self.name(cx, &local.raw, &local.text);
        if self.listed {
            let what =
                format!("no central directory lists it; its local header is at byte {start}");
            cx.note(AnomalyKind::HeaderMismatch, &name.shown, what);
        }
        let rest = self.slice(local.data, to.saturating_sub(local.data));
        let deferred = local.defers() && local.packed == 0;
        let length = if !deferred {
            rest.len()
        } else if local.method == 0 {
            let next = memmem::find(rest, &LOCAL).unwrap_or(rest.len());
            let own = rest.get(..next).unwrap_or_default();
            memmem::find(own, &DESCRIPTOR).unwrap_or(next)
        } else {
            rest.len()
        };
        let reading = self.reading(local, length, length as u64);
        if !deferred && (reading.packed.bytes.len() as u64) < local.packed {
            cx.note(
                AnomalyKind::Corrupt,
                &name.shown,
                "the archive ends within it",
            );
        }
        let content = self.content(cx, &name.shown, &reading);
        let used = match &content {
            Some(content) if deferred => content.consumed,
            _ => reading.packed.bytes.len(),
        };
        let entry = Entry::unlisted(local);
        self.hand_on(cx, &[name], &entry, &reading, content.as_ref(), true);
        let mut finish = local.data.saturating_add(used);
        if local.defers()
            && let Some(rest) = self.bytes.get(finish..)
            && rest.starts_with(&DESCRIPTOR)
        {
            finish = finish.saturating_add(16);
        }
        finish
    }

    /// Judges bytes that belong to nothing.
    fn junk(&self, cx: &mut Session<'_>, from: usize, to: usize, promise: Promise) {
        let bytes = self.bytes.get(from..to).unwrap_or_default();
        let length = bytes.len();
        let no_member = !self.listed && length == self.bytes.len();
        if no_member || bytes.iter().all(|b| *b == 0) {
            return;
        }
        if from == 0 {
            let marker = *bytes == DESCRIPTOR || bytes == b"PK00";
            // Self-extracting archives and zipapps begin with a program.
            let program = bytes.starts_with(b"MZ")
                || bytes.starts_with(b"\x7FELF")
                || bytes.starts_with(b"#!");
            let expected = program && promise != Promise::Archive(Format::Zip);
            if !marker && !expected {
                let what = format!("{length} bytes stand before its first member");
                self.note(cx, AnomalyKind::PrependedData, what);
            }
            return;
        }
        let descriptor = bytes.starts_with(&DESCRIPTOR) && length <= MAX_DESCRIPTOR;
        if self.listed && !descriptor {
            let what = format!("{length} bytes at byte {from} belong to no member");
            self.note(cx, AnomalyKind::HeaderMismatch, what);
        }
    }
}

/// True if a signature found among other bytes really begins a header.
fn plausible(local: &Local) -> bool {
    !local.raw.is_empty() && matches!(local.method, 0..=20 | 93..=99)
}
