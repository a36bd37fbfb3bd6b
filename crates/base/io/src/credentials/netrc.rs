//! The netrc file, as `ftp`, curl and pip read it.

use crate::{Environment, FileError, Secret, files};

/// A parsed netrc.
#[derive(Clone, Debug, Default)]
pub struct Netrc {
    entries: Vec<NetrcEntry>,
}

/// One `machine` or the `default`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetrcEntry {
    /// The host; none for `default`.
    pub machine: Option<Box<str>>,
    /// The user.
    pub login: Box<str>,
    /// The password.
    pub password: Secret,
}

/// An entry while it is read: machine, login, password.
type Draft = (Option<Box<str>>, Box<str>, Option<Secret>);

impl Netrc {
    /// Reads `$NETRC`, or `~/.netrc`, or `~/_netrc`; empty if there is none.
    ///
    /// # Errors
    /// When the file exists but cannot be read.
    pub fn find(env: &Environment) -> Result<Self, FileError> {
        let candidates = match env.var("NETRC") {
            Some(path) => vec![path.into()],
            None => env
                .home()
                .map(|home| vec![home.join(".netrc"), home.join("_netrc")])
                .unwrap_or_default(),
        };
        for path in candidates {
            if let Some(text) = files::read_config(&path)? {
                return Ok(Self::parse(&text));
            }
        }
        Ok(Self::default())
    }

    /// Parses the text. Unknown words are passed over, as every reader does; an entry without password is left out.
    pub fn parse(text: &str) -> Self {
        let mut netrc = Self::default();
        let mut entry: Option<Draft> = None;
        let mut words = Words::new(text);
        while let Some(word) = words.next_word() {
            match word.as_str() {
                "machine" => {
                    netrc.push(entry.take());
                    entry = words.next_word().map(|host| {
                        let host = host.to_ascii_lowercase().into_boxed_str();
                        (Some(host), "".into(), None)
                    });
                }
                "default" => {
                    netrc.push(entry.take());
                    entry = Some((None, "".into(), None));
                }
                "login" | "user" => {
                    let value = words.next_value().unwrap_or_default();
                    if let Some((_, login, _)) = &mut entry {
                        *login = value.into();
                    }
                }
                "password" => {
                    let value = words.next_value().unwrap_or_default();
                    if let Some((_, _, password)) = &mut entry {
                        *password = Some(Secret::new(value));
                    }
                }
                "account" => {
                    words.next_value();
                }
                "macdef" => words.skip_macro(),
                _ => {}
            }
        }
        netrc.push(entry);
        netrc
    }

    fn push(&mut self, entry: Option<Draft>) {
        if let Some((machine, login, Some(password))) = entry {
            self.entries.push(NetrcEntry {
                machine,
                login,
                password,
            });
        }
    }

    /// The entry for a host, else the `default` one.
    pub fn find_host(&self, host: &str) -> Option<&NetrcEntry> {
        let host = host.to_ascii_lowercase();
        self.entries
            .iter()
            .find(|e| e.machine.as_deref() == Some(&*host))
            .or_else(|| self.entries.iter().find(|e| e.machine.is_none()))
    }
}

/// Splits into words: white space separates, `"..."` with `\` escapes holds together, `#` at a word's start begins a
/// comment.
struct Words<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
}

impl<'a> Words<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            rest: text.chars().peekable(),
        }
    }

    fn next_word(&mut self) -> Option<String> {
        loop {
            match self.rest.peek()? {
                c if c.is_whitespace() => {
                    self.rest.next();
                }
                '#' => while self.rest.next_if(|c| *c != '\n').is_some() {},
                _ => break,
            }
        }
        self.next_value()
    }

    /// As [`Self::next_word`], but a `#` begins no comment: passwords may start with it.
    fn next_value(&mut self) -> Option<String> {
        while self.rest.next_if(|c| c.is_whitespace()).is_some() {}
        self.rest.peek()?;
        let quoted = self.rest.next_if_eq(&'"').is_some();
        let mut word = String::new();
        while let Some(c) = self.rest.peek().copied() {
            if (quoted && c == '"') || (!quoted && c.is_whitespace()) {
                if quoted {
                    self.rest.next();
                }
                break;
            }
            self.rest.next();
            if quoted && c == '\\' {
                word.extend(self.rest.next());
            } else {
                word.push(c);
            }
        }
        Some(word)
    }

    /// A macro ends at an empty line.
    fn skip_macro(&mut self) {
        let mut previous = ' ';
        for c in self.rest.by_ref() {
            if c == '\n' && previous == '\n' {
                return;
            }
            previous = c;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_machines_quotes_comments_macros_and_the_default() {
        let netrc = Netrc::parse(
            "# my hosts\nmachine A.example login me password s3cret\n\
             machine b.example\n  login \"a user\" password \"p \\\" q\"\n\
             macdef init\ncd /x\nmachine evil.example login x password y\n\n\
             machine nopass.example login x\n\
             machine hash.example login x password #1\n\
             default login anon password guest\n",
        );
        let found = |host| {
            netrc
                .find_host(host)
                .map(|e| format!("{}:{}", e.login, e.password.expose()))
        };
        assert_eq!(found("a.example").as_deref(), Some("me:s3cret"));
        assert_eq!(found("b.example").as_deref(), Some("a user:p \" q"));
        assert_eq!(found("hash.example").as_deref(), Some("x:#1"));
        assert_eq!(found("evil.example").as_deref(), Some("anon:guest"));
        assert_eq!(found("nopass.example").as_deref(), Some("anon:guest"));
    }

    #[test]
    fn the_variable_replaces_the_home_files() {
        let dir = tempfile::tempdir().expect("a folder");
        for (name, host) in [("home/.netrc", "home.example"), ("other", "other.example")] {
            let text = format!("machine {host} login u password p");
            files::write(&dir.path().join(name), text.as_bytes()).expect("written");
        }
        let env = Environment::below(dir.path()).with_home(dir.path().join("home"));
        let netrc = Netrc::find(&env).expect("readable");
        assert!(netrc.find_host("home.example").is_some());
        let other = dir.path().join("other");
        let netrc = Netrc::find(&env.with("NETRC", &other.to_string_lossy())).expect("readable");
        assert!(netrc.find_host("home.example").is_none());
        assert!(netrc.find_host("other.example").is_some());
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,200}") {
            let _ = Netrc::parse(&text);
        }
    }
}
