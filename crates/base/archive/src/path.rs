//! Member names made safe.

use foretaste_model::AnomalyKind;
use unicode_normalization::UnicodeNormalization as _;

use crate::session::Session;

/// A member's name: how it was spelt and where it lands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// The bytes in the archive.
    pub(crate) raw: Box<[u8]>,
    /// The text, for anomalies.
    pub(crate) shown: String,
    /// Relative, `/`-separated, without `.` and `..`.
    pub(crate) path: String,
}

impl Name {
    /// Judges and sanitises a name given as text.
    pub(crate) fn new(cx: &mut Session<'_>, prefix: &str, raw: &[u8], text: &str) -> Self {
        let shown = format!("{prefix}{text}");
        let most = usize::try_from(cx.limits.name_bytes).unwrap_or(usize::MAX);
        let mut text = text;
        if text.len() > most {
            let len = text.len();
            cx.note(
                AnomalyKind::NameTooLong,
                &shown,
                format!("its name has {len} bytes, more than the {most} allowed; it is cut"),
            );
            text = &text[..text.floor_char_boundary(most)];
        }
        if let Some(what) = strange(text) {
            cx.note(AnomalyKind::StrangeName, &shown, what);
        }
        // Python and C tools end a name at its first NUL.
        let text = text.split('\0').next().unwrap_or_default();
        let clean = sanitise(text);
        if clean.absolute {
            cx.note(AnomalyKind::AbsolutePath, &shown, "its path is absolute");
        }
        if clean.climbs {
            cx.note(
                AnomalyKind::PathTraversal,
                &shown,
                "its path contains `..`, which leaves its folder",
            );
        }
        Self {
            raw: raw.into(),
            shown,
            path: clean.path,
        }
    }
}

/// A sanitised path and what had to be taken out of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Clean {
    pub(crate) path: String,
    pub(crate) absolute: bool,
    pub(crate) climbs: bool,
}

/// Makes a path relative and `/`-separated. A `..` takes back the folder before it, if there is one.
///
/// Backslashes separate too: Windows extracts them so, and elsewhere they hide a folder in a file name.
pub(crate) fn sanitise(text: &str) -> Clean {
    let mut rest = text;
    let mut absolute = rest.starts_with(['/', '\\']);
    while let [drive, b':', ..] = rest.as_bytes()
        && drive.is_ascii_alphabetic()
    {
        absolute = true;
        rest = &rest[2..];
    }
    let mut climbs = false;
    let mut parts: Vec<&str> = Vec::new();
    for part in rest.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                climbs = true;
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    Clean {
        path: parts.join("/"),
        absolute,
        climbs,
    }
}

/// What is strange about a name, if anything.
fn strange(text: &str) -> Option<&'static str> {
    if text.is_ascii() {
        return text
            .bytes()
            .any(|b| b.is_ascii_control())
            .then_some("its name contains control characters");
    }
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            char::REPLACEMENT_CHARACTER => return Some("its name is not valid UTF-8"),
            c if c.is_control() => return Some("its name contains control characters"),
            '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}'
            | '\u{200E}'
            | '\u{200F}'
            | '\u{061C}' => {
                return Some("its name contains characters that reverse the reading direction");
            }
            // Joiners belong to emoji and to some scripts, but not next to ASCII.
            '\u{200C}' | '\u{200D}'
                if !before.is_ascii() && chars.peek().is_some_and(|n| !n.is_ascii()) => {}
            '\u{00AD}'
            | '\u{034F}'
            | '\u{115F}'
            | '\u{1160}'
            | '\u{17B4}'
            | '\u{17B5}'
            | '\u{180B}'..='\u{180E}'
            | '\u{200B}'..='\u{200D}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{2060}'..='\u{2064}'
            | '\u{206A}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{E0000}'..='\u{E0FFF}' => return Some("its name contains invisible characters"),
            _ => {}
        }
        before = c;
    }
    None
}

/// A path as a case-insensitive, normalising file system sees it.
pub(crate) fn folded(path: &str) -> String {
    if path.is_ascii() {
        path.to_ascii_lowercase()
    } else {
        path.nfc()
            .flat_map(char::to_lowercase)
            .collect::<String>()
            .nfc()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_traversal_and_of_absolute_paths_is_made_relative() {
        let cases = [
            ("a/b.py", "a/b.py", false, false),
            ("./a//b.py", "a/b.py", false, false),
            ("../evil", "evil", false, true),
            ("a/../../evil", "evil", false, true),
            ("a/../b", "b", false, true),
            ("..\\..\\evil", "evil", false, true),
            ("a\\b", "a/b", false, false),
            ("/etc/passwd", "etc/passwd", true, false),
            ("//host/x", "host/x", true, false),
            ("\\\\host\\x", "host/x", true, false),
            ("C:\\x", "x", true, false),
            ("c:x", "x", true, false),
            ("C:D:/x", "x", true, false),
            ("/../x", "x", true, true),
            ("...", "...", false, false),
            ("..", "", false, true),
            ("", "", false, false),
        ];
        for (given, path, absolute, climbs) in cases {
            let expected = Clean {
                path: path.into(),
                absolute,
                climbs,
            };
            assert_eq!(sanitise(given), expected, "{given}");
        }
    }

    #[test]
    fn strange_names_are_told_from_foreign_ones() {
        for fine in [
            "plain.txt",
            "größe.txt",
            "日本語.md",
            "👩\u{200D}💻.svg",
            "❤\u{FE0F}.png",
            "می\u{200C}خواهم.txt",
        ] {
            assert_eq!(strange(fine), None, "{fine}");
        }
        for odd in [
            "a\nb",
            "a\x1b[31m",
            "a\0.txt",
            "gpj.\u{202E}exe",
            "se\u{200B}tup.py",
            "se\u{200D}tup.py",
            "a\u{FFFD}",
            "x\u{E0041}",
            "\u{FEFF}setup.py",
        ] {
            assert!(strange(odd).is_some(), "{odd:?}");
        }
    }

    #[test]
    fn folding_joins_case_and_normalisation() {
        assert_eq!(folded("README.md"), folded("readme.MD"));
        assert_eq!(folded("É.txt"), folded("e\u{301}.txt"));
        assert_ne!(folded("a"), folded("b"));
    }
}
