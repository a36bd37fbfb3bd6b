//! One simple command with its words and redirections.

use super::Trace;

/// A word after quotes were removed and known variables filled in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Word {
    /// The text, as far as it is known.
    pub(crate) text: String,
    /// Where it stands.
    pub(crate) range: (u32, u32),
    /// Variables in it whose value is not known.
    pub(crate) unknown: Vec<String>,
    /// What flows into it from variables and substitutions.
    pub(crate) traces: Vec<Trace>,
}

/// A redirection of a stream.
#[derive(Clone, Debug)]
pub(crate) struct Redirect {
    /// `>`, `>>`, `<`, `<<<`, `>&`, ... without descriptors.
    pub(crate) operator: String,
    /// The file or here-string.
    pub(crate) target: Word,
}

/// A simple command.
#[derive(Clone, Debug, Default)]
pub(crate) struct Command {
    /// The name and the arguments.
    pub(crate) words: Vec<Word>,
    /// Its redirections.
    pub(crate) redirects: Vec<Redirect>,
    /// Where it stands.
    pub(crate) range: (u32, u32),
    /// The text of a here-document.
    pub(crate) heredoc: Option<(String, (u32, u32))>,
}

impl Command {
    /// The program's name: without folder and Windows extension, in lower case.
    pub(crate) fn name(&self) -> String {
        program(self.words.first().map_or("", |w| &w.text))
    }

    /// The first argument that is no option.
    pub(crate) fn first_argument(&self) -> Option<&Word> {
        self.words
            .iter()
            .skip(1)
            .find(|w| !w.text.is_empty() && !w.text.starts_with('-'))
    }
}

/// A list of arguments as one line that a shell would split the same way.
pub(crate) fn quoted_line(words: &[&str]) -> String {
    let plain = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_./:=@%+,".contains(&b))
    };
    let quoted = words.iter().map(|word| {
        if plain(word) {
            (*word).to_owned()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// True for a program that checks, moves or unpacks files.
pub(crate) fn handles_files(program: &str) -> bool {
    const HANDLE: &[&str] = &[
        "tar",
        "bsdtar",
        "unzip",
        "gunzip",
        "gzip",
        "xz",
        "7z",
        "bzip2",
        "zstd",
        "chmod",
        "chown",
        "mv",
        "cp",
        "rm",
        "mkdir",
        "sha256sum",
        "sha512sum",
        "shasum",
        "md5sum",
        "gpg",
        "minisign",
        "cosign",
        "patch",
        "git",
        "ar",
        "file",
        "strip",
        "xattr",
        "codesign",
        "rustfmt",
        "clang-format",
        "diff",
        "curl",
        "wget",
    ];
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
    HANDLE.contains(&name.trim_end_matches(".exe"))
}

/// The name of a program as the table knows it.
pub(crate) fn program(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    // a program in a folder of its own is not the system's program of that name
    let lower = match lower.rsplit_once(['/', '\\']) {
        Some((folder, name)) if is_system_folder(folder) => name.to_owned(),
        _ => lower,
    };
    for extension in [".exe", ".cmd", ".bat", ".com"] {
        if let Some(stem) = lower.strip_suffix(extension)
            && !stem.is_empty()
        {
            return stem.to_owned();
        }
    }
    lower
}

fn is_system_folder(folder: &str) -> bool {
    folder.ends_with("/bin")
        || folder.ends_with("/sbin")
        || folder == "/bin"
        || folder == "/sbin"
        || folder.contains("system32")
        || folder.contains("syswow64")
        || folder.contains("windowspowershell")
        || folder.contains("%systemroot%")
}
