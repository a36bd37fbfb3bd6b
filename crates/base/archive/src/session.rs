//! One run of the unpacker: its budget, its anomalies, and the visitor it serves.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Duration;

use foretaste_model::{Anomaly, AnomalyKind, Limits, Stopwatch};

use crate::Member;

/// Anomalies of one kind that are listed singly; the rest is only counted.
const LISTED_PER_KIND: u32 = 64;
/// Bytes that the names of an artifact may take, per member allowed: real ones take far less.
const NAME_BYTES_PER_ENTRY: u64 = 336;
/// Bytes of a member name that an anomaly repeats.
const SHOWN_NAME_BYTES: usize = 256;

/// The state that all readers of one artifact share.
pub(crate) struct Session<'v> {
    pub(crate) limits: Limits,
    packed: u64,
    watch: Stopwatch,
    /// Time that the visitor took: what is done with members is not unpacking.
    visiting: Duration,
    /// Bytes that were decompressed or copied.
    produced: u64,
    delivered: u64,
    entries: u32,
    /// Bytes of the names that are kept.
    remembered: u64,
    /// Bytes of the nested archives that are being read right now.
    held: u64,
    stopped: bool,
    /// A second reading of the same bytes: neither charged nor reported again.
    quiet: bool,
    anomalies: Vec<Anomaly>,
    counts: BTreeMap<AnomalyKind, u32>,
    visit: &'v mut dyn FnMut(Member) -> ControlFlow<()>,
}

impl<'v> Session<'v> {
    pub(crate) fn new(
        limits: &Limits,
        packed: u64,
        visit: &'v mut dyn FnMut(Member) -> ControlFlow<()>,
    ) -> Self {
        Self {
            limits: *limits,
            packed,
            watch: Stopwatch::start(),
            visiting: Duration::ZERO,
            produced: 0,
            delivered: 0,
            entries: 0,
            remembered: 0,
            held: 0,
            stopped: false,
            quiet: false,
            anomalies: Vec::new(),
            counts: BTreeMap::new(),
            visit,
        }
    }

    /// Records an anomaly; beyond a fixed number of one kind only their count is kept.
    pub(crate) fn note(&mut self, kind: AnomalyKind, path: &str, detail: impl Into<Box<str>>) {
        if self.quiet {
            return;
        }
        let count = self.counts.entry(kind).or_default();
        *count = count.saturating_add(1);
        if *count <= LISTED_PER_KIND {
            let shown = &path[..path.floor_char_boundary(SHOWN_NAME_BYTES)];
            self.anomalies.push(Anomaly {
                kind,
                path: shown.into(),
                detail: detail.into(),
            });
        }
    }

    /// Charges bytes that came out. False once a limit is reached: then everything winds down.
    pub(crate) fn charge(&mut self, bytes: u64) -> bool {
        if self.quiet {
            return self.alive();
        }
        self.produced = self.produced.saturating_add(bytes);
        if !self.alive() {
            return false;
        }
        if self.produced > self.limits.unpacked_bytes {
            let most = self.limits.unpacked_bytes;
            self.stop(
                AnomalyKind::TooManyBytes,
                format!("unpacks to more than {most} bytes; the rest stayed unread"),
            );
        } else if self.produced > self.limits.ratio_floor
            && self.produced > self.packed.saturating_mul(self.limits.ratio)
        {
            let ratio = self.limits.ratio;
            self.stop(
                AnomalyKind::BombRatio,
                format!("unpacks to more than {ratio} times its size; the rest stayed unread"),
            );
        }
        !self.stopped
    }

    /// Counts a member of any kind. False once there are too many.
    pub(crate) fn enter(&mut self) -> bool {
        if self.quiet {
            return self.alive();
        }
        if self.entries >= self.limits.entries && !self.stopped {
            let most = self.limits.entries;
            self.stop(
                AnomalyKind::TooManyEntries,
                format!("holds more than {most} members; the rest stayed unread"),
            );
        }
        self.entries = self.entries.saturating_add(1);
        self.alive()
    }

    /// Charges the bytes of a name that is kept until its archive is read. False once they are too many.
    pub(crate) fn remember(&mut self, bytes: usize) -> bool {
        if self.quiet {
            return self.alive();
        }
        self.remembered = self.remembered.saturating_add(bytes as u64);
        let most = u64::from(self.limits.entries).saturating_mul(NAME_BYTES_PER_ENTRY);
        if self.remembered > most && !self.stopped {
            self.stop(
                AnomalyKind::TooManyEntries,
                format!("its members' names take more than {most} bytes; the rest stayed unread"),
            );
        }
        !self.stopped
    }

    /// True while the visitor wants more and no limit of the whole artifact is reached.
    pub(crate) fn alive(&mut self) -> bool {
        let time = self.limits.unpack_time.saturating_add(self.visiting);
        if !self.stopped && self.watch.exceeds(time) {
            let secs = self.limits.unpack_time.as_secs_f32();
            let quiet = std::mem::take(&mut self.quiet);
            self.stop(
                AnomalyKind::TimeOut,
                format!("unpacking takes longer than {secs} s; the rest stayed unread"),
            );
            self.quiet = quiet;
        }
        !self.stopped
    }

    fn stop(&mut self, kind: AnomalyKind, detail: String) {
        self.note(kind, "", detail);
        self.stopped = true;
    }

    /// Bytes that one member may have now: the members that are open around it share the limit, so that memory
    /// does not grow with the depth.
    pub(crate) fn room(&self) -> u64 {
        self.limits.member_bytes.saturating_sub(self.held)
    }

    /// Holds a nested archive's bytes while its members are read.
    pub(crate) fn hold(&mut self, bytes: u64) {
        self.held = self.held.saturating_add(bytes);
    }

    /// Lets go of what [`Self::hold`] took.
    pub(crate) fn release(&mut self, bytes: u64) {
        self.held = self.held.saturating_sub(bytes);
    }

    /// Runs a second reading of bytes that were already charged and judged.
    pub(crate) fn quietly<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.quiet, true);
        let result = read(self);
        self.quiet = before;
        result
    }

    /// Runs a part of a quiet reading that counts after all.
    pub(crate) fn aloud<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.quiet, false);
        let result = read(self);
        self.quiet = before;
        result
    }

    /// Hands a member to the visitor.
    pub(crate) fn deliver(&mut self, member: Member) {
        self.delivered = self.delivered.saturating_add(member.data.len() as u64);
        let begin = self.watch.elapsed();
        if (self.visit)(member).is_break() {
            self.stopped = true;
        }
        self.visiting += self.watch.elapsed().saturating_sub(begin);
    }

    /// The anomalies and the bytes delivered.
    pub(crate) fn finish(mut self) -> (Vec<Anomaly>, u64) {
        for (kind, count) in self.counts {
            if count > LISTED_PER_KIND {
                let more = count - LISTED_PER_KIND;
                self.anomalies.push(Anomaly {
                    kind,
                    path: "".into(),
                    detail: format!("and {more} more of this kind").into(),
                });
            }
        }
        (self.anomalies, self.delivered)
    }
}
