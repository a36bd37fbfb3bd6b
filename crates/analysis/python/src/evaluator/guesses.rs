//! How much of a file is walked whose values nobody knows.
//!
//! A decoder works on constants: each of its steps gives a value. Code that waits for its arguments, its configuration
//! or an answer gives none, and calls its own functions in ways that double with every level. The budget's steps pay
//! for the former; what may be guessed is counted here. Each function and statement of the file that is entered from
//! outside has a share of its own, so that a long one does not take what belongs to those behind it.

/// What is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A statement of the file itself.
    Statement,
    /// A function that nothing in the file has called.
    Function,
}

impl Kind {
    /// Values without content, at most. A function has to be 50 KB long to need so many when it runs once.
    const fn most(self) -> u64 {
        match self {
            Self::Statement => 16_384,
            Self::Function => 4_096,
        }
    }
}

/// Values without content that evaluation may still come upon.
#[derive(Debug)]
pub(super) struct Guesses {
    /// What the file may use beyond the least of each share.
    pool: u64,
    /// What is left of the share that is being used.
    left: u64,
    given: u64,
}

impl Guesses {
    /// What each share has, whatever the others took.
    const LEAST: u64 = 256;

    /// For a file of `bytes` bytes.
    pub(super) const fn for_file(bytes: usize) -> Self {
        Self {
            pool: 16_384 + bytes as u64 / 8,
            left: 0,
            given: 0,
        }
    }

    /// Begins a share.
    pub(super) fn begin(&mut self, kind: Kind) {
        self.pool = self
            .pool
            .saturating_sub(self.given - self.left.min(self.given));
        self.given = self.pool.clamp(Self::LEAST, kind.most());
        self.left = self.given;
    }

    /// A text of so many bytes is executed: a program of its own.
    pub(super) const fn add(&mut self, bytes: usize) {
        let more = bytes as u64 / 2;
        self.left += more;
        self.given += more;
        self.pool += more;
    }

    /// Takes one. False if there is none left.
    pub(super) const fn take(&mut self) -> bool {
        self.left = self.left.saturating_sub(1);
        self.left > 0
    }

    pub(super) const fn are_used_up(&self) -> bool {
        self.left == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn use_up(guesses: &mut Guesses, kind: Kind) -> u64 {
        guesses.begin(kind);
        (1..=100_000).find(|_| !guesses.take()).unwrap_or(0)
    }

    #[test]
    fn a_long_share_leaves_something_to_the_others() {
        let mut guesses = Guesses::for_file(0);
        assert_eq!(use_up(&mut guesses, Kind::Statement), 16_384);
        assert!(guesses.are_used_up());
        for _ in 0..3 {
            assert_eq!(use_up(&mut guesses, Kind::Function), Guesses::LEAST);
        }
    }

    #[test]
    fn what_is_not_used_stays_in_the_pool() {
        let mut guesses = Guesses::for_file(0);
        for _ in 0..100 {
            guesses.begin(Kind::Function);
        }
        assert_eq!(use_up(&mut guesses, Kind::Function), 4_096);
        guesses.begin(Kind::Function);
        guesses.add(2_000);
        assert_eq!((1..=100_000).find(|_| !guesses.take()), Some(5_096));
        // all four shares and what the text brought with it
        assert_eq!(guesses.pool, 16_384 - 4_096 + 1_000);
    }
}
