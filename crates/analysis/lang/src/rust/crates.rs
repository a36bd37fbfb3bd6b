//! Which crates a file names.

use std::collections::BTreeMap;

use super::lex::{Kind, lex};

/// Bytes of a file that are looked at.
const MAX_BYTES: usize = 4 << 20;

/// The first segments of paths in a file (`time` of `use time::Date;` and of `time::now()`), and `extern crate` names, with
/// the line where each stands first. Modules of the file's own crate are among them: they look the same.
pub fn crates_named(text: &str) -> BTreeMap<String, u32> {
    let head = crate::head::of(text, MAX_BYTES);
    let mut found: BTreeMap<String, u32> = BTreeMap::new();
    let (mut line, mut counted) = (1_u32, 0_usize);
    let mut before = "";
    let tokens = lex(head);
    for token in &tokens {
        let Kind::Path(path) = &token.kind else {
            before = "";
            continue;
        };
        let first = path.split('.').next().unwrap_or(path);
        let whole = matches!(before, "use" | "crate");
        if (path.len() > first.len() || whole) && !first.is_empty() && !found.contains_key(first) {
            let start = token.range.0 as usize;
            let between = head.get(counted..start).unwrap_or_default();
            line += between.matches('\n').count() as u32;
            counted = counted.max(start);
            found.insert(first.to_owned(), line);
        }
        before = path;
    }
    found
}

/// A path as it is written, with dots for `::`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RustPath {
    /// The path, of one segment or more.
    pub path: String,
    /// Where it stands.
    pub line: u32,
    /// True if a parenthesis follows, or a macro's `!`.
    pub called: bool,
}

/// Every path of a file, comments and texts left out.
pub fn paths_named(text: &str) -> Vec<RustPath> {
    let head = crate::head::of(text, MAX_BYTES);
    let (mut line, mut counted) = (1_u32, 0_usize);
    let tokens = lex(head);
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let Kind::Path(path) = &token.kind else {
            continue;
        };
        let start = token.range.0 as usize;
        let between = head.get(counted..start).unwrap_or_default();
        line += between.matches('\n').count() as u32;
        counted = counted.max(start);
        let next = tokens.get(index + 1).map(|t| &t.kind);
        found.push(RustPath {
            path: path.clone(),
            line,
            called: matches!(next, Some(Kind::Mark('(' | '!'))),
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_are_named_by_use_by_path_and_by_extern() {
        let text = "// old::gone\nuse serde::{Deserialize, Serialize};\nextern crate libc;\nuse anyhow;\nfn a() {\n    let now = time::OffsetDateTime::now_utc(); // chrono::Utc\n    let s = \"regex::Regex\";\n    plain();\n}\n";
        let found = crates_named(text);
        let named: Vec<(&str, u32)> = found.iter().map(|(n, l)| (&**n, *l)).collect();
        assert_eq!(
            named,
            [("anyhow", 4), ("libc", 3), ("serde", 2), ("time", 6)]
        );
    }
}
