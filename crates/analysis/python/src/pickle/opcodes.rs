//! The opcodes of pickles, protocols 0 to 5 (`Lib/pickletools.py`), as far as what they do matters.

/// One instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op<'a> {
    Mark,
    Stop,
    Pop,
    PopMark,
    Dup,
    /// A text.
    Text(&'a [u8]),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A number, a truth value, nothing, or an object from elsewhere.
    Other,
    /// `module.name`.
    Global(&'a [u8], &'a [u8]),
    /// The two texts on top are `module.name`.
    StackGlobal,
    /// An object of `module.name`, made of what stands above the mark.
    Instance(&'a [u8], &'a [u8]),
    /// An object of what stands lowest above the mark, made of the rest.
    Object,
    /// Calls the second from the top with the arguments on top.
    Call,
    /// The same with named arguments on top.
    CallNamed,
    /// Gives the state on top to the object below it.
    Build,
    /// A tuple of what stands above the mark.
    Tuple,
    /// A tuple of so many.
    TupleOf(usize),
    /// A list, dictionary or set of what stands above the mark.
    Collection,
    /// An empty one.
    Empty,
    /// Puts one more into the collection below.
    Append,
    /// Puts what stands above the mark into the collection below it.
    Appends,
    /// Puts a key and a value into the collection below.
    SetItem,
    Put(u32),
    Memoize,
    Get(u32),
    /// Nothing that matters.
    Skip,
}

/// Reads instructions; ends at the first that is none.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    /// A little-endian number of so many bytes.
    fn number(&mut self, bytes: usize) -> Option<u64> {
        let taken = self.take(bytes)?;
        Some(taken.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b)))
    }

    /// What follows a length of so many bytes.
    fn counted(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number(bytes)?).ok()?;
        self.take(length)
    }

    fn line(&mut self) -> Option<&'a [u8]> {
        let rest = self.bytes.get(self.at..)?;
        let end = rest.iter().position(|b| *b == b'\n')?;
        self.at += end + 1;
        rest.get(..end)
    }

    fn line_number(&mut self) -> Option<u32> {
        std::str::from_utf8(self.line()?).ok()?.trim().parse().ok()
    }

    pub(super) fn next(&mut self) -> Option<Op<'a>> {
        let [code] = self.take(1)? else {
            return None;
        };
        Some(match code {
            b'(' => Op::Mark,
            b'.' => Op::Stop,
            b'0' => Op::Pop,
            b'1' => Op::PopMark,
            b'2' => Op::Dup,
            b'S' => Op::Text(unquoted(self.line()?)),
            b'V' => Op::Text(self.line()?),
            b'T' | b'X' => Op::Text(self.counted(4)?),
            b'U' | 0x8c => Op::Text(self.counted(1)?),
            0x8d => Op::Text(self.counted(8)?),
            b'B' => Op::Bytes(self.counted(4)?),
            b'C' => Op::Bytes(self.counted(1)?),
            0x8e | 0x96 => Op::Bytes(self.counted(8)?),
            b'N' | 0x88 | 0x89 | b'Q' | 0x97 => Op::Other,
            b'I' | b'L' | b'F' | b'P' => {
                self.line()?;
                Op::Other
            }
            b'K' | 0x82 => self.other(1)?,
            b'M' | 0x83 => self.other(2)?,
            b'J' | 0x84 => self.other(4)?,
            b'G' => self.other(8)?,
            0x8a => {
                self.counted(1)?;
                Op::Other
            }
            0x8b => {
                self.counted(4)?;
                Op::Other
            }
            b'c' => Op::Global(self.line()?, self.line()?),
            0x93 => Op::StackGlobal,
            b'i' => Op::Instance(self.line()?, self.line()?),
            b'o' => Op::Object,
            b'R' | 0x81 => Op::Call,
            0x92 => Op::CallNamed,
            b'b' => Op::Build,
            b't' => Op::Tuple,
            0x85 => Op::TupleOf(1),
            0x86 => Op::TupleOf(2),
            0x87 => Op::TupleOf(3),
            b'l' | b'd' | 0x91 => Op::Collection,
            b']' | b'}' | b')' | 0x8f => Op::Empty,
            b'a' => Op::Append,
            b'e' | b'u' | 0x90 => Op::Appends,
            b's' => Op::SetItem,
            b'p' => Op::Put(self.line_number()?),
            b'q' => Op::Put(self.number(1)? as u32),
            b'r' => Op::Put(self.number(4)? as u32),
            0x94 => Op::Memoize,
            b'g' => Op::Get(self.line_number()?),
            b'h' => Op::Get(self.number(1)? as u32),
            b'j' => Op::Get(self.number(4)? as u32),
            0x80 => {
                self.take(1)?;
                Op::Skip
            }
            0x95 => {
                self.take(8)?;
                Op::Skip
            }
            0x98 => Op::Skip,
            _ => return None,
        })
    }

    fn other(&mut self, length: usize) -> Option<Op<'a>> {
        self.take(length).map(|_| Op::Other)
    }
}

/// `'text'` without its quotes; escapes stay as they are.
fn unquoted(line: &[u8]) -> &[u8] {
    match line {
        [b'\'', inner @ .., b'\''] | [b'"', inner @ .., b'"'] => inner,
        _ => line,
    }
}
