//! Classic BPF over `struct seccomp_data`, as far as the filter needs it.

/// One instruction, laid out as `struct sock_filter`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Instruction {
    code: u16,
    if_true: u8,
    if_false: u8,
    value: u32,
}

const LOAD: u16 = 0x20;
const JUMP_EQUAL: u16 = 0x15;
#[cfg(any(test, target_arch = "x86_64"))]
const JUMP_AT_LEAST: u16 = 0x35;
const JUMP_ANY_BIT: u16 = 0x45;
const RETURN: u16 = 0x06;

/// Offsets in `struct seccomp_data`, little-endian.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const ARGS: u32 = 16;

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is executed.
    Allow,
    /// The supervisor is asked.
    Ask,
    /// It fails as if the kernel had never heard of it.
    Unknown,
}

impl Outcome {
    const fn value(self) -> u32 {
        match self {
            Self::Allow => 0x7fff_0000,
            Self::Ask => 0x7fc0_0000,
            Self::Unknown => 0x0005_0000 | libc::ENOSYS as u32,
        }
    }
}

/// What must hold of a call's arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// Nothing.
    Always,
    /// One of these bits is set in the low half of the argument.
    AnyBit(u8, u32),
    /// The low half of the argument has this value.
    Is(u8, u32),
    /// The low half of the argument has none of these values (at most four).
    IsNone(u8, &'static [u32]),
    /// Both hold: the first argument's value, and the second argument is not this.
    IsAndNot(u8, u32, u8, u32),
    /// Both hold: the first argument's value, and the second one's.
    IsAndIs(u8, u32, u8, u32),
    /// One of the first bits is set in the low half of the argument, or none of the second ones.
    AnyBitOrNone(u8, u32, u32),
    /// The argument, taken as a pointer, is not null.
    NotNull(u8),
}

/// Builds a program from top to bottom.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    program: Vec<Instruction>,
}

impl Builder {
    /// Begins with the check of the architecture: what calls by another one has other numbers, and is asked about.
    pub(crate) fn new(architecture: u32) -> Self {
        let mut builder = Self::default();
        builder.push(LOAD, 0, 0, ARCHITECTURE);
        builder.push(JUMP_EQUAL, 1, 0, architecture);
        builder.end(Outcome::Ask);
        builder.push(LOAD, 0, 0, NUMBER);
        builder
    }

    /// Asks about whatever has this number or a higher one.
    #[cfg(any(test, target_arch = "x86_64"))]
    pub(crate) fn ask_from(&mut self, number: u32) {
        self.push(JUMP_AT_LEAST, 0, 1, number);
        self.end(Outcome::Ask);
    }

    /// Decides a call if `when` holds; the next rules follow otherwise.
    pub(crate) fn rule(&mut self, number: u32, when: When, outcome: Outcome) {
        let arg = |index: u8| ARGS + 8 * u32::from(index);
        let mut test = Self::default();
        match when {
            When::Always => test.end(outcome),
            When::AnyBit(index, bits) => {
                test.push(LOAD, 0, 0, arg(index));
                test.push(JUMP_ANY_BIT, 0, 1, bits);
                test.end(outcome);
            }
            When::AnyBitOrNone(index, any, none) => {
                test.push(LOAD, 0, 0, arg(index));
                test.push(JUMP_ANY_BIT, 1, 0, any);
                test.push(JUMP_ANY_BIT, 1, 0, none);
                test.end(outcome);
            }
            When::Is(index, value) => {
                test.push(LOAD, 0, 0, arg(index));
                test.push(JUMP_EQUAL, 0, 1, value);
                test.end(outcome);
            }
            When::IsNone(index, values) => {
                test.push(LOAD, 0, 0, arg(index));
                for (at, value) in values.iter().enumerate() {
                    test.push(JUMP_EQUAL, (values.len() - at) as u8, 0, *value);
                }
                test.end(outcome);
            }
            When::IsAndNot(index, value, other, not) => {
                test.push(LOAD, 0, 0, arg(index));
                test.push(JUMP_EQUAL, 0, 3, value);
                test.push(LOAD, 0, 0, arg(other));
                test.push(JUMP_EQUAL, 1, 0, not);
                test.end(outcome);
            }
            When::IsAndIs(index, value, other, too) => {
                test.push(LOAD, 0, 0, arg(index));
                test.push(JUMP_EQUAL, 0, 3, value);
                test.push(LOAD, 0, 0, arg(other));
                test.push(JUMP_EQUAL, 0, 1, too);
                test.end(outcome);
            }
            When::NotNull(index) => {
                test.push(LOAD, 0, 0, arg(index));
                test.push(JUMP_EQUAL, 0, 2, 0);
                test.push(LOAD, 0, 0, arg(index) + 4);
                test.push(JUMP_EQUAL, 1, 0, 0);
                test.end(outcome);
            }
        }
        if when != When::Always {
            // the number again, for the rules that follow
            test.push(LOAD, 0, 0, NUMBER);
        }
        self.push(JUMP_EQUAL, 0, test.program.len() as u8, number);
        self.program.append(&mut test.program);
    }

