//! Lines, entropy, indentation: each a pass that runs at memory speed.

use foretaste_model::facts::TextShape;

/// Measures a text. `bytes` are the file's own, before decoding.
pub(crate) fn shape(text: &str, bytes: &[u8], encoding: &str, invalid_bytes: u32) -> TextShape {
    let (lines, longest_line) = lines(text);
    let (gap, at) = longest_gap(text.as_bytes());
    let above = text.as_bytes().get(..at).unwrap_or_default();
    TextShape {
        bytes: bytes.len() as u64,
        lines,
        longest_line,
        entropy: entropy(bytes),
        encoding: encoding.into(),
        invalid_bytes,
        longest_indent: saturate(gap),
        longest_indent_line: saturate(memchr::memchr_iter(b'\n', above).count() + 1),
    }
}

/// Shannon entropy, bits per byte.
pub(crate) fn entropy(bytes: &[u8]) -> f32 {
    if bytes.is_empty() {
        return 0.0;
    }
    // four tables, so that runs of one byte do not wait for themselves, and eight bytes by one read
    let mut tables = [[0_u32; 256]; 4];
    let [first, second, third, fourth] = &mut tables;
    let (chunks, rest) = bytes.as_chunks::<8>();
    for chunk in chunks {
        first[usize::from(chunk[0])] += 1;
        second[usize::from(chunk[1])] += 1;
        third[usize::from(chunk[2])] += 1;
        fourth[usize::from(chunk[3])] += 1;
        first[usize::from(chunk[4])] += 1;
        second[usize::from(chunk[5])] += 1;
        third[usize::from(chunk[6])] += 1;
        fourth[usize::from(chunk[7])] += 1;
    }
    for byte in rest {
        first[usize::from(*byte)] += 1;
    }
    let total = bytes.len() as f64;
    let bits: f64 = (0..256)
        .map(|i| {
            f64::from(tables[0][i])
                + f64::from(tables[1][i])
                + f64::from(tables[2][i])
                + f64::from(tables[3][i])
        })
        .filter(|n| *n > 0.0)
        .map(|n| {
            let p = n / total;
            -p * p.log2()
        })
        .sum();
    bits.max(0.0) as f32
}

/// How many lines, and the characters of the longest.
fn lines(text: &str) -> (u32, u32) {
    let bytes = text.as_bytes();
    let (mut count, mut longest, mut start) = (0_usize, 0, 0);
    let mut line = |from: usize, to: usize| {
        // characters are counted only where the bytes could beat the record
        if to - from > longest {
            let line = bytes.get(from..to).unwrap_or(&[]);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let characters = line.iter().filter(|b| (**b).cast_signed() >= -0x40).count();
            longest = longest.max(characters);
        }
    };
    for end in memchr::memchr_iter(b'\n', bytes) {
        line(start, end);
        start = end + 1;
        count += 1;
    }
    if start < bytes.len() {
        line(start, bytes.len());
        count += 1;
    }
    (saturate(count), saturate(longest))
}

/// The longest run of blanks that code follows on the same line (a letter or a digit), and where it begins. Marks alone
/// (`^ ^^` below a word) do nothing.
fn longest_gap(bytes: &[u8]) -> (usize, usize) {
    let blank = |i: usize| matches!(bytes.get(i), Some(b' ' | b'\t'));
    let (mut longest, mut at) = (0, 0);
    let mut begins = 0;
    // where code was last found, so that no line is searched twice
    let mut code = 0;
    // a run that beats the record has a blank `longest` bytes ahead: most places are never looked at
    while at + longest < bytes.len() {
        let probe = at + longest;
        if !blank(probe) {
            at = probe + 1;
            continue;
        }
        let mut from = probe;
        while from > at && blank(from - 1) {
            from -= 1;
        }
        let mut end = probe + 1;
        while blank(end) {
            end += 1;
        }
        at = end + 1;
        if end - from <= longest {
            continue;
        }
        if code < end {
            let rest = bytes.get(end..).unwrap_or(&[]);
            let is_code = |b: &u8| b.is_ascii_alphanumeric() || !b.is_ascii();
            let next = rest
                .iter()
                .position(|b| is_code(b) || matches!(b, b'\n' | b'\r'));
            let next = end + next.unwrap_or(rest.len());
            if !bytes.get(next).is_some_and(is_code) {
                // no other run of this line has code behind it
                at = next;
                continue;
            }
            code = next;
        }
        longest = end - from;
        begins = from;
    }
    (longest, begins)
}

fn saturate(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_and_gaps_are_measured() {
        let measured = |text: &str| {
            let shape = shape(text, text.as_bytes(), "utf-8", 0);
            (shape.lines, shape.longest_line, shape.longest_indent)
        };
        assert_eq!(measured(""), (0, 0, 0));
        assert_eq!(measured("a\n"), (1, 1, 0));
        assert_eq!(measured("ééé\r\nab"), (2, 3, 0));
        assert_eq!(measured("x = 1;     exec(y)\n      \n    z"), (3, 18, 5));
        let marks = format!("word\n?{}^ ^^\n", " ".repeat(130));
        assert_eq!(measured(&marks), (2, 135, 0));
        let pushed = format!("import os{}; exec(x)", " ".repeat(300));
        assert_eq!(measured(&pushed), (1, 318, 300));
        let below = format!("a\n\n{pushed}\nb");
        let line = |text: &str| shape(text, text.as_bytes(), "utf-8", 0).longest_indent_line;
        assert_eq!((line(&below), line("a\n      b")), (3, 2));
    }

    #[test]
    fn entropy_spans_nothing_to_eight_bits() {
        assert!(entropy(b"aaaaaaaaa") < 0.01);
        let all: Vec<u8> = (0..=255).collect();
        assert!((entropy(&all) - 8.0).abs() < 0.01);
    }

    proptest! {
        #[test]
        fn the_fast_passes_agree_with_plain_ones(text in "[a é\\t\\n]{0,120}") {
            let plain_gap = text
                .split('\n')
                .flat_map(|line| {
                    let mut runs = Vec::new();
                    let mut run = 0;
                    for c in line.chars() {
                        if c == ' ' || c == '\t' { run += 1 } else { runs.push(run); run = 0 }
                    }
                    runs
                })
                .max()
                .unwrap_or(0);
            prop_assert_eq!(longest_gap(text.as_bytes()).0, plain_gap as usize);
            let plain_longest = text.split('\n').map(|l| l.chars().count()).max().unwrap_or(0);
            prop_assert_eq!(lines(&text), (text.lines().count() as u32, plain_longest as u32));
        }
    }
}
