//! Parts of a path whose names begin with a dot. Most lie in a folder such as `.venv`, so that a dot alone tells little.

/// True if a part of the path begins with a dot and one of these beginnings of names.
pub(crate) fn begins(path: &[u8], names: &[&str]) -> bool {
    memchr::memchr_iter(b'.', path).any(|at| {
        let (before, rest) = path.split_at(at);
        let name = rest.get(1..).unwrap_or(&[]);
        (before.is_empty() || before.ends_with(b"/"))
            && names.iter().any(|begin| name.starts_with(begin.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_begins_where_it_begins() {
        for path in [".ssh/x", "/home/me/.ssh", "/a.b/.c/.sshd"] {
            assert!(begins(path.as_bytes(), &["git", "ssh"]), "{path}");
        }
        for path in ["", ".", "a.ssh", "/x/.venv/ssh", "..ssh"] {
            assert!(!begins(path.as_bytes(), &["git", "ssh"]), "{path}");
        }
    }
}
