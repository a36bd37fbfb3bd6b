//! Variables and attributes that are filled after somebody read them: a queue that one function fills and a thread empties, a list
//! that handlers of events collect in. Functions run in the order of their definition, so that the one that sends may have run
//! before there was anything to send.

use foretaste_observe::taint::{Origin, SetId};

use super::Interpreter;
use super::function::State;
use crate::value::{Shape, Value};

/// Functions that run once more for what came late.
const MAX_LATE: usize = 64;
/// Functions that are remembered as readers of one variable.
const MAX_READERS: usize = 16;

/// True for what holds nothing yet, or nothing that is known.
pub(super) const fn may_be_filled(value: Value) -> bool {
    matches!(
        value.shape,
        Shape::Unknown | Shape::None | Shape::List(_) | Shape::Dict(_) | Shape::Object(_)
    )
}

/// Remembers a function that reads a variable or attribute.
pub(super) fn add_reader(readers: &mut Vec<u32>, function: u32) {
    if readers.len() < MAX_READERS && !readers.contains(&function) {
        readers.push(function);
    }
}

impl<'a> Interpreter<'a> {
    /// Notes that the running function reads a variable of the module that could be filled later.
    pub(super) fn note_read(&mut self, name: &'a str, value: Value) {
        let Some(function) = self.frame.func else {
            return;
        };
        if !may_be_filled(value) {
            return;
        }
        add_reader(self.readers.entry(name).or_default(), function);
    }

    /// A function put data into a variable of the module: who read it before has not seen them.
    pub(super) fn note_filled(&mut self, name: &str, old: SetId, new: SetId) {
        if self.frame.func.is_none() || !self.brings_more(old, new) {
            return;
        }
        if let Some(readers) = self.readers.remove(name) {
            self.are_late(&readers);
        }
    }

    /// Functions that have run too early.
    pub(super) fn are_late(&mut self, readers: &[u32]) {
        for reader in readers {
            let known = Some(*reader) == self.frame.func || self.late.contains(reader);
            if !known && self.late.len() < MAX_LATE {
                self.late.push(*reader);
            }
        }
    }

    /// True if there is data in a set that came from outside and is not in the older one.
    pub(super) fn brings_more(&self, old: SetId, new: SetId) -> bool {
        let brought = |of: SetId| {
            let trails = self.taints.trails(of).iter();
            trails
                .filter(|t| matches!(self.taints.origin_of(**t), Some(Origin::Source(_))))
                .count()
        };
        old != new && brought(new) > brought(old)
    }

    /// Runs the functions once more that read what was filled after them.
    pub(super) fn rerun_late(&mut self) {
        let late = std::mem::take(&mut self.late);
        self.rerun(&late);
    }

    /// Runs functions once more.
    pub(super) fn rerun(&mut self, functions: &[u32]) {
        for index in functions {
            if let Some(function) = self.functions.get_mut(*index as usize) {
                function.state = State::New;
            }
        }
        self.frame.again = true;
        for index in functions {
            self.run_function(*index);
        }
        self.frame.again = false;
    }
}