    /// Ends with what happens to all other calls.
    pub(crate) fn finish(mut self, otherwise: Outcome) -> Vec<Instruction> {
        self.end(otherwise);
        self.program
    }

    fn push(&mut self, code: u16, if_true: u8, if_false: u8, value: u32) {
        self.program.push(Instruction {
            code,
            if_true,
            if_false,
            value,
        });
    }

    fn end(&mut self, outcome: Outcome) {
        self.push(RETURN, 0, 0, outcome.value());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a program as the kernel would.
    fn run(program: &[Instruction], data: &[u32; 16]) -> u32 {
        let (mut at, mut register) = (0, 0);
        loop {
            let i = program[at];
            at += 1;
            let jump = |holds: bool| usize::from(if holds { i.if_true } else { i.if_false });
            match i.code {
                LOAD => register = data[i.value as usize / 4],
                JUMP_EQUAL => at += jump(register == i.value),
                JUMP_AT_LEAST => at += jump(register >= i.value),
                JUMP_ANY_BIT => at += jump(register & i.value != 0),
                _ => return i.value,
            }
        }
    }

    fn call(number: u32, args: &[u64]) -> [u32; 16] {
        let mut data = [0; 16];
        (data[0], data[1]) = (number, 7);
        for (index, arg) in args.iter().enumerate() {
            data[4 + 2 * index] = *arg as u32;
            data[5 + 2 * index] = (*arg >> 32) as u32;
        }
        data
    }

    fn outcome(when: When, data: &[u32; 16]) -> bool {
        let mut builder = Builder::new(7);
        builder.rule(1, When::Always, Outcome::Unknown);
        builder.rule(5, when, Outcome::Ask);
        builder.rule(6, When::Always, Outcome::Unknown);
        let program = builder.finish(Outcome::Allow);
        assert_eq!(run(&program, &call(6, &[])), Outcome::Unknown.value());
        run(&program, data) == Outcome::Ask.value()
    }

    #[test]
    fn conditions_hold_when_they_say() {
        assert!(outcome(When::Always, &call(5, &[])));
        assert!(!outcome(When::Always, &call(4, &[])));
        assert!(outcome(When::AnyBit(1, 6), &call(5, &[0, 4])));
        assert!(!outcome(When::AnyBit(1, 6), &call(5, &[6, 1])));
        for (bits, holds) in [
            (1, true),
            (5, true),
            (0, true),
            (8, true),
            (4, false),
            (12, false),
        ] {
            let when = When::AnyBitOrNone(1, 3, 4);
            assert_eq!(outcome(when, &call(5, &[0, bits])), holds, "{bits}");
        }
        assert!(outcome(When::Is(1, 9), &call(5, &[0, 9])));
        assert!(!outcome(When::Is(1, 9), &call(5, &[9, 0])));
        assert!(outcome(When::IsNone(0, &[1, 2, 3]), &call(5, &[4])));
        for known in 1..4 {
            assert!(!outcome(When::IsNone(0, &[1, 2, 3]), &call(5, &[known])));
        }
        assert!(outcome(When::IsAndNot(0, 16, 2, 0), &call(5, &[16, 0, 3])));
        assert!(!outcome(When::IsAndNot(0, 16, 2, 0), &call(5, &[16, 0, 0])));
        assert!(!outcome(When::IsAndNot(0, 16, 2, 0), &call(5, &[1, 0, 3])));
        assert!(outcome(When::IsAndIs(0, 2, 1, 3), &call(5, &[2, 3])));
        assert!(!outcome(When::IsAndIs(0, 2, 1, 3), &call(5, &[2, 1])));
        assert!(!outcome(When::IsAndIs(0, 2, 1, 3), &call(5, &[16, 3])));
        assert!(outcome(When::NotNull(4), &call(5, &[0, 0, 0, 0, 1 << 40])));
        assert!(outcome(When::NotNull(4), &call(5, &[0, 0, 0, 0, 8])));
        assert!(!outcome(When::NotNull(4), &call(5, &[8, 8, 8, 8, 0])));
    }

    #[test]
    fn another_architecture_and_its_numbers_are_asked_about() {
        let program = Builder::new(8).finish(Outcome::Allow);
        assert_eq!(run(&program, &call(1, &[])), Outcome::Ask.value());
        let mut builder = Builder::new(7);
        builder.ask_from(100);
        let program = builder.finish(Outcome::Allow);
        assert_eq!(run(&program, &call(99, &[])), Outcome::Allow.value());
        assert_eq!(run(&program, &call(100, &[])), Outcome::Ask.value());
    }
}
