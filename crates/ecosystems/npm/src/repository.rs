//! The many spellings of a source repository, brought to one HTTPS URL where that is possible.

/// Hosts that npm knows by a short name.
const SHORTHANDS: [(&str, &str); 4] = [
    ("github:", "https://github.com/"),
    ("gitlab:", "https://gitlab.com/"),
    ("bitbucket:", "https://bitbucket.org/"),
    ("gist:", "https://gist.github.com/"),
];

/// Brings `github:u/r`, `u/r`, `git+https://h/u/r.git`, `git@h:u/r.git`, `ssh://git@h/u/r` to `https://h/u/r`.
///
/// What is none of these is returned as written, without blanks around it.
pub fn normalise(raw: &str) -> String {
    let raw = raw.trim();
    for (prefix, base) in SHORTHANDS {
        if let Some(rest) = raw.strip_prefix(prefix) {
            return format!("{base}{}", strip_git(rest));
        }
    }
    if is_hosted_pair(raw) {
        return format!("https://github.com/{}", strip_git(raw));
    }
    let url = raw.strip_prefix("git+").unwrap_or(raw);
    for scheme in ["ssh://", "git://", "https://", "http://"] {
        if let Some(rest) = url.strip_prefix(scheme) {
            let rest = without_user(rest);
            let scheme = if scheme == "http://" {
                scheme
            } else {
                "https://"
            };
            let rest = if url.starts_with("ssh://") {
                scp_to_path(rest)
            } else {
                rest.to_owned()
            };
            return format!("{scheme}{}", strip_git(&rest));
        }
    }
    if is_scp(raw) {
        return format!("https://{}", strip_git(&scp_to_path(without_user(raw))));
    }
    url.to_owned()
}

/// `user/repo` or `user/repo#ref`: npm reads it as a GitHub repository.
pub(crate) fn is_hosted_pair(text: &str) -> bool {
    let body = text.split('#').next().unwrap_or("");
    let Some((user, repo)) = body.split_once('/') else {
        return false;
    };
    let plain = |s: &str| {
        !s.is_empty()
            && s.chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    plain(user) && plain(repo) && !user.starts_with('.')
}

/// `git@host:user/repo.git`.
pub(crate) fn is_scp(text: &str) -> bool {
    text.split_once('@').is_some_and(|(user, rest)| {
        !user.is_empty()
            && !user.contains(['/', ':', ' '])
            && rest
                .split_once(':')
                .is_some_and(|(host, path)| host.contains('.') && !path.is_empty())
    })
}

/// The user information before the host, which may be a password, is no part of a public URL.
fn without_user(rest: &str) -> &str {
    let host_end = rest.find('/').unwrap_or(rest.len());
    match rest.get(..host_end).and_then(|host| host.rfind('@')) {
        Some(at) => rest.get(at + 1..).unwrap_or(rest),
        None => rest,
    }
}

/// `host:user/repo` → `host/user/repo`; a port stays.
fn scp_to_path(rest: &str) -> String {
    match rest.split_once(':') {
        Some((host, path))
            if !host.contains('/') && !path.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            format!("{host}/{path}")
        }
        _ => rest.to_owned(),
    }
}

fn strip_git(text: &str) -> String {
    let (body, fragment) = match text.split_once('#') {
        Some((body, fragment)) => (body, Some(fragment)),
        None => (text, None),
    };
    let body = body.trim_end_matches('/');
    let body = body.strip_suffix(".git").unwrap_or(body);
    match fragment {
        Some(fragment) if !fragment.is_empty() => format!("{body}#{fragment}"),
        _ => body.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_becomes_one_https_url() {
        for raw in [
            "u/r",
            "github:u/r",
            "git+https://github.com/u/r.git",
            "git+ssh://git@github.com/u/r.git",
            "git@github.com:u/r.git",
            "ssh://git@github.com:u/r.git",
            "git://github.com/u/r.git",
            "https://user:secret@github.com/u/r/",
        ] {
            assert_eq!(normalise(raw), "https://github.com/u/r", "{raw}");
        }
        assert_eq!(normalise("gitlab:a/b#dev"), "https://gitlab.com/a/b#dev");
        assert_eq!(
            normalise("http://plain.example/x"),
            "http://plain.example/x"
        );
        assert_eq!(normalise("none"), "none");
        assert_eq!(
            normalise("ssh://git@git.example:2222/u/r.git"),
            "https://git.example:2222/u/r"
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_normalised_without_a_panic(text in "\\PC*") {
            let _ = normalise(&text);
        }
    }
}
