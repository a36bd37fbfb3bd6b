//! The grammar of environment markers (PEP 508), to tell a broken one.

/// Names that a marker may ask about.
const VARIABLES: &[&str] = &[
    "python_version",
    "python_full_version",
    "os_name",
    "os.name",
    "sys_platform",
    "sys.platform",
    "platform_release",
    "platform_system",
    "platform_version",
    "platform.version",
    "platform_machine",
    "platform.machine",
    "platform_python_implementation",
    "platform.python_implementation",
    "python_implementation",
    "implementation_name",
    "implementation_version",
    "extra",
    "extras",
    "dependency_groups",
];

/// Nested brackets that are read.
const MAX_DEPTH: usize = 64;

/// Checks a marker. The error is the byte where it goes wrong, and what is wrong.
pub(super) fn check(text: &str) -> Result<(), (usize, String)> {
    let mut cursor = Cursor { text, at: 0 };
    cursor.any(0)?;
    cursor.blank();
    if cursor.at < text.len() {
        return Err((cursor.at, "the marker ends before this".to_owned()));
    }
    Ok(())
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn blank(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }

    fn word(&mut self) -> &'a str {
        self.blank();
        let rest = self.rest();
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')))
            .unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    }

    fn take(&mut self, token: &str) -> bool {
        self.blank();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    /// `a or b and c`: the order of binding does not matter to the grammar.
    fn any(&mut self, depth: usize) -> Result<(), (usize, String)> {
        loop {
            self.one(depth)?;
            match self.word() {
                joined @ ("and" | "or") => self.at += joined.len(),
                _ => return Ok(()),
            }
        }
    }

    fn one(&mut self, depth: usize) -> Result<(), (usize, String)> {
        if depth > MAX_DEPTH {
            return Err((self.at, "the marker nests too deeply".to_owned()));
        }
        if self.take("(") {
            self.any(depth + 1)?;
            if !self.take(")") {
                return Err((self.at, "a bracket of the marker is not closed".to_owned()));
            }
            return Ok(());
        }
        self.operand()?;
        self.operator()?;
        self.operand()
    }

    fn operand(&mut self) -> Result<(), (usize, String)> {
        self.blank();
        let rest = self.rest();
        if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            let Some(end) = rest.get(1..).and_then(|inner| inner.find(quote)) else {
                return Err((self.at, "a string of the marker is not closed".to_owned()));
            };
            self.at += end + 2;
            return Ok(());
        }
        let word = self.word();
        if VARIABLES.contains(&word) {
            self.at += word.len();
            return Ok(());
        }
        let what = if word.is_empty() {
            "the marker lacks a variable or a string".to_owned()
        } else {
            format!("`{word}` is no variable of markers")
        };
        Err((self.at, what))
    }

    fn operator(&mut self) -> Result<(), (usize, String)> {
        for token in ["<=", "<", "!=", "===", "==", ">=", ">", "~="] {
            if self.take(token) {
                return Ok(());
            }
        }
        match self.word() {
            "in" => self.at += 2,
            "not" => {
                self.at += 3;
                if self.word() != "in" {
                    return Err((self.at, "the marker lacks `in` after `not`".to_owned()));
                }
                self.at += 2;
            }
            _ => return Err((self.at, "the marker lacks an operator".to_owned())),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_markers_are_told_with_their_place() {
        for good in [
            "python_version<'3'",
            "(os_name == \"nt\" or sys_platform!='win32') and extra == 'x'",
            "'linux' in sys_platform",
            "platform_machine not  in 'x86_64 arm64'",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, at) in [
            ("python_version", 14),
            ("python_version < 3", 17),
            ("pythonversion < '3'", 0),
            ("python_version < '3' and", 24),
            ("(python_version < '3'", 21),
            ("python_version < '3' x", 21),
            ("python_version < '3", 17),
        ] {
            assert_eq!(check(bad).map_err(|(at, _)| at), Err(at), "{bad}");
        }
        assert!(check(&"(".repeat(100_000)).is_err());
    }
}
