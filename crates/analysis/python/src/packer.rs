//! Obfuscators that sign what they make, or whose output has a shape of its own.
//!
//! A recognised file gets one layer that says who packed it; whether the packing could be undone is another matter.

use memchr::memmem;

/// How much of a file is looked at for a signature.
const HEAD: usize = 16 << 10;

/// Texts that only the output of one obfuscator has: all of them must stand in the file's beginning.
const SHAPES: &[(&str, &[&str])] = &[
    ("BlankOBF", &["=eval(\"\\", ".__name__", "\"\",_"]),
    (
        "BlankOBF",
        &[
            "__import__(getattr(__import__(bytes([",
            "98,97,115,101,54,52",
        ],
    ),
    ("Hyperion", &["__obfuscator__", "Hyperion", "__code__"]),
    ("Kramer", &["class Kramer", "_sparkle"]),
    (
        "Specter",
        &["class Specter", "def execute(", "return exec(str("],
    ),
    (
        "pyobfuscate.com",
        &["pyobfuscate=", "obfuscate = dict(map(lambda "],
    ),
    ("PyArmor", &["__pyarmor__(__name__, __file__, b"]),
    (
        "PyArmor",
        &["from pytransform import pyarmor", "__pyarmor__("],
    ),
    ("PyArmor", &["pyarmor_runtime", "__pyarmor__(__name__"]),
    ("SourceDefender", &["import sourcedefender", "---BEGIN PYE"]),
    ("Pyconcrete", &["import pyconcrete", "pyconcrete.run"]),
    ("Oxyry", &["#line:1", "#line:2", "#line:3", "O0"]),
];

/// Words before the name of a tool in a comment that it leaves.
const SIGNED: &[&str] = &[
    "obfuscated with ",
    "obfuscated by ",
    "obfuscated using ",
    "obfuscated via ",
    "has been obfuscated ",
    "code is obfuscated ",
];

/// The obfuscator that made a text, and where it shows. What makes such texts has its marks in strings: `is_code` tells
/// whether a byte stands outside of them.
pub(crate) fn recognise(text: &str, is_code: impl Fn(u32) -> bool) -> Option<(String, (u32, u32))> {
    let mut end = text.len().min(HEAD);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = text.get(..end)?;
    for (name, signs) in SHAPES {
        let mut places = signs
            .iter()
            .map(|s| memmem::find(head.as_bytes(), s.as_bytes()));
        if let Some(Some(first)) = places.next()
            && places.all(|p| p.is_some())
            && is_code(first as u32)
        {
            let at = first as u32;
            return Some(((*name).to_owned(), (at, at + 1)));
        }
    }
    signature(head, text)
}

/// `# Obfuscated with X`, above code that is packed indeed.
fn signature(head: &str, text: &str) -> Option<(String, (u32, u32))> {
    let mut at = 0;
    for line in head.split_inclusive('\n').take(20) {
        let start = at;
        at += line.len();
        let Some(comment) = line.trim().strip_prefix('#') else {
            continue;
        };
        let lower = comment.to_ascii_lowercase();
        let Some((sign, place)) = SIGNED
            .iter()
            .find_map(|s| lower.find(s).map(|place| (s, place)))
        else {
            continue;
        };
        let packed = text.lines().any(|l| l.len() > 400)
            && ["exec", "eval", "compile", "__import__", "marshal"]
                .iter()
                .any(|w| text.contains(w));
        if !packed {
            return None;
        }
        let name: String = comment
            .get(place + sign.len()..)
            .unwrap_or("")
            .trim_start_matches(|c: char| !c.is_alphanumeric())
            .trim_start_matches("with ")
            .trim_start_matches("by ")
            .chars()
            .take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
            .take(40)
            .collect();
        let name = if name.is_empty() {
            "an obfuscator".to_owned()
        } else {
            name
        };
        return Some((name, (start as u32, (start + line.trim_end().len()) as u32)));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Option<String> {
        recognise(text, |_| true).map(|(n, _)| n)
    }

    #[test]
    fn signed_output_is_recognised_and_talk_about_it_is_not() {
        let body = format!("exec(x('{}'))\n", "A".repeat(500));
        assert_eq!(
            name(&format!("# Obfuscated with Blotter\n{body}")).as_deref(),
            Some("Blotter")
        );
        assert_eq!(
            name(&format!(
                "# this code has been obfuscated with Inert\n{body}"
            ))
            .as_deref(),
            Some("Inert")
        );
        assert_eq!(
            name("__obfuscator__ = 'Hyperion'\n__code__ = 'x'\n").as_deref(),
            Some("Hyperion")
        );
        assert_eq!(name("# obfuscated by the vendor\nx = 1\n"), None);
        assert_eq!(name("print('BlankOBF and Hyperion are obfuscators')"), None);
    }
}
