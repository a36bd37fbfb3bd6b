//! The kernel's version.

/// Its version as text.
pub(crate) fn release() -> Option<String> {
    setting("/proc/sys/kernel/osrelease")
}

/// True if the kernel is of this version or a later one.
pub(crate) fn is_at_least(major: u32, minor: u32) -> bool {
    release().is_some_and(|release| version(&release) >= (major, minor))
}

/// A file of one line.
pub(crate) fn setting(path: &str) -> Option<String> {
    let text = foretaste_io::files::read_text(path.as_ref(), 4096).ok()?;
    Some(text.trim().to_owned())
}

/// `6.18.5-x` is `(6, 18)`.
pub(crate) fn version(release: &str) -> (u32, u32) {
    let mut parts = release.split(|c: char| !c.is_ascii_digit());
    let mut number = || parts.next().and_then(|part| part.parse().ok()).unwrap_or(0);
    (number(), number())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(version("6.18.5"), (6, 18));
        assert_eq!(version("5.4-rc1"), (5, 4));
        assert_eq!(version("x"), (0, 0));
    }
}
