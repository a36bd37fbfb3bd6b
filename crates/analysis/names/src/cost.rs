//! How likely one spelling is a slip of another: a Damerau-Levenshtein distance (optimal string alignment) in which the
//! slips that fingers and eyes really make cost less.

/// Names longer than this are not compared letter by letter.
pub(crate) const LONGEST: usize = 64;

const DOUBLED: f32 = 0.5;
const ENDING: f32 = 0.5;
const SWAPPED: f32 = 0.7;
const NEIGHBOUR: f32 = 0.7;
const VOWEL: f32 = 0.7;
const NUMERAL: f32 = 0.7;
const FIRST: f32 = 0.2;

/// The rows of a keyboard; keys next to each other, or one row apart, are neighbours.
const ROWS: [&[u8]; 4] = [b"1234567890", b"qwertyuiop", b"asdfghjkl", b"zxcvbnm"];

/// The cost of turning `target` into `written`, or `None` when it is above `most`.
pub(crate) fn cost(written: &[u8], target: &[u8], most: f32) -> Option<f32> {
    if written.len() > LONGEST || target.len() > LONGEST {
        return None;
    }
    // Three rows of the usual table are enough for transpositions.
    let mut before = [0.0_f32; LONGEST + 1];
    let mut above = [0.0_f32; LONGEST + 1];
    let mut row = [0.0_f32; LONGEST + 1];
    let mut edge = 0.0;
    let cells = above.iter_mut().skip(1).zip(0..target.len());
    for (cell, j) in cells {
        edge += gap(target, j);
        *cell = edge;
    }
    let at = |row: &[f32; LONGEST + 1], j: usize| row.get(j).copied().unwrap_or(f32::MAX);
    for (i, &w) in written.iter().enumerate() {
        let insert = gap(written, i);
        let mut least = at(&above, 0) + insert;
        if let Some(first) = row.first_mut() {
            *first = least;
        }
        for (j, &t) in target.iter().enumerate() {
            let mut best = at(&above, j)
                + if w == t {
                    0.0
                } else {
                    swap_letter(w, t, i == 0)
                };
            best = best.min(at(&above, j + 1) + insert);
            best = best.min(at(&row, j) + gap(target, j));
            let crossed = i > 0
                && j > 0
                && written.get(i - 1) == Some(&t)
                && target.get(j - 1) == Some(&w)
                && w != t;
            if crossed {
                best = best.min(at(&before, j - 1) + SWAPPED);
            }
            if let Some(cell) = row.get_mut(j + 1) {
                *cell = best;
            }
            least = least.min(best);
        }
        if least > most + SWAPPED {
            return None;
        }
        before = above;
        above = row;
    }
    let total = at(&above, target.len());
    (total <= most).then_some(total)
}

/// The cost of a letter that only one of the names has.
fn gap(name: &[u8], at: usize) -> f32 {
    let letter = name.get(at);
    let is_doubled = at > 0 && name.get(at - 1) == letter || name.get(at + 1) == letter;
    let is_last = at + 1 == name.len();
    if is_doubled {
        DOUBLED
    } else if is_last && letter.is_some_and(|l| *l == b's' || l.is_ascii_digit()) {
        ENDING
    } else if at == 0 {
        1.0 + FIRST
    } else {
        1.0
    }
}

/// The cost of one letter in place of another.
fn swap_letter(a: u8, b: u8, first: bool) -> f32 {
    let is_vowel = |c: u8| matches!(c, b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    let base = if a.is_ascii_digit() && b.is_ascii_digit() {
        NUMERAL
    } else if is_vowel(a) && is_vowel(b) {
        VOWEL
    } else if are_neighbours(a, b) {
        NEIGHBOUR
    } else {
        1.0
    };
    // Eyes rest on the first letter, so it is changed less by slip; attackers know that as well.
    if first { base + FIRST } else { base }
}

fn are_neighbours(a: u8, b: u8) -> bool {
    let find = |c: u8| {
        ROWS.iter().enumerate().find_map(|(row, keys)| {
            keys.iter()
                .position(|k| *k == c)
                .map(|column| (row, column))
        })
    };
    let (Some((row_a, column_a)), Some((row_b, column_b))) = (find(a), find(b)) else {
        return false;
    };
    row_a.abs_diff(row_b) <= 1 && column_a.abs_diff(column_b) <= 1
}

/// The highest cost at which a name of this many letters is still recognised: one slip in short names, two in long ones.
pub(crate) const fn allowance(letters: usize) -> f32 {
    match letters {
        0..=3 => 0.0,
        4 => 0.75,
        5..=7 => 1.2,
        _ => 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(written: &str, target: &str) -> Option<f32> {
        cost(written.as_bytes(), target.as_bytes(), 4.0)
    }

    #[test]
    fn likely_slips_cost_less() {
        let cheap = |a, b| of(a, b).expect("within four");
        assert!(cheap("aiohttpp", "aiohttp") < cheap("aioxhttp", "aiohttp"));
        assert!(cheap("flasl", "flask") < cheap("flasx", "flask"));
        assert!(cheap("axois", "axios") < 1.0);
        assert!(cheap("colurama", "colorama") < 1.0);
        assert!(cheap("request", "requests") < 1.0);
        assert!(cheap("requests", "requests").abs() < f32::EPSILON);
    }

    #[test]
    fn costs_do_not_depend_on_which_name_is_longer() {
        for (a, b) in [
            ("comander", "commander"),
            ("urllib", "urllib3"),
            ("abc", ""),
            ("kitten", "sitting"),
        ] {
            assert_eq!(of(a, b), of(b, a), "{a} {b}");
        }
    }

    #[test]
    fn far_names_are_given_up() {
        assert_eq!(cost(b"completely", b"different", 2.0), None);
        assert_eq!(cost(&[b'a'; 65], &[b'a'; 65], 2.0), None);
    }
}
