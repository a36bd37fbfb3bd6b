//! Packers whose output has a shape of its own: undone where that takes no evaluation, else named.

use memchr::memmem;

use crate::emit::Found;

/// What comes out of a packer is no longer than this.
const MAX_OUTPUT: usize = 4 << 20;

/// Calls of a function that are looked at.
const MAX_STARTS: usize = 64;

/// Code in signs alone is code from so many signs on.
const LEAST_SIGNS: usize = 400;

/// The code in Dean Edwards's packer: `eval(function(p,a,c,k,e,d){…}('0 1(2)',10,3,'var|f|x'.split('|'),0,{}))`.
pub(crate) fn unpack(text: &str) -> Option<Found> {
    // something else may be called in the same way before it
    let mut starts = memmem::find_iter(text.as_bytes(), b"eval(function").take(MAX_STARTS);
    starts.find_map(|start| unpack_at(text, start))
}

fn unpack_at(text: &str, start: usize) -> Option<Found> {
    let head: String = text
        .get(start..)?
        .chars()
        .take(80)
        .filter(|c| !c.is_whitespace())
        .collect();
    if !head.starts_with("eval(function(p,a,c,k,e,") {
        return None;
    }
    let mut at = start;
    loop {
        // the arguments stand behind the function's last brace
        at += memmem::find(text.get(at..)?.as_bytes(), b"}(")? + 2;
        let rest = text.get(at..)?.trim_start();
        if !rest.starts_with(['\'', '"']) {
            continue;
        }
        let (packed, rest) = quoted(rest)?;
        let (radix, rest) = number(rest)?;
        let (_count, rest) = number(rest)?;
        let (words, rest) = quoted(rest.trim_start().strip_prefix(',')?.trim_start())?;
        if !rest.trim_start().starts_with(".split(") || !(2..=62).contains(&radix) {
            return None;
        }
        let words: Vec<&str> = words.split('|').collect();
        return Some(Found {
            steps: vec!["p,a,c,k,e,d".into()],
            text: put_back(&packed, radix, &words),
            range: (start as u32, text.len() as u32),
            executed: true,
        });
    }
}

/// Puts the words back in the places of their numbers.
fn put_back(packed: &str, radix: usize, words: &[&str]) -> String {
    let mut out = String::with_capacity(packed.len() * 2);
    let mut token = String::new();
    let flush = |token: &mut String, out: &mut String| {
        let word = index(token, radix).and_then(|i| words.get(i));
        match word.filter(|w| !w.is_empty()) {
            Some(word) => out.push_str(word),
            None => out.push_str(token),
        }
        token.clear();
    };
    for c in packed.chars() {
        if out.len() > MAX_OUTPUT {
            break;
        }
        if c.is_ascii_alphanumeric() || c == '_' {
            token.push(c);
        } else {
            flush(&mut token, &mut out);
            out.push(c);
        }
    }
    flush(&mut token, &mut out);
    out
}

/// The number that a token stands for, with the digits `0-9a-zA-Z`.
fn index(token: &str, radix: usize) -> Option<usize> {
    if token.is_empty() || token.len() > 6 {
        return None;
    }
    token.bytes().try_fold(0usize, |sum, b| {
        let digit = match b {
            b'0'..=b'9' => b - b'0',
            b'a'..=b'z' => b - b'a' + 10,
            b'A'..=b'Z' => b - b'A' + 36,
            _ => return None,
        };
        (usize::from(digit) < radix).then(|| sum * radix + usize::from(digit))
    })
}

/// A string literal and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let mut out = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => match chars.next()?.1 {
                'n' => out.push('\n'),
                'r' => out.push('\r'),
                't' => out.push('\t'),
                other => out.push(other),
            },
            c if c == quote => return Some((out, text.get(at + 1..)?)),
            c => out.push(c),
        }
    }
    None
}

/// A comma, a number, and what follows.
fn number(text: &str) -> Option<(usize, &str)> {
    let text = text.trim_start().strip_prefix(',')?.trim_start();
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    Some((digits.parse().ok()?, rest))
}

/// Encoders of code as faces or signs, which nobody uses but to hide it: the name, and where it shows.
pub(crate) fn recognise(text: &str) -> Option<(&'static str, (u32, u32))> {
    let bytes = text.as_bytes();
    let at = |sign: &str| memmem::find(bytes, sign.as_bytes()).map(|at| at as u32);
    if let (Some(first), Some(_)) = (at("ﾟωﾟﾉ"), at("(ﾟДﾟ)")) {
        return Some(("aaencode", (first, first + 4)));
    }
    if let (Some(first), Some(_)) = (at("={___:++"), at("$$$$:")) {
        return Some(("jjencode", (first, first + 8)));
    }
    let only_signs = |b: &u8| {
        matches!(b, b'[' | b']' | b'(' | b')' | b'!' | b'+' | b';') || b.is_ascii_whitespace()
    };
    let signs = bytes.iter().take_while(|b| only_signs(b)).count();
    (signs == bytes.len() && signs >= LEAST_SIGNS).then_some(("JSFuck", (0, LEAST_SIGNS as u32)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_words_return_to_their_places() {
        let text = r"eval(function(p,a,c,k,e,d){e=function(c){return c};if(!''.replace(/^/,String)){while(c--){d[c]=k[c]||c}k=[function(e){return d[e]}]}return p}('0 1=2(\'3\');1.4(\'a b\')',5,5,'const|cp|require|child_process|exec'.split('|'),0,{}))";
        let found = unpack(text).expect("is packed");
        assert_eq!(
            found.text,
            "const cp=require('child_process');cp.exec('a b')"
        );
        let hidden = format!("eval(function(){{}}());{text}");
        assert_eq!(unpack(&hidden).map(|f| f.text), Some(found.text));
        assert!(unpack("eval(function(a,b){return a}('x',1,2,'y'))").is_none());
        assert!(unpack("eval(function(p,a,c,k,e,d){}('x',").is_none());
    }

    #[test]
    fn encoders_are_told_by_their_faces() {
        assert_eq!(
            recognise("ﾟωﾟﾉ= /｀ｍ´）ﾉ ~┻━┻ ; (ﾟДﾟ) ").map(|r| r.0),
            Some("aaencode")
        );
        assert_eq!(
            recognise(&"[][(![]+[])]".repeat(60)).map(|r| r.0),
            Some("JSFuck")
        );
        assert_eq!(recognise("[1, 2, 3].map((x) => !x)"), None);
    }
}
