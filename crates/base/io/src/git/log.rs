//! The commits of a line.

/// A commit, as the log tells it. Everything but the ids is hostile text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedCommit {
    /// Its id.
    pub id: String,
    /// The ids of what it was built on; several for a merge.
    pub parents: Vec<String>,
    /// When it was committed, in seconds since 1970.
    pub seconds: i64,
    /// `Name <mail>` of who wrote it.
    pub author: String,
    /// The first line of its message.
    pub subject: String,
    /// The rest of its message.
    pub body: String,
    /// The files that it changed against its first parent.
    pub paths: Vec<String>,
}

/// What [`read`] understands: heads and names take turns, with a NUL between them; neither a message nor a quoted name
/// can hold one.
pub(super) const FORMAT: &str = "--format=%x00%H%n%P%n%ct%n%an <%ae>%n%s%n%b%x00";

/// The commits in the output of `git log --name-only` with [`FORMAT`].
pub(super) fn read(output: &[u8]) -> Vec<LoggedCommit> {
    let text = String::from_utf8_lossy(output);
    let mut parts = text.split('\0').skip(1);
    let mut all = Vec::new();
    while let (Some(head), Some(names)) = (parts.next(), parts.next()) {
        all.extend(commit(head, names));
    }
    all
}

fn commit(head: &str, names: &str) -> Option<LoggedCommit> {
    let mut lines = head.splitn(6, '\n');
    let (id, parents, seconds) = (lines.next()?, lines.next()?, lines.next()?);
    let (author, subject, body) = (lines.next()?, lines.next()?, lines.next().unwrap_or(""));
    Some(LoggedCommit {
        id: id.to_owned(),
        parents: parents
            .split_ascii_whitespace()
            .map(str::to_owned)
            .collect(),
        seconds: seconds.parse().ok()?,
        author: author.to_owned(),
        subject: subject.to_owned(),
        body: body.to_owned(),
        paths: names
            .lines()
            .filter(|l| !l.is_empty())
            .map(str::to_owned)
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_and_names_are_taken_apart() {
        let log = "\0c2\nc1 x1\n1700000300\nA <a@x.example>\nMerge it\nwhy\n\nmore\n\0\n\nuv.lock\nsrc/a.py\n\0c1\n\n1700000100\nB <b@x.example>\nStart\n\0";
        let all = read(log.as_bytes());
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].parents, ["c1", "x1"]);
        assert_eq!(all[0].body, "why\n\nmore\n");
        assert_eq!(all[0].paths, ["uv.lock", "src/a.py"]);
        assert!(all[1].parents.is_empty() && all[1].paths.is_empty());
    }
}
