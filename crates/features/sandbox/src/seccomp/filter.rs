//! The filter of the contained command.

pub use foretaste_permits::run::watch::Watch;

use super::bpf::{Builder, Instruction, Outcome, When};
use super::calls::{self, REFUSED, Refused, Watched};
use crate::sys::notify::CallData;

#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xc000_003e;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xc000_00b7;
/// Where the numbers of x32 begin.
#[cfg(target_arch = "x86_64")]
const X32: u32 = 0x4000_0000;

/// Builds the program.
pub(crate) fn program(watch: Watch) -> Vec<Instruction> {
    let mut builder = Builder::new(ARCHITECTURE);
    #[cfg(target_arch = "x86_64")]
    builder.ask_from(X32);
    // its flags lie in memory, where they can change after a check; the C library then falls back to `clone`
    builder.rule(libc::SYS_clone3 as u32, When::Always, Outcome::Unknown);
    for refused in REFUSED {
        builder.rule(refused.number as u32, refused.when, Outcome::Ask);
    }
    for (number, when, _) in watched(watch) {
        builder.rule(number as u32, when, Outcome::Ask);
    }
    builder.finish(Outcome::Allow)
}

fn watched(watch: Watch) -> Vec<calls::Watch> {
    if watch == Watch::Refused {
        return Vec::new();
    }
    let mut all = calls::watched();
    all.extend(calls::opens(watch == Watch::All));
    all
}

/// Why a call was handed to the supervisor.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asked {
    /// It is to be refused.
    Refused(&'static Refused),
    /// It is to be reported.
    Watched(Watched),
    /// Its number is one of another architecture: what it does cannot be told by the tables.
    Foreign,
}

/// Tells what a call was asked about for; decided by its registers alone, never by memory.
#[derive(Debug)]
pub(crate) struct Table {
    watched: std::collections::HashMap<i64, Watched>,
}

impl Table {
    /// The table that belongs to [`program`].
    pub(crate) fn new(watch: Watch) -> Self {
        Self {
            watched: watched(watch).into_iter().map(|(n, _, w)| (n, w)).collect(),
        }
    }

    /// Whatever is neither watched nor known is refused.
    pub(crate) fn of(&self, data: &CallData) -> Option<Asked> {
        if is_foreign(data) {
            return Some(Asked::Foreign);
        }
        let (number, args) = (i64::from(data.number), &data.args);
        let holds =
            |refused: &&'static Refused| refused.number == number && holds(refused.when, args);
        REFUSED
            .iter()
            .find(holds)
            .map(Asked::Refused)
            .or_else(|| self.watched.get(&number).copied().map(Asked::Watched))
    }
}

fn is_foreign(data: &CallData) -> bool {
    #[cfg(target_arch = "x86_64")]
    let is_x32 = data.number.cast_unsigned() >= X32;
    #[cfg(not(target_arch = "x86_64"))]
    let is_x32 = false;
    is_x32 || data.architecture != ARCHITECTURE
}

fn holds(when: When, args: &[u64; 6]) -> bool {
    let low = |index: u8| args[usize::from(index)] as u32;
    match when {
        When::Always => true,
        When::AnyBit(index, bits) => low(index) & bits != 0,
        When::AnyBitOrNone(index, any, none) => low(index) & any != 0 || low(index) & none == 0,
        When::Is(index, value) => low(index) == value,
        When::IsNone(index, values) => !values.contains(&low(index)),
        When::IsAndNot(index, value, other, not) => low(index) == value && low(other) != not,
        When::IsAndIs(index, value, other, too) => low(index) == value && low(other) == too,
        When::NotNull(index) => args[usize::from(index)] != 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_another_architecture_is_taken_for_none_of_this_one() {
        let table = Table::new(Watch::All);
        let call = |number: i64, architecture| CallData {
            number: number as i32,
            architecture,
            ..CallData::default()
        };
        let connects = table.of(&call(libc::SYS_connect, ARCHITECTURE));
        assert!(matches!(connects, Some(Asked::Watched(_))), "{connects:?}");
        let foreign = table.of(&call(libc::SYS_connect, 0x4000_0003));
        assert!(matches!(foreign, Some(Asked::Foreign)), "{foreign:?}");
        #[cfg(target_arch = "x86_64")]
        {
            let x32 = table.of(&call(libc::SYS_connect + i64::from(X32), ARCHITECTURE));
            assert!(matches!(x32, Some(Asked::Foreign)), "{x32:?}");
            let negative = table.of(&call(-1, ARCHITECTURE));
            assert!(matches!(negative, Some(Asked::Foreign)), "{negative:?}");
        }
    }
}
