//! Names of files that keep secrets, as programs ask for them: whole, in parts, or in a pattern.

/// File names and endings that say by themselves what is in the file. Lower case.
const KEPT: &[&str] = &[
    ".npmrc",
    ".pypirc",
    ".netrc",
    ".git-credentials",
    ".pgpass",
    ".htpasswd",
    ".env",
    "id_rsa",
    "id_ed25519",
    "id_ecdsa",
    "wallet.dat",
    "logins.json",
    "login data",
    ".pem",
    ".p12",
    ".pfx",
    ".keystore",
    ".jks",
    ".kdbx",
    ".tfvars",
    ".tfstate",
    ".ovpn",
];

/// What a part of a file's name, or a pattern for one, asks for that keeps secrets.
///
/// A pattern may be a regular expression: its backslashes count for nothing. What goes on in letters is another name
/// (`.environment`).
pub fn secret_file(asked: &str) -> Option<&'static str> {
    // most of what names are compared with is shorter or a sentence
    if !(4..=4096).contains(&asked.len()) {
        return None;
    }
    let asked: String = asked
        .chars()
        .filter(|c| *c != '\\')
        .map(|c| c.to_ascii_lowercase())
        .collect();
    KEPT.iter().copied().find(|name| {
        asked
            .match_indices(name)
            .any(|(at, _)| is_whole(&asked, at, name))
    })
}

/// True if a name does not go on in letters behind its place, nor begins before it.
fn is_whole(text: &str, at: usize, name: &str) -> bool {
    let after = text.get(at + name.len()..).unwrap_or("");
    let ends = !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let before = text.get(..at).unwrap_or("");
    // `process.env` is no file
    let begins = name != ".env" || !before.ends_with(|c: char| c.is_alphanumeric() || c == ')');
    ends && begins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_patterns_of_secret_files_are_known() {
        for (asked, name) in [
            (".env", ".env"),
            (".env.", ".env"),
            (r"(^|\/)(\.env(\..+)?|.+\.pem)$", ".env"),
            (r"\.pem$", ".pem"),
            ("ID_RSA", "id_rsa"),
        ] {
            assert_eq!(secret_file(asked), Some(name), "{asked}");
        }
        for asked in [
            ".environment",
            "process.env",
            ".js",
            "env",
            r"\.json$",
            ".pemx",
            "",
        ] {
            assert_eq!(secret_file(asked), None, "{asked}");
        }
    }
}
