//! Which of a project's URLs is its home page, and which its source repository.

use super::reading::value;

/// Hosts of source repositories, by their end.
const FORGES: [&str; 7] = [
    "github.com",
    "gitlab.com",
    "bitbucket.org",
    "codeberg.org",
    "sr.ht",
    "gitee.com",
    "opendev.org",
];

/// Labels that mean the repository (PEP 753, without punctuation and blanks, lower case).
const REPOSITORY_LABELS: [&str; 9] = [
    "source",
    "repository",
    "sourcecode",
    "github",
    "gitlab",
    "code",
    "repo",
    "sources",
    "scm",
];

/// The URLs that have a role of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Links {
    pub(crate) homepage: Option<Box<str>>,
    pub(crate) repository: Option<Box<str>>,
}

/// Tells the roles: by label first, then, for the repository, by the host of a known forge.
pub(crate) fn links(homepage: Option<&str>, urls: &[(Box<str>, Box<str>)]) -> Links {
    let labelled = |wanted: &dyn Fn(&str) -> bool| {
        urls.iter()
            .find(|(label, _)| wanted(&plain(label)))
            .map(|(_, url)| &**url)
    };
    let homepage = homepage
        .or_else(|| labelled(&|label| label == "homepage"))
        .map(str::trim)
        .filter(|url| !url.is_empty());
    let repository = REPOSITORY_LABELS
        .iter()
        .find_map(|wanted| labelled(&|label| label == *wanted))
        .filter(|url| is_web(url))
        .map(|url| forge_repository(url).unwrap_or_else(|| url.to_owned()))
        .or_else(|| homepage.and_then(forge_repository))
        .or_else(|| urls.iter().find_map(|(_, url)| forge_repository(url)));
    Links {
        homepage: homepage.map(value),
        repository: repository.as_deref().map(value),
    }
}

fn is_web(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    url.starts_with("https://") || url.starts_with("http://") || url.starts_with("git")
}

/// The label normalisation of PEP 753: no punctuation, no blanks, lower case.
fn plain(label: &str) -> String {
    label
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// `https://github.com/owner/repo/issues` → `https://github.com/owner/repo`; none for other hosts.
fn forge_repository(url: &str) -> Option<String> {
    let parsed = url::Url::parse(url.trim().trim_start_matches("git+")).ok()?;
    let host = parsed.host_str()?;
    let host = host.strip_prefix("www.").unwrap_or(host);
    let known = FORGES
        .iter()
        .any(|forge| host == *forge || host.strip_suffix(forge).is_some_and(|h| h.ends_with('.')))
        || host.starts_with("gitlab.")
        || host.starts_with("git.");
    // `docs.github.com` and the pages hosts are no repositories; `git.sr.ht` is.
    if !known || host.starts_with("docs.") || host.starts_with("gist.") {
        return None;
    }
    let mut segments: Vec<&str> = parsed.path().split('/').filter(|s| !s.is_empty()).collect();
    if segments.len() < 2 || matches!(segments.first(), Some(&"sponsors" | &"orgs" | &"apps")) {
        return None;
    }
    let end = if host.contains("gitlab") {
        // Groups may be nested; `/-/` ends the project's path.
        segments
            .iter()
            .position(|s| *s == "-")
            .unwrap_or(segments.len())
    } else {
        2
    };
    segments.truncate(end);
    let path = segments.join("/");
    Some(format!(
        "https://{host}/{}",
        path.strip_suffix(".git").unwrap_or(&path)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(homepage: Option<&str>, urls: &[(&str, &str)]) -> Option<String> {
        let urls: Vec<(Box<str>, Box<str>)> = urls
            .iter()
            .map(|(label, url)| ((*label).into(), (*url).into()))
            .collect();
        links(homepage, &urls).repository.map(Into::into)
    }

    #[test]
    fn finds_the_repository_by_label_then_by_host() {
        for (homepage, urls, expected) in [
            (
                None,
                &[("Source Code", "https://github.com/o/r/")][..],
                Some("https://github.com/o/r"),
            ),
            (
                None,
                &[("Repository", "https://code.example/o/r")],
                Some("https://code.example/o/r"),
            ),
            (
                Some("https://www.github.com/o/r.git"),
                &[],
                Some("https://github.com/o/r"),
            ),
            (
                Some("https://docs.example/"),
                &[("Bug Tracker", "https://github.com/o/r/issues")],
                Some("https://github.com/o/r"),
            ),
            (
                None,
                &[("Code", "https://gitlab.com/g/sub/r/-/tree/main")],
                Some("https://gitlab.com/g/sub/r"),
            ),
            (None, &[("Funding", "https://github.com/sponsors/o")], None),
            (None, &[("x", "https://evilgithub.com/o/r")], None),
            (None, &[("Source", "javascript:alert(1)")], None),
            (Some("https://github.com/o"), &[], None),
        ] {
            assert_eq!(repository(homepage, urls).as_deref(), expected, "{urls:?}");
        }
    }

    #[test]
    fn the_home_page_may_be_a_labelled_url() {
        let urls = [("Home-Page".into(), "https://x.example".into())];
        assert_eq!(
            links(None, &urls).homepage.as_deref(),
            Some("https://x.example")
        );
    }
}
