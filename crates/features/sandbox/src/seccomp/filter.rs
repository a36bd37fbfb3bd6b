//! The filter of the contained command.

pub use foretaste_permits::run::watch::Watch;

use super::bpf::{Builder, Instruction, Outcome, When};
use super::calls::{self, REFUSED, Refused, Watched};

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
    builder.kill_from(X32);
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
    pub(crate) fn of(&self, number: i64, args: &[u64; 6]) -> Option<Asked> {
        let holds =
            |refused: &&'static Refused| refused.number == number && holds(refused.when, args);
        REFUSED
            .iter()
            .find(holds)
            .map(Asked::Refused)
            .or_else(|| self.watched.get(&number).copied().map(Asked::Watched))
    }
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
