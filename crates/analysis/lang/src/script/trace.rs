//! What a value went through: from its source through transforms.

use foretaste_model::Capability;

/// Steps of one trace that are kept.
const MAX_STEPS: usize = 8;

/// Traces of one value that are kept.
const MAX_TRACES: usize = 8;

/// One station of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) capability: Capability,
    pub(crate) api: String,
    pub(crate) range: (u32, u32),
    pub(crate) constant: Option<String>,
}

/// The way of a value, source first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    pub(crate) points: Vec<Point>,
    /// It went through a file.
    pub(crate) through_file: bool,
    /// Only order connects it, e.g. a program out of a downloaded archive.
    pub(crate) loose: bool,
}

impl Trace {
    /// A value that begins here.
    pub(crate) fn from(point: Point) -> Self {
        Self {
            points: vec![point],
            through_file: false,
            loose: false,
        }
    }

    /// The same value after one more station.
    pub(crate) fn then(&self, point: &Point) -> Self {
        let mut next = self.clone();
        if next.points.len() < MAX_STEPS && next.points.last() != Some(point) {
            next.points.push(point.clone());
        }
        next
    }
}

/// What a command writes to its output.
#[derive(Clone, Debug, Default)]
pub(crate) struct Output {
    /// Where it comes from.
    pub(crate) traces: Vec<Trace>,
    /// The text itself, if it is known.
    pub(crate) text: Option<String>,
    /// How the text was decoded, outermost first.
    pub(crate) decoded: Vec<Box<str>>,
}

impl Output {
    /// Takes in another output: two commands that write to one stream.
    pub(crate) fn join(&mut self, other: Self) {
        merge(&mut self.traces, &other.traces);
        if self.text.is_none() {
            self.text = other.text;
            self.decoded = other.decoded;
        }
    }
}

/// Adds traces without repeats and within bounds.
pub(crate) fn merge(into: &mut Vec<Trace>, from: &[Trace]) {
    for trace in from {
        if into.len() < MAX_TRACES && !into.contains(trace) {
            into.push(trace.clone());
        }
    }
}
