//! Bringing names to a form in which look-alikes are equal.

use unicode_normalization::UnicodeNormalization;

/// Longer names than any registry allows are cut, so that work on hostile names is bounded.
const LONGEST: usize = 214;

/// Lower-case text with compatibility forms (full-width letters, ligatures) and letters of other scripts that look like
/// Latin ones replaced by what a reader takes them for.
pub(crate) fn latin(raw: &str) -> String {
    let raw = raw.trim();
    if raw.is_ascii() && raw.len() <= LONGEST {
        return raw.to_ascii_lowercase();
    }
    raw.nfkc()
        .take(LONGEST)
        .flat_map(char::to_lowercase)
        .filter(|c| !is_invisible(*c))
        .map(confusable)
        .collect()
}

/// Characters that show nothing.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e01ef}'
    )
}

/// The Latin letter that a letter of another script, or a letter with a mark, is taken for. A choice of the single-letter
/// entries of Unicode's `confusables.txt` (UTS #39) that have a lower-case form.
fn confusable(c: char) -> char {
    match c {
        'а' | 'ɑ' | 'α' | 'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' | 'ā' | 'ă' | 'ą' => 'a',
        'Ь' | 'ь' | 'ƅ' => 'b',
        'с' | 'ϲ' | 'ç' | 'ć' | 'č' | 'ċ' => 'c',
        'ԁ' | 'ɗ' | 'đ' | 'ď' => 'd',
        'е' | 'ҽ' | 'є' | 'é' | 'è' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ё' => 'e',
        'ƒ' => 'f',
        'ɡ' | 'ց' | 'ğ' | 'ģ' | 'ġ' => 'g',
        'һ' | 'հ' | 'ħ' => 'h',
        'і' | 'ı' | 'ι' | 'í' | 'ì' | 'î' | 'ï' | 'ī' | 'į' | 'ї' | 'ɩ' => 'i',
        'ј' | 'ϳ' => 'j',
        'κ' | 'к' | 'ķ' => 'k',
        'ӏ' | 'ł' | 'ļ' | 'ĺ' | 'ľ' => 'l',
        'м' => 'm',
        'ո' | 'η' | 'ñ' | 'ń' | 'ň' | 'п' => 'n',
        'о' | 'ο' | 'օ' | 'σ' | 'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'ø' | 'ō' | 'ő' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'г' | 'ř' | 'ŕ' => 'r',
        'ѕ' | 'ś' | 'š' | 'ş' | 'ș' => 's',
        'τ' | 'т' | 'ț' | 'ţ' | 'ť' => 't',
        'υ' | 'ս' | 'ú' | 'ù' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' | 'ų' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' | 'ω' | 'ѡ' | 'ŵ' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' | 'ү' | 'ý' | 'ÿ' => 'y',
        'ź' | 'ž' | 'ż' => 'z',
        '‐' | '‑' | '‒' | '–' | '—' | '−' | '﹣' | '·' | '․' => '-',
        other => other,
    }
}

/// The name without separators.
pub(crate) fn squash(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The squashed name with look-alike characters and pairs made equal: `0`/`o`, `1`/`i`/`l`, `rn`/`m`, `vv`/`w`, `cl`/`d`,
/// and the digits that stand for letters.
pub(crate) fn skeleton(squashed: &str) -> String {
    let mut out = String::with_capacity(squashed.len());
    for c in squashed.chars() {
        let c = match c {
            '0' => 'o',
            '1' | 'i' => 'l',
            '3' => 'e',
            '4' => 'a',
            '5' => 's',
            '7' => 't',
            '8' => 'b',
            other => other,
        };
        let pair = match (out.chars().next_back(), c) {
            (Some('r'), 'n') => Some('m'),
            (Some('v'), 'v') => Some('w'),
            (Some('c'), 'l') => Some('d'),
            _ => None,
        };
        if let Some(one) = pair {
            out.pop();
            out.push(one);
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_other_scripts_read_as_latin() {
        for raw in [
            "rеquests",
            "ｒｅｑｕｅｓｔｓ",
            "re\u{200b}quests",
            "REQUESTS",
            "réquests",
        ] {
            assert_eq!(latin(raw), "requests", "{raw:?}");
        }
    }

    #[test]
    fn look_alikes_have_one_skeleton() {
        for (a, b) in [
            ("1odash", "lodash"),
            ("rnoment", "moment"),
            ("vvs", "ws"),
            ("cljango", "django"),
            ("reque5ts", "requests"),
        ] {
            assert_eq!(skeleton(a), skeleton(b), "{a} {b}");
        }
        assert_ne!(skeleton("pandas"), skeleton("pandar"));
    }
}
